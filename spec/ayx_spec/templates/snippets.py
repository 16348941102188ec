"""Template text that the patches put in: Jinja and Python, no logic of ours."""

from __future__ import annotations

__all__ = [
    "ADDITIONAL_KEYS",
    "ASYNC_CONTENT",
    "BUILD_RESPONSE",
    "CLASS_DOCSTRING",
    "DEFAULT_TIMEOUT",
    "END_OF_MODULE",
    "ERROR_RESPONSE",
    "FIELD_TABLE",
    "IMPORTS_BELOW",
    "IMPORTS_FOR_TYPES",
    "LAST_METHOD",
    "PACKAGE_DOCSTRING",
    "PARSE_RESPONSE",
    "PLAIN",
    "RETURN_TYPE",
    "STATUS_OF",
    "STOCK_BUILD_RESPONSE",
    "STOCK_PLAIN",
    "STREAM",
    "STREAM_IMPORTS",
    "UNKNOWN_MEMBER",
    "UNKNOWN_MEMBERS",
]

UNKNOWN_MEMBER = '''
    @classmethod
    def _missing_(cls, value: object) -> "{{{{ enum.class_info.name }}}} | None":
        """Keep a value that this document does not name, as a member of its own and always the same one."""
        if not isinstance(value, {kind}):
            return None
        if value in _UNKNOWN:
            return _UNKNOWN[value]
        member = {kind}.__new__(cls, value)
        member._name_ = f"UNKNOWN_{{value}}"
        member._value_ = value
        # Limited, for a Server that makes up values without end.
        return _UNKNOWN.setdefault(value, member) if len(_UNKNOWN) < 1000 else member

    def __str__'''

#: Below the class.
UNKNOWN_MEMBERS = """
#: Members that the document does not name, met so far.
_UNKNOWN: dict[{kind}, {{{{ enum.class_info.name }}}}] = {{}}
"""

STOCK_PLAIN = """\
    return {call}(
        {{{{ kwargs(endpoint) }}}}
    {end}.parsed
"""

STOCK_BUILD_RESPONSE = """\
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )
"""

BUILD_RESPONSE = """\
{% set path = endpoint.path | in_double_quote_literal %}
    with deviations.collected() as found:
        parsed = _parse_response(client=client, response=response)
    return Response(
        status_code=status_of(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=parsed,
        deviations=deviations.told(found, "{{ endpoint.method | upper }} {{ path }}", response.extensions.get("mask")),
        raw=response,
    )
"""

ERROR_RESPONSE = '''
import json
from typing import Any

from .deviations import UnexpectedContent
from .types import Response

#: Where the Server's words are in the JSON of an error, by preference; compared in lower case.
_WORDS = ("message", "error_description", "detail", "title", "error")


class ErrorResponse(Exception):
    """An answer whose status is not that of success; raised by the methods of a client.

    Attributes:
        operation: Method and path.
        response: The answer, with its status, headers, content and, where the document describes it, its object.
        status_code: Its status.
    """

    def __init__(self, operation: str, response: Response[Any]) -> None:
        self.operation = operation
        self.response = response
        self.status_code = int(response.status_code)
        super().__init__(operation, response)

    def __str__(self) -> str:
        phrase = getattr(self.response.status_code, "phrase", "")
        return ": ".join(filter(None, (self.operation, f"{self.status_code} {phrase}".rstrip(), self._words())))

    def _words(self) -> str:
        """Return what the Server said, on one printable line."""
        try:
            value = json.loads(self.response.content)
        except (ValueError, RecursionError):
            return ""
        if isinstance(value, dict):
            words = {str(key).lower(): text for key, text in value.items() if isinstance(text, str)}
            value = next((words[name] for name in _WORDS if name in words), "")
        return " ".join(ascii(value)[1:-1].split())[:300] if isinstance(value, str) else ""


class UnexpectedStatus'''

STREAM_IMPORTS = """\
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, cast
"""

ASYNC_CONTENT = """\
{% if endpoint.bodies | selectattr("body_type", "equalto", "content") | list %}
    _kwargs = _with_async_content(_kwargs)
{% endif %}
    _response = await client"""

END_OF_MODULE = """\
    return _parsed(await asyncio_detailed(
        {{ kwargs(endpoint) }}
    ))
{% endif %}
"""

