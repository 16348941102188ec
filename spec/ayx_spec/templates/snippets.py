"""Template text that the patches put in: Jinja and Python, no logic of ours."""

from __future__ import annotations

__all__ = [
    "ADDITIONAL_KEYS",
    "CLASS_DOCSTRING",
    "DEFAULT_TIMEOUT",
    "FIELD_TABLE",
    "IMPORTS_BELOW",
    "IMPORTS_FOR_TYPES",
    "LAST_METHOD",
    "PACKAGE_DOCSTRING",
    "PARSE_RESPONSE",
    "RETURN_TYPE",
    "STATUS_OF",
    "UNEXPECTED_CONTENT",
    "UNKNOWN_MEMBER",
]

UNKNOWN_MEMBER = '''
    @classmethod
    def _missing_(cls, value: object) -> "{{{{ enum.class_info.name }}}} | None":
        """Keep a value that this document does not know as a member of its own."""
        if not isinstance(value, {kind}):
            return None
        member = {kind}.__new__(cls, value)
        member._name_ = f"UNKNOWN_{{value}}"
        member._value_ = value
        return member

    def __str__'''

STATUS_OF = '''
def status_of(code: int) -> HTTPStatus | int:
    """Return a status as `HTTPStatus`, or as the number it is: proxies answer 499 and 520."""
    try:
        return HTTPStatus(code)
    except ValueError:
        return code


T = TypeVar("T")
'''

UNEXPECTED_CONTENT = '''
class UnexpectedContent(Exception):
    """A successful answer whose content is not of the described kind, such as a login page instead of JSON."""

    def __init__(self, status_code: int, content_type: str, content: bytes):
        self.status_code = status_code
        self.content_type = content_type
        self.content = content

        super().__init__(f"status {status_code} with {content_type or 'content of no type'} instead of JSON")


__all__ = ["UnexpectedContent", "UnexpectedStatus"]'''

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
{% macro parse_response(parsed_responses, response) %}
{% set kind = response.prop.get_type_string() | as_unembedded_code %}
{% set name = response.prop.python_name %}
{% if response.source.return_type == "None" %}
return None
{% elif response.source.return_type == "bytes" and kind == "File" %}
return File(payload=BytesIO(response.content), mime_type=response.headers.get("content-type"))
{% elif response.source.return_type == "Any" %}
{{ name }}: {{ kind }}{{ "" if kind == "Any" else " | None" }} = {{ read(response.prop, "values.json_of(response)") }}
return {{ name }}
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
