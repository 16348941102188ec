"""What is different from the stock templates of openapi-python-client, one named patch per difference."""

from __future__ import annotations

from importlib.resources import files

from ayx_spec.templates import snippets
from ayx_spec.templates.operation_patches import OPERATION_PATCHES
from ayx_spec.templates.patching import Edit, Patch, Region, Whole

__all__ = ["ADDED_FILES", "ADDED_TEMPLATES", "PATCHES"]


def _added(name: str) -> str:
    return (files(__package__) / "added" / name).read_text(encoding="utf-8")


#: Templates that stand beside the stock ones.
ADDED_TEMPLATES = {name: _added(name) for name in ("reading.jinja", "operation_docstring.jinja")}

#: Modules that every generated package gets as they are.
ADDED_FILES = {
    f"{name}.py": _added(f"{name}.py.jinja")
    for name in ("calls", "deviations", "downloads", "file_names", "paths", "saving", "values")
}


def _enum_edits(kind: str) -> tuple[Edit, ...]:
    last = "        return str(self.value)\n"
    return (
        Edit("\n    def __str__", snippets.UNKNOWN_MEMBER.format(kind=kind)),
        Edit(last, last + snippets.UNKNOWN_MEMBERS.format(kind=kind)),
    )


def _mutation(change: str) -> str:
    """Return the stock lines that write a change for a copy into the connections of the original."""
    return (
        f"        if self._client is not None:\n            self._client.{change}\n"
        f"        if self._async_client is not None:\n            self._async_client.{change}\n"
    )


