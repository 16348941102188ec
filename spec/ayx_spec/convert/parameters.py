"""Parameters: schemas of their own, serialisation spelt out, path templates and parameters made to agree."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.identifiers import ascii_name
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.paths import template_names
from ayx_spec.convert.schemas import SchemaConverter

__all__ = [
    "QUERY_STYLES",
    "SCHEMA_KEYS",
    "Placed",
    "agree_with_path",
    "convert_parameter",
    "merge_parameters",
    "parameter_schema",
]

#: A parameter (or body part) and its place in the input.
Placed = tuple[dict[str, Any], tuple[str, ...]]

#: What describes the value in Swagger 2.0 and moves into `schema` in OpenAPI 3 (Parameter Object).
SCHEMA_KEYS = (
    *("type", "format", "items", "default", "enum", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"),
    *("maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf"),
    *("x-nullable", "x-isnullable", "x-enumNames", "x-enum-varnames", "x-ms-enum"),
)
_KEPT = ("name", "in", "description", "required", "deprecated", "style", "explode", "allowReserved")

#: collectionFormat in a query -> style, explode (OpenAPI 3.0.3, Style Values).
QUERY_STYLES: dict[str, tuple[str, bool]] = {
    "csv": ("form", False),
    "multi": ("form", True),
    "pipes": ("pipeDelimited", False),
    "ssv": ("spaceDelimited", False),
}
#: Decided by the media types and the security schemes (Parameter Object): whoever calls need not give them.
_DECIDED_ELSEWHERE = ("accept", "content-type", "authorization")

#: What can be written as the text of a header or of a path segment.
_TEXTUAL = ("string", "integer", "number", "boolean")


def merge_parameters(path_level: list[Placed], operation_level: list[Placed], notes: Notes) -> list[Placed]:
    """Return the parameters of an operation: its own override the path's by name and location."""
    own = {(parameter["name"], parameter["in"]) for parameter, _ in operation_level}
    inherited = [placed for placed in path_level if (placed[0]["name"], placed[0]["in"]) not in own]
    distinct: dict[tuple[str, str], Placed] = {}
    for parameter, steps in (*inherited, *operation_level):
        key = parameter["name"], parameter["in"]
        if key in distinct:
            notes.warning(steps, f"dropped the {key[1]} parameter {key[0]!r}, which is listed twice")
        distinct.setdefault(key, (parameter, steps))
    return list(distinct.values())


def parameter_schema(parameter: dict[str, Any], schemas: SchemaConverter, *steps: str) -> dict[str, Any]:
    """Return the schema of a Swagger 2.0 parameter, whose keywords stand beside its name."""
    return schemas.convert({key: parameter[key] for key in SCHEMA_KEYS if key in parameter}, *steps)


def convert_parameter(
    parameter: dict[str, Any], schemas: SchemaConverter, notes: Notes, steps: tuple[str, ...]
) -> dict[str, Any]:
    """Return the OpenAPI 3 parameter (Parameter Object)."""
    place = parameter["in"]
    result = {key: parameter[key] for key in _KEPT if key in parameter}
    result |= {key: value for key, value in parameter.items() if key.startswith("x-") and key not in SCHEMA_KEYS}
    if place == "query" and "allowEmptyValue" in parameter:
        result["allowEmptyValue"] = parameter["allowEmptyValue"]
    if place == "path":
        result["required"] = True
    if place == "header" and parameter["name"].lower() in _DECIDED_ELSEWHERE and result.pop("required", False):
        notes.info(steps, f"{parameter['name']} is no longer required: media types and security decide it")
    result["schema"] = _value_schema(parameter, schemas, steps)
    if "collectionFormat" in parameter or ("schema" not in parameter and result["schema"].get("type") == "array"):
        _serialisation(parameter, result, notes, steps)
    _plain_text(result, notes, steps)
    _never_null(result, notes, steps)
    return result


