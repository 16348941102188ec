"""Changes in words, one form per kind; the wording follows the change notes of well-kept client libraries."""

from __future__ import annotations

from typing import Any

from ayx_spec.plain_text import one_line

__all__ = ["quoted", "sentence"]

_SHOWN = 6  # values of a long enumeration that are spelt out

_LONGEST = 100  # characters of a type that are shown

_FORMS = {
    "operation.removed": "{operation} is removed",
    "operation.added": "add {operation}",
    "operation.moved": "{before} moves to {after}",
    "operation.renamed": "{operation} is called {after} in Python, no longer {before}",
    "operation.deprecated": "{operation} is deprecated",
    "removed": "{what} is removed",
    "added": "add {what} ({after})",
    "added_required": "add {what} ({after}), which is required",
    "became_required": "{what} is required now",
    "became_optional": "{what} is optional now",
    "type_changed": "{what} changes from {before} to {after}",
    "default_changed": "the default of {what} changes from {before} to {after}",
    "style_changed": "{what} is written as {after}, no longer as {before}",
    "media_type_changed": "{what} changes from {before} to {after}",
    "status_added": "add {what}",
    "status_removed": "{what} is removed",
    "enum_added": "{what} knows {values} as well",
    "enum_removed": "{what} no longer knows {values}",
    "nullable_changed": "{what} {nullable}",
    "parameter.renamed": "{what} is called {after} now",
    "model.removed": "the model {model} is removed",
    "model.added": "add the model {model}",
    "model.renamed": "the model {before} is called {after} now",
    "security.changed": "{what} changes from {before} to {after}",
    "server.address_changed": "the address of the API changes from {before} to {after}",
}


def sentence(
    kind: str, *, what: str = "", operation: str | None = None, model: str | None = None, before: Any, after: Any
) -> str:
    """Return a change as a sentence, without a full stop.

    Args:
        kind: The kind of change.
        what: The thing that changed, in words; empty where the kind says it.
        operation: The operation that it belongs to; it stands before the change.
        model: The schema that it belongs to.
        before: What was there.
        after: What is there now.
    """
    form = _FORMS.get(kind) or _FORMS[kind.partition(".")[2]]
    if before is None and kind.endswith(".type_changed"):
        form = "{what} is {after} now; its type was not said before"
    values = _values(before, after) if kind.endswith("enum_added") else _values(after, before)
    text = form.format(
        what=what,
        operation=quoted(operation),
        model=quoted(model),
        before=_shown(before),
        after=_shown(after),
        values=values,
        nullable="may be null now" if after else "is never null now",
    )
    return (
        f"{quoted(operation)}: {text}"
        if operation and "{operation}" not in form and kind != "operation.moved"
        else text
    )


def _values(few: Any, many: Any) -> str:
    """Return the values that only one of two lists has."""
    if not isinstance(few, list) or not isinstance(many, list):
        return ""
    return _shown([value for value in many if value not in few])


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        more = f" and {len(value) - _SHOWN} more" if len(value) > _SHOWN else ""
        return (", ".join(quoted(one, _LONGEST) for one in value[:_SHOWN]) or "nothing") + more
    return quoted(value, _LONGEST)


def quoted(value: Any, longest: int = 240) -> str:
    """Return a value as code: what comes from a document cannot become markup."""
    text = " ".join(one_line(str(value)).split()).replace("`", "'")
    return f"`{text if len(text) <= longest else text[: longest - 1] + '…'}`"
