"""What a call of an operation looks like in Python."""

from __future__ import annotations

from ayx_spec.diff.contract import Operation
from ayx_spec.diff.names import Names, argument
from ayx_spec.diff.shapes import Shape

__all__ = ["signature"]

_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "any": "Any", "object": "dict"}
_TEXTS = {"date-time": "datetime", "date": "date", "uuid": "UUID", "binary": "File"}


def signature(operation: Operation, names: Names) -> str:
    """Return tag, function, arguments and result: `users.get_users(*, role: str = …) -> list[UserView]`.

    Path variables are positional, everything else goes by name; `= …` can be left out.
    """
    name = names.client_name(operation)
    path = [f"{argument(one.name)}: {_type(one.shape, names)}" for one in operation.parameters if one.place == "path"]
    others = [
        f"{argument(one.name)}: {_type(one.shape, names)}{'' if one.required else ' = …'}"
        for one in operation.parameters
        if one.place != "path"
    ]
    if operation.body:
        others.insert(0, f"body: {_type(operation.body.shape, names)}{'' if operation.body.required else ' = …'}")
    arguments = ", ".join([*path, *(["*", *others] if others else [])])
    return f"{name.tag}.{name.function}({arguments}) -> {_result(operation, names)}"


def _result(operation: Operation, names: Names) -> str:
    for status in sorted(operation.answers):
        answer = operation.answers[status]
        if status.startswith("2") and answer.shape is not None:
            return _type(answer.shape, names)
    return "None"


def _type(shape: Shape | None, names: Names) -> str:
    if shape is None:
        return "None"
    if shape.kind == "model":
        return names.class_of(shape.model or "")
    if shape.kind == "array":
        return f"list[{_type(shape.items, names)}]"
    if shape.kind == "union":
        return " | ".join(_type(one, names) for one in shape.variants)
    if shape.enum:
        return "enum"
    return _TEXTS.get(shape.format or "") or _TYPES.get(shape.kind, "Any")
