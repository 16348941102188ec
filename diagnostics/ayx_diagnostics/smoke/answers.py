"""Whether an answer fits the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import NoneType
from typing import TYPE_CHECKING, Any, cast

from ayx_diagnostics.probes.field_names import new_members

if TYPE_CHECKING:
    from jsonschema import ValidationError

__all__ = ["AnswerChecker"]

#: More would only repeat the first: a list of 2,000 items has the same fault 2,000 times.
_MOST_PROBLEMS = 5
_NULL = {"type": "null"}


class AnswerChecker:
    """Holds answers against the schemas of one document.

    Every property may be null: Swagger 2.0 cannot say so, and the Server sends null in fields that it lists as
    required.

    Args:
        document: An OpenAPI 3.0 document.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        components = document.get("components", {})
        self._open = _json_schema(components)
        self._closed = _closed(self._open)

    def problems(self, answer: Any, schema: Mapping[str, Any], *, new_members: bool = True) -> list[str]:
        """Return how an answer departs from its schema, one sentence a place, at most five.

        Args:
            answer: Decoded JSON.
            schema: A schema object of the document (OpenAPI 3.0.3, 4.7.24).
            new_members: Whether a member that the document does not know is a departure.
        """
        from jsonschema import Draft4Validator

        components = self._closed if new_members else self._open
        validator = Draft4Validator({**_json_schema(schema), "components": components})
        seen: dict[str, None] = {}
        for error in (leaf for whole in validator.iter_errors(answer) for leaf in _leaves(whole)):
            seen.setdefault(f"{_place(error) or 'the answer'}: {_sentence(error)}")
            if len(seen) == _MOST_PROBLEMS:
                break
        return list(seen)


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield what is really wrong: of "null or this", what speaks against this."""
    if error.validator != "anyOf" or not error.context:
        yield error
        return
    for inner in error.context:
        if inner.schema != _NULL:
            yield from _leaves(inner)


def _sentence(error: ValidationError) -> str:
    """Say what is wrong in names and types alone: a value is the customer's."""
    match error.validator:
        case "type":
            return f"is {_kind(error.instance)}, the document says {error.validator_value}"
        case "enum":
            return "holds a value that is none of the documented ones"
        case "additionalProperties":
            schema, instance = cast("dict[str, Any]", error.schema), cast("dict[str, Any]", error.instance)
            return new_members(instance, schema.get("properties", {}))
        case "required":
            missing = next(name for name in cast("list[str]", error.validator_value) if repr(name) in error.message)
            return f"{missing!r} is missing"
    return f"is {_kind(error.instance)} that does not meet the document's {error.validator}"


def _kind(value: Any) -> str:
    """Return the JSON type of a value with its article (RFC 8259, 3)."""
    names = {
        NoneType: "null",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        str: "a string",
        list: "an array",
    }
    return names.get(type(value), "an object")


def _place(error: ValidationError) -> str:
    """Return where it is wrong; the name of a member that the document does not have is the key of a map."""
    way = list(error.absolute_schema_path)
    documented = {name for keyword, name in pairwise(way) if keyword == "properties"}
    return "/".join(
        "[]" if isinstance(part, int) else part if part in documented else "*" for part in error.absolute_path
    )


def _json_schema(schema: Any) -> Any:
    """Turn OpenAPI 3.0's dialect into JSON Schema draft 4: ``nullable``, and null in every property."""
    if isinstance(schema, list):
        return [_json_schema(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    changed = {
        key: _json_schema(value) for key, value in schema.items() if key not in ("nullable", "example", "default")
    }
    if isinstance(changed.get("properties"), dict):
        changed["properties"] = {name: _or_null(value) for name, value in changed["properties"].items()}
    return _or_null(changed) if schema.get("nullable") is True else changed


def _closed(components: Any) -> Any:
    """Let models have no members but their own; one that others are composed of (``allOf``) stays open."""
    schemas = components.get("schemas", {})
    parts = {part.get("$ref") for schema in schemas.values() for part in schema.get("allOf", ())}
    closed = {
        name: {"additionalProperties": False, **schema}
        if schema.get("properties") and not schema.get("allOf") and f"#/components/schemas/{name}" not in parts
        else schema
        for name, schema in schemas.items()
    }
    return {**components, "schemas": closed}


def _or_null(schema: Any) -> Any:
    return {"anyOf": [_NULL, schema]} if isinstance(schema, dict) else schema