STREAM = """
{% if success(endpoint) == "File" %}
def sync_stream(
    {{ arguments(endpoint) | indent(4) }}
) -> AbstractContextManager[httpx.Response]:
    {{ short_docstring(endpoint, " Unread: `iter_bytes()` gives its pieces.") | indent(4) }}
    _stream = client.get_httpx_client().stream(**_get_kwargs(
        {{ kwargs(endpoint, include_client=False) }}
    ))
    return _checked(_stream, "{{ accepted(endpoint) }}")


def asyncio_stream(
    {{ arguments(endpoint) | indent(4) }}
) -> AbstractAsyncContextManager[httpx.Response]:
    {{ short_docstring(endpoint, " Unread: `aiter_bytes()` gives its pieces.") | indent(4) }}
    _stream = client.get_async_httpx_client().stream(**_get_kwargs(
        {{ kwargs(endpoint, include_client=False) }}
    ))
    return _achecked(_stream, "{{ accepted(endpoint) }}")
{% endif %}
"""

STATUS_OF = '''
def status_of(code: int) -> HTTPStatus | int:
    """Return a status as `HTTPStatus`, or as the number it is: proxies answer 499 and 520."""
    try:
        return HTTPStatus(code)
    except ValueError:
        return code


T = TypeVar("T")
'''

PLAIN = """\
    return _parsed({call}(
        {{{{ kwargs(endpoint) }}}}
    ))
"""

DEFAULT_TIMEOUT = '''
def _default_timeout() -> httpx.Timeout:
    """Return the time limits in seconds: no request waits for ever unless `timeout=None` says so."""
    return httpx.Timeout(30.0, connect=5.0)


{% set attrs_info = {'''

RETURN_TYPE = """\
{% set typed = namespace(strings=[]) %}
{% for response in endpoint.responses if response.source.return_type != "None" %}
{% set typed.strings = typed.strings + [response.prop.get_type_string() | as_unembedded_code] %}
{% endfor %}
{% set parsed_responses = typed.strings | length > 0 %}
{% set return_string = typed.strings | unique(true) | sort(case_sensitive=true) | join(" | ") or "Any" %}
{% set return_string = PythonCode(return_string) %}
{% set or_none = "" if return_string.as_unembedded_code() == "Any" else " | None" %}
"""

PARSE_RESPONSE = """\
{% macro parse_response(endpoint, response) %}
{% set kind = response.prop.get_type_string() | as_unembedded_code %}
{% set name = response.prop.python_name %}
{% if response.source.return_type == "None" %}
return None
{% elif response.source.return_type == "bytes" and kind == "File" %}
return downloads.file_of(response, "{{ accepted(endpoint) }}")
{% elif response.source.return_type == "Any" %}
data = values.{{ reader(response.prop) }}
if data is UNSET:
    return None
{% set expression = read(response.prop, "data", "data", "answer", "values.required") %}
{{ name }}: {{ kind }}{{ "" if kind == "Any" else " | None" }} = {{ expression }}
return {{ name }}
{% elif response.source.return_type == "str" and kind == "str" %}
return downloads.text_of(response, "{{ accepted(endpoint) }}")
{% elif response.source.return_type == kind %}
return {{ response.source.attribute }}
{% else %}
return cast({{ kind }}, {{ response.source.attribute }})
{% endif %}
{% endmacro %}
"""

CLASS_DOCSTRING = """\
{% macro class_docstring_content(model) %}
{% set text = model.description or model.title or ("The object " ~ model.class_info.name ~ ".") %}
{{ described(line(text), model.required_properties + model.optional_properties, "Attributes") | trim }}
{% endmacro %}

"""

FIELD_TABLE = """\
{% if model.required_properties or model.optional_properties %}
#: Attributes and the names they have in JSON.
_FIELDS = (
    {% for property in model.required_properties + model.optional_properties %}
    ("{{ property.python_name }}", "{{ property.name | in_double_quote_literal }}"),
    {% endfor %}
)
{% if model.additional_properties %}
_KEYS = frozenset(key for _, key in _FIELDS)
{% endif %}
{% endif %}

@_attrs_define
class """

IMPORTS_FOR_TYPES = """\
{% for lazy_import in model.lazy_imports | sort %}
{% if loop.first %}
if TYPE_CHECKING:
{% endif %}
  {{ lazy_import }}
{% endfor %}
"""

LAST_METHOD = """\
    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
    {% endif %}
"""

IMPORTS_BELOW = """
{% for lazy_import in model.lazy_imports | sort %}
{% if loop.first %}
# Below the class, because models refer to each other in circles.
{% endif %}
{{ lazy_import }}
{% endfor %}
"""

ADDITIONAL_KEYS = """\
    {% if model.additional_properties %}
    @property
"""

PACKAGE_DOCSTRING = '''\
"""Typed client of {{ line(openapi.title) }}.

Generated, never edited: `generated.json` names the documents and tools it was made from.
Operations are functions in `api.<tag>`; each takes the client as `client=`.
"""

'''