PATCHES = (
    Patch(
        "random multipart boundary",
        "endpoint_module.py.jinja",
        (
            Edit(
                '    {%- if body.content_type == "multipart/form-data" %}\n'
                '    headers["Content-Type"] = "multipart/form-data; boundary=+++"\n'
                "    {% else %}\n",
                '    {%- if body.content_type != "multipart/form-data" %}\n',
            ),
            Edit(
                '        {%- if body.content_type == "multipart/form-data" %}\n'
                '        headers["Content-Type"] = "multipart/form-data; boundary=+++"\n'
                "        {% else %}\n",
                '        {%- if body.content_type != "multipart/form-data" %}\n',
            ),
        ),
    ),
    Patch(
        "any status code in an answer",
        "endpoint_module.py.jinja",
        (
            Edit(snippets.STOCK_BUILD_RESPONSE, snippets.BUILD_RESPONSE),
            Edit("from http import HTTPStatus\n", ""),
            Edit("from ...types import Response, UNSET\n", "from ...types import Response, UNSET, Unset, status_of\n"),
        ),
    ),
    Patch(
        "any status code in a Response",
        "types.py.jinja",
        (
            Edit("    status_code: HTTPStatus\n", "    status_code: HTTPStatus | int\n"),
            Edit('\nT = TypeVar("T")\n', snippets.STATUS_OF),
            Edit('"Response", "Unset"]', '"Response", "Unset", "status_of"]'),
        ),
    ),
    Patch(
        "a plain text does for a member of an enumeration",
        "property_templates/enum_property.py.jinja",
        (
            Edit(
                '{% set transformed = source + ".value" %}\n',
                '{% set is_text = property.value_type.__name__ == "str" %}\n'
                '{% set transformed = "str(" ~ source ~ ")" if is_text else source ~ ".value" %}\n',
            ),
            Edit("str({{ source }}.value)", "str({{ source }})"),
        ),
    ),
    Patch(
        "what is odd in an answer is in its Response",
        "types.py.jinja",
        (
            Edit("from attrs import define\n", "from attrs import define\n\nfrom .deviations import Deviation\n"),
            Edit("    parsed: T | None\n", "    parsed: T | None\n    deviations: tuple[Deviation, ...] = ()\n"),
        ),
    ),
    Patch(
        "a Response knows what it was read from",
        "types.py.jinja",
        (
            Edit("from attrs import define\n", "import httpx\nfrom attrs import define, field\n"),
            Edit(
                "    parsed: T | None\n",
                "    parsed: T | None\n"
                "    raw: httpx.Response | None = field(default=None, eq=False, kw_only=True, repr=False)\n",
            ),
            # Tracebacks and logs show what a Response looks like: not what a Server, or a customer, wrote.
            Edit("    content: bytes\n", "    content: bytes = field(repr=False)\n"),
            Edit(
                "    headers: MutableMapping[str, str]\n", "    headers: MutableMapping[str, str] = field(repr=False)\n"
            ),
        ),
    ),
    Patch(
        "answers read tolerantly",
        "endpoint_macros.py.jinja",
        (
            Region("{% macro parse_response(", "", "e5db08a11700cecab89bd08d249c68b1", snippets.PARSE_RESPONSE),
            Edit(
                '{% from "helpers.jinja" import docstring as _docstring %}\n',
                '{% from "reading.jinja" import accepted, read, reader %}\n',
            ),
        ),
    ),
    Patch(
        "return types without undescribed answers",
        "endpoint_module.py.jinja",
        (
            Edit(
                "{% set return_string = endpoint.response_type() %}\n"
                "{% set parsed_responses = (endpoint.responses | length > 0) and "
                'return_string != PythonCode("Any") %}\n',
                snippets.RETURN_TYPE,
            ),
            Edit(
                "{% set return_type = return_string | as_unembedded_code %}",
                "{% set return_type = (return_string | as_unembedded_code) + or_none %}",
            ),
            Edit(
                '{% set return_type = (return_string | as_unembedded_code) + " | None" %}',
                "{% set return_type = (return_string | as_unembedded_code) + or_none %}",
            ),
            Edit(
                ") -> {{ return_string | as_unembedded_code }} | None:",
                ") -> {{ return_string | as_unembedded_code }}{{ or_none }}:",
                2,
            ),
            Edit(
                "from ... import errors\n",
                "from ... import deviations, errors, values\n"
                "from ...calls import with_async_content as _with_async_content\n"
                "from ...values import parsed as _parsed\n",
            ),
            Edit(
                snippets.STOCK_PLAIN.format(call="sync_detailed", end=")"), snippets.PLAIN.format(call="sync_detailed")
            ),
            Edit(
                snippets.STOCK_PLAIN.format(call="(await asyncio_detailed", end="))"),
                snippets.PLAIN.format(call="await asyncio_detailed"),
            ),
        ),
    ),
    Patch(
        "names that no parameter can have, where they are made",
        "endpoint_macros.py.jinja",
        (
            Edit("\nheaders: dict[str, Any] = {}", "\n_headers: dict[str, Any] = {}"),
            Edit("'headers[\"'", "'_headers[\"'"),
            Edit("\ncookies = {}", "\n_cookies: dict[str, Any] = {}"),
            Edit('cookies["{{ parameter', '_cookies["{{ parameter', 2),
            Edit("\nparams: dict[str, Any] = {}", "\n_params: dict[str, Any] = {}"),
            Edit('\nparams["', '\n_params["'),
            Edit('"params.update("', '"_params.update("'),
            Edit("\nparams = {k: v for k, v in params.items()", "\n_params = {k: v for k, v in _params.items()"),
        ),
    ),
    Patch(
        "names that no parameter can have, where they are used",
        "endpoint_module.py.jinja",
        (
            Edit('    headers["Content-Type"]', '    _headers["Content-Type"]', 2),
            Edit('_kwargs["headers"] = headers', '_kwargs["headers"] = _headers'),
            Edit('"params": params,', '"params": _params,'),
            Edit('"cookies": cookies,', '"cookies": _cookies,'),
            Edit("    kwargs = _get_kwargs(", "    _kwargs = _get_kwargs(", 2),
            Edit("        **kwargs", "        **_kwargs", 2),
            Edit("    response = client.get_httpx_client()", "    _response = client.get_httpx_client()"),
            Edit("    response = await client", "    _response = await client"),
            Edit(
                "_build_response(client=client, response=response)",
                "_build_response(client=client, response=_response)",
                2,
            ),
        ),
    ),
    Patch(
        "methods beside the functions",
        "endpoint_init.py.jinja",
        (Whole("c1837a037fdbbd85b5dc1d49f58bd80a", _added("endpoint_init.py.jinja")),),
    ),
    Patch(
        "methods by tag",
        "api_init.py.jinja",
        (Whole("f3b0290732b219be73b204cc3a44170e", _added("api_init.py.jinja")),),
    ),
    Patch(
        "a client has the methods",
        "client.py.jinja",
        (
            Edit("import httpx\n", "import httpx\n\nfrom .api import Operations\n"),
            Edit("\nclass Client:", "\nclass Client(Operations):"),
            Edit("\nclass AuthenticatedClient:", "\nclass AuthenticatedClient(Operations):"),
        ),
    ),
    Patch(
        "files of any size",
        "endpoint_module.py.jinja",
        (
            Edit("from typing import Any, cast\n", snippets.STREAM_IMPORTS),
            Edit("    _response = await client", snippets.ASYNC_CONTENT),
            Edit(snippets.END_OF_MODULE, snippets.END_OF_MODULE + snippets.STREAM),
        ),
    ),
    Patch(
        "one full docstring per operation",
        "endpoint_module.py.jinja",
        (
            Edit(
                "arguments, client, kwargs, parse_response, docstring, body_to_kwarg %}\n",
                "arguments, client, kwargs, parse_response, body_to_kwarg %}\n"
                '{% from "operation_docstring.jinja" import full_docstring, short_docstring %}\n'
                '{% from "reading.jinja" import accepted, success, success_codes %}\n',
            ),
            Edit("docstring(endpoint, return_string, is_detailed=true)", "full_docstring(endpoint)", 2),
            Edit("docstring(endpoint, return_string, is_detailed=false)", "short_docstring(endpoint)", 2),
        ),
    ),
    Patch(
        "docstrings come from the operation",
        "endpoint_macros.py.jinja",
        (Region("{% macro docstring_content(", "{% macro parse_response(", "866e076b431370e062aa7805557dc503", ""),),
    ),
    Patch("unknown text stays an enumeration member", "str_enum.py.jinja", _enum_edits("str")),
    Patch("unknown number stays an enumeration member", "int_enum.py.jinja", _enum_edits("int")),
    Patch(
        "models read and write tolerantly",
        "model.py.jinja",
        (
            Edit(
                "from ..types import UNSET, Unset\n",
                "from .. import values\nfrom ..types import UNSET, Unset\n",
            ),
            Edit(
                '{% from "helpers.jinja" import docstring %}\n',
                '{% from "helpers.jinja" import docstring %}\n'
                '{% from "reading.jinja" import described, line, read %}\n',
            ),
            Edit("@_attrs_define\nclass ", snippets.FIELD_TABLE),
            Region(
                "{% macro _transform_property(", "{% macro _prepare_field_dict(", "edc17f58a99dbae3a0c2d081c812bbed", ""
            ),
            Region(
                "{% macro _prepare_field_dict(",
                snippets.ADDITIONAL_KEYS,
                "dd73ddd462e2b15743be9588a7d83d6c",
                _added("model_methods.jinja"),
            ),
        ),
    ),
    Patch(
        "models import each other below the class",
        "model.py.jinja",
        (
            Edit(snippets.IMPORTS_FOR_TYPES, ""),
            Edit(snippets.LAST_METHOD, snippets.LAST_METHOD + snippets.IMPORTS_BELOW),
        ),
    ),
    Patch(
        "short docstrings of models",
        "model.py.jinja",
        (
            Region(
                "{% macro class_docstring_content(",
                "{% macro declare_property(",
                "9d6ab755a8f2de9e7ee8de44d546c47f",
                snippets.CLASS_DOCSTRING,
            ),
        ),
    ),
    Patch(
        "models imported on first use",
        "models_init.py.jinja",
        (Whole("4f64a3d6e1b15a561be5573c1b7702eb", _added("models_init.py.jinja")),),
    ),
    Patch(
        "time limits by default",
        "client.py.jinja",
        (
            Edit(
                'default=None, kw_only=True, alias="timeout")',
                'factory=_default_timeout, kw_only=True, alias="timeout")',
            ),
            Edit("\n{% set attrs_info = {", snippets.DEFAULT_TIMEOUT),
        ),
    ),
    Patch(
        "a changed copy leaves the original alone",
        "client.py.jinja",
        tuple(
            Edit(_mutation(change), "")
            for change in ("headers.update(headers)", "cookies.update(cookies)", "timeout = timeout")
        ),
    ),
    Patch(
        "errors for content of the wrong kind and for a status that is not that of success",
        "errors.py.jinja",
        (
            Edit("\nclass UnexpectedStatus", snippets.ERROR_RESPONSE),
            Edit(
                '__all__ = ["UnexpectedStatus"]', '__all__ = ["ErrorResponse", "UnexpectedContent", "UnexpectedStatus"]'
            ),
        ),
    ),
    Patch(
        "the package says what it is",
        "package_init.py.jinja",
        (
            Edit("{{ docstring(package_description | safe_for_docstring) }}\n", snippets.PACKAGE_DOCSTRING),
            Edit('{% from "helpers.jinja" import docstring %}\n\n', '{% from "reading.jinja" import line %}\n'),
        ),
    ),
    *OPERATION_PATCHES,
)