def _value_schema(parameter: dict[str, Any], schemas: SchemaConverter, steps: tuple[str, ...]) -> dict[str, Any]:
    if "schema" in parameter:
        return schemas.convert(parameter["schema"], *steps, "schema")
    for media_type, value in (parameter.get("content") or {}).items():
        return schemas.convert(value.get("schema", {}), *steps, "content", media_type, "schema")
    return parameter_schema(parameter, schemas, *steps)


def _serialisation(parameter: dict[str, Any], result: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """Write `collectionFormat` as style and explode."""
    wanted = parameter.get("collectionFormat", "csv")
    if result["in"] == "query" and wanted in QUERY_STYLES:
        result["style"], result["explode"] = QUERY_STYLES[wanted]
    elif result["in"] != "query" and wanted == "csv":
        result["style"], result["explode"] = "simple", False
    else:
        notes.warning(steps, f"dropped collectionFormat {wanted!r}, which OpenAPI 3 cannot say in a {result['in']}")
    nested = (parameter.get("items") or {}).get("collectionFormat")
    if nested:
        notes.warning((*steps, "items"), f"dropped collectionFormat {nested!r} of a list inside a list")


def _plain_text(result: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """Headers and path segments are text: the generator writes no list, date or object there."""
    schema = result["schema"]
    textual = schema.get("type") in _TEXTUAL and not {"allOf", "anyOf", "oneOf"} & schema.keys()
    if result["in"] == "header":
        textual = textual and schema.get("format") not in ("date", "date-time", "uuid", "binary")
    if (result["in"] in ("header", "path") and not textual) or schema.get("format") == "binary":
        result["schema"] = {"type": "string"}
        for key in ("style", "explode"):
            result.pop(key, None)
        notes.warning(steps, f"typed as text, as it is sent in a {result['in']}")


def _never_null(result: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """A path has a value or is another one; in a header or cookie, null is a parameter that is left out."""
    schema = result["schema"]
    if result["in"] == "query" or not schema.get("nullable"):
        return
    result["schema"] = {key: value for key, value in schema.items() if key != "nullable"}
    if "enum" in schema:
        result["schema"]["enum"] = [value for value in schema["enum"] if value is not None]
    notes.info(steps, f"dropped that it may be null, which a {result['in']} cannot say")


def agree_with_path(
    path: str, parameters: list[dict[str, Any]], notes: Notes, steps: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Make path parameters and the templates of the path agree (Path Templating).

    ASP.NET matches names without regard to case, so documents may write `{Id}` and declare `id`; and it reads what is
    not in the route from the query, so that a parameter without a place in the path moves there.
    """
    declared = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "path"}
    by_case = {name.lower(): name for name in declared if name not in template_names(path)}
    in_path = []
    for name in template_names(path):
        spelling = name if name in declared else by_case.pop(name.lower(), None)
        if spelling is None:
            notes.warning(steps, f"added the path parameter {name!r}, which is not declared")
            in_path.append({"name": name, "in": "path", "required": True, "schema": {"type": "string"}})
            continue
        if spelling != name:
            notes.warning(steps, f"renamed the path parameter {spelling!r} to {name!r}, as the path writes it")
        in_path.append({**declared.pop(spelling), "name": name})
    for name in template_names(path):
        if not name.isascii():
            notes.info(steps, f"the path variable {name!r} is called {ascii_name(name)!r} in the client")
    others = [parameter for parameter in parameters if parameter["in"] != "path"]
    in_query = {parameter["name"] for parameter in others if parameter["in"] == "query"}
    for name, parameter in declared.items():
        if name in in_query:
            notes.warning(steps, f"dropped the path parameter {name!r}: it is in the query, and the path lacks it")
            continue
        notes.warning(steps, f"moved the path parameter {name!r}, which the path lacks, into the query")
        others.append({**parameter, "in": "query", "required": False})
    return in_path + others
