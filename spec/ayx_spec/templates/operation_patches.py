"""What is different in the functions of an operation: what they send for an argument, what they make of an answer."""

from __future__ import annotations

from ayx_spec.templates.patching import Edit, Patch

__all__ = ["OPERATION_PATCHES"]

#: Under names that no parameter can have.
_IMPORTS = """\
from ...downloads import achecked as _achecked
from ...downloads import checked as _checked
from ...paths import segment as _segment
from ...paths import text as _text
from ...values import form_fields as _form_fields
from ...values import header as _header
from ...values import joined as _joined
from ...values import parsed as _parsed
"""
_PARSE = "{{ parse_response(parsed_responses, "
_OF_BODY = """\
    {{ body_to_kwarg(body) | indent(4) }}
    {%- if body.content_type != "multipart/form-data" %}
    _headers["Content-Type"] = "{{ body.content_type | in_double_quote_literal }}"
    {% endif %}
"""
_OF_BODY_IF_ANY = """\
    {{ body_to_kwarg(body, endpoint) | indent(4) }}
    {%- if body.content_type != "multipart/form-data" %}
    {% if body.prop.required %}
    _headers["Content-Type"] = "{{ body.content_type | in_double_quote_literal }}"
    {% else %}
    if not isinstance(body, Unset):
        _headers["Content-Type"] = "{{ body.content_type | in_double_quote_literal }}"
    {% endif %}
    {% endif %}
"""
_HEADER = """\
+ '"]' + " = " + expression %}
"""
_CHECKED_HEADER = """\
+ '"] = _header("' + parameter.python_name + '", ' + parameter.python_name + ')' %}
"""
_HAS_HEADERS = "{% if endpoint.header_parameters or endpoint.bodies | length > 0 %}\n"
_HAS_HEADERS_NOW = "{% if endpoint.header_parameters or endpoint.bodies | length > 0 or endpoint.accept %}\n"
_ACCEPT = """\
{% if endpoint.accept %}
_headers["Accept"] = "{{ endpoint.accept | in_double_quote_literal }}"
{% endif %}
"""
_OTHER_STATUS = """\
    {% if endpoint.responses.default %}
    {{ parse_response(parsed_responses, endpoint.responses.default) | indent(4) }}
    {% else %}
    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None
    {% endif %}
"""
_OTHER_STATUS_READ = """\
    {% if not (space.described or space.every) and (codes or not endpoint.responses.default) %}
    if values.is_other_success(client, response, {{ codes }}):
        return None
    {% endif %}
    {% if endpoint.responses.default %}
    {{ parse_response(endpoint, endpoint.responses.default) | indent(4) }}
    {% else %}
    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None
    {% endif %}
"""
_EACH_STATUS = """\
    {% for response in endpoint.responses.patterns %}
    {% set code_range = response.status_code.range %}
    {% if code_range[0] == code_range[1] %}
    if response.status_code == {{ code_range[0] }}:
"""
_EACH_STATUS_OR_OTHER = """\
    {% set space = namespace(described=none, every=false) %}
    {% set codes = success_codes(endpoint) %}
    {% for response in endpoint.responses.patterns %}
    {% set code_range = response.status_code.range %}
    {% if code_range[0] == 200 and response.status_code.is_range() %}
    {% set space.every = true %}
    {% endif %}
    {% set other = codes and not space.described and 200 <= code_range[0] < 300 %}
    {% if other and response.source.return_type != "None" %}
    {% set space.described = response %}
    if response.status_code == {{ code_range[0] }} or values.is_other_success(client, response, {{ codes }}):
    {% elif code_range[0] == code_range[1] %}
    if response.status_code == {{ code_range[0] }}:
"""
_LEFT_OUT = """\
{# An argument as it is declared: one that may be left out may be None, which means the same. #}
{% macro argument(parameter) %}
{% set declared = parameter.to_string() | as_unembedded_code | string %}
{% set optional = not parameter.required and not declared.split(": ", 1)[1].startswith("None | ") %}
{{ declared.replace(" = ", " | None = ", 1) if optional else declared }}
{%- endmacro %}

{# What is left out by None is unset; the last line of the query does so for what needs no conversion. #}
{% macro left_out(endpoint) %}
{% set plain = ["AnyProperty", "BooleanProperty", "FloatProperty", "IntProperty", "StringProperty"] %}
{% for parameter in endpoint.query_parameters if not parameter.required and parameter.__class__.__name__ not in plain %}
if {{ parameter.python_name }} is None:
    {{ parameter.python_name }} = UNSET
{% endfor %}
{% for parameter in endpoint.header_parameters + endpoint.cookie_parameters if not parameter.required %}
if {{ parameter.python_name }} is None:
    {{ parameter.python_name }} = UNSET
{% endfor %}
{% if endpoint.bodies | length == 1 and not endpoint.bodies[0].prop.required %}
if body is None:
    body = UNSET
{% endif %}
{% endmacro %}

{% macro arguments("""
_JSON_BODY = """\
{% if prop_template.transform %}
{{ prop_template.transform(property, property.python_name, "_kwargs["""
_JSON_BODY_IF_ANY = """\
{% if prop_template.transform and property.__class__.__name__ == "UnionProperty" and not property.required %}
{% set converted = prop_template.transform(property, property.python_name, '_kwargs["json"]', False, True) %}
if not isinstance({{ property.python_name }}, Unset):
    {{ converted | indent(4) }}
"""
_IN_QUERY = """\
_params["{{ property.name | in_double_quote_literal }}"] = {{ destination }}
"""
_IN_QUERY_JOINED = """\
{% set delimiter = endpoint.delimiters[property.python_name | string] %}
{% set value = '_joined(' ~ destination ~ ', "' ~ delimiter ~ '")' if delimiter else destination %}
_params["{{ property.name | in_double_quote_literal }}"] = {{ value }}
"""
_COOKIE = '_cookies["{{ parameter.name | in_double_quote_literal }}"] = {{ parameter.python_name }}\n'
_COOKIE_TEXT = '_cookies["{{ parameter.name | in_double_quote_literal }}"] = _text({{ parameter.python_name }})\n'

#: Applied after the others, to what those have made of the stock templates.
OPERATION_PATCHES = (
    Patch(
        "an id stays one segment of the path",
        "endpoint_module.py.jinja",
        (
            Edit("from urllib.parse import quote\n", ""),
            Edit(
                '=quote(str({{parameter.python_name}}), safe=""),',
                '=_segment("{{parameter.python_name}}", {{parameter.python_name}}),',
            ),
            Edit(
                "from ...values import parsed as _parsed\n",
                _IMPORTS,
            ),
        ),
    ),
    Patch(
        "None is what is left out, in the arguments",
        "endpoint_macros.py.jinja",
        (
            Edit("{{ parameter.to_string() | as_unembedded_code }},", "{{ argument(parameter) }},", 4),
            Edit(
                "{% if not endpoint.bodies[0].prop.required %} = UNSET{% endif %},",
                "{% if not endpoint.bodies[0].prop.required %} | None = UNSET{% endif %},",
            ),
            Edit("{% macro arguments(", _LEFT_OUT),
            Edit(
                '_kwargs["data"] = body.to_dict()',
                '_kwargs["data"] = _form_fields(body.to_dict(), {{ endpoint.delimiters_of_form }})',
                2,
            ),
            Edit(_COOKIE, _COOKIE_TEXT, 2),
            Edit(_IN_QUERY, _IN_QUERY_JOINED),
            Edit("{% macro body_to_kwarg(body) %}", "{% macro body_to_kwarg(body, endpoint) %}"),
            Edit(_JSON_BODY, _JSON_BODY_IF_ANY + _JSON_BODY.replace("if", "elif", 1)),
        ),
    ),
    Patch(
        "headers are text, and say what is accepted",
        "endpoint_macros.py.jinja",
        (
            Edit(_HEADER, _CHECKED_HEADER),
            Edit(_HAS_HEADERS, _HAS_HEADERS_NOW),
            Edit("\n_headers: dict[str, Any] = {}\n", "\n_headers: dict[str, Any] = {}\n" + _ACCEPT),
        ),
    ),
    Patch(
        "what is sent besides the arguments",
        "endpoint_module.py.jinja",
        (
            Edit(_HAS_HEADERS, _HAS_HEADERS_NOW),
            Edit(_OF_BODY, _OF_BODY_IF_ANY),
            Edit(
                "    {{ header_params(endpoint) | indent(4) }}\n",
                "    {{ left_out(endpoint) | indent(4) }}\n\n    {{ header_params(endpoint) | indent(4) }}\n",
            ),
            Edit("parse_response, body_to_kwarg %}", "parse_response, body_to_kwarg, left_out %}"),
            Edit(
                "    return _kwargs\n",
                '    {% set has_query = "?" in (endpoint.path | in_double_quote_literal) %}\n'
                '    return {{ "_with_fixed_query(_kwargs)" if has_query else "_kwargs" }}\n',
            ),
            Edit(
                "from ...calls import with_async_content as _with_async_content\n",
                "from ...calls import with_async_content as _with_async_content\n"
                "from ...calls import with_fixed_query as _with_fixed_query\n",
            ),
        ),
    ),
    Patch(
        "no answer of success is lost",
        "endpoint_module.py.jinja",
        (
            Edit(_EACH_STATUS, _EACH_STATUS_OR_OTHER),
            Edit(_OTHER_STATUS, _OTHER_STATUS_READ),
            Edit(f"{_PARSE}response) ", "{{ parse_response(endpoint, response) "),
            Edit("from ... import deviations, ", "from ... import deviations, downloads, "),
        ),
    ),
)
