"""From a change to the lines of code that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property

from ayx_spec.diff.changes import Change
from ayx_spec.diff.documents import Comparison
from ayx_spec.diff.names import argument, attribute, constant
from ayx_spec.diff.usage.addresses import Addresses
from ayx_spec.diff.usage.module import Call, Module, Request
from ayx_spec.diff.usage.scanning import Code

__all__ = ["with_usage"]

_PACKAGE = "ayx_client"
#: Changes that concern who does *not* pass the thing.
_IF_ABSENT = ("added_required", "became_required", "default_changed")
#: Changes that no code of yesterday can be concerned by.
_NEW = ("operation.added", "model.added", "parameter.added", "body.added", "field.added")


def with_usage(comparison: Comparison, code: Code) -> Comparison:
    """Return the comparison with `used_at` filled: `file:line` of everything that a change concerns.

    What is used is known for calls of the client and for requests by hand. Which model a value is of is not: members
    are looked for by name, in modules that use an operation or a class that leads to the model.
    """
    addresses = Addresses(comparison)
    found: dict[int, list[tuple[str, int]]] = {}
    for path, module in code.modules:
        use = _Use(module, comparison, addresses)
        for index, change in enumerate(comparison.changes):
            found.setdefault(index, []).extend((path, line) for line in sorted(set(use.lines(change))))
    changes = tuple(
        replace(change, used_at=tuple(f"{path}:{line}" for path, line in found.get(index, ())))
        for index, change in enumerate(comparison.changes)
    )
    return replace(comparison, changes=changes)


class _Use:
    """What one module uses of an API."""

    def __init__(self, module: Module, comparison: Comparison, addresses: Addresses) -> None:
        self._module = module
        self._comparison = comparison
        self._functions = {
            tuple(operation.python.split(".")[2:]): key for key, operation in comparison.operations.items()
        }
        self._of_classes = [call for call in module.calls if call.name.startswith(f"{_PACKAGE}.models.")]
        self._members: dict[str, list[int]] = {}
        for name, line in module.members:
            self._members.setdefault(name, []).append(line)
        self._calls: dict[str, list[Call]] = {}
        for call in module.calls:
            for key in self._called(call):
                self._calls.setdefault(key, []).append(call)
        self._requests: dict[str, list[Request]] = {}
        for request in module.requests:
            for key in addresses.operations(request.method, request.address):
                self._requests.setdefault(key, []).append(request)

    def _called(self, call: Call) -> Iterator[str]:
        """Yield the operation of a call: `ayx_client.api.users.get_users.sync`, `server.users.get_users` or its twin.

        The twin for asyncio is called `aget_users`.
        """
        steps = call.name.split(".")
        if steps[:2] == [_PACKAGE, "api"]:
            key = self._functions.get(tuple(steps[2:4]))
            if key:
                yield key
        elif steps[0] != _PACKAGE:
            for index in range(1, len(steps) - 1):
                tag, function = steps[index : index + 2]
                key = self._functions.get((tag, function)) or self._functions.get((tag, function.removeprefix("a")))
                if key:
                    yield key

    def lines(self, change: Change) -> Iterator[int]:
        """Yield the lines that a change concerns."""
        if change.kind in _NEW:
            return
        holder = change.kind.partition(".")[0]
        yield from _FINDERS.get(holder, _Use._of_operation)(self, change)

    @cached_property
    def _used(self) -> set[str]:
        return {*self._calls, *self._requests}

    def _keys(self, change: Change) -> tuple[str, ...]:
        return change.operations or ((change.operation,) if change.operation else ())

    def _of_operation(self, change: Change) -> Iterator[int]:
        for key in self._keys(change):
            yield from (call.line for call in self._calls.get(key, ()))
            if change.kind != "operation.renamed":  # the address stays
                yield from (request.line for request in self._requests.get(key, ()))

    def _of_argument(self, change: Change) -> Iterator[int]:
        place, _, name = (change.location or "").partition(".")
        absent = change.kind.endswith(_IF_ABSENT)
        by_name_only = change.kind == "parameter.renamed"
        for key in self._keys(change):
            always = place == "path" and not by_name_only  # it is a part of every address
            for call in self._calls.get(key, ()):
                if call.called and (always or _concerns(call.keywords, argument(name), absent=absent)):
                    yield call.line
            for request in self._requests.get(key, ()):
                if always or (place == "query" and _concerns(request.query, name, absent=absent)):
                    yield request.line

    def _of_body(self, change: Change) -> Iterator[int]:
        if not change.kind.endswith(_IF_ABSENT):
            yield from self._of_operation(change)
            return
        for key in self._keys(change):
            yield from (call.line for call in self._calls.get(key, ()) if call.called and _lacks(call, "body"))
            yield from (request.line for request in self._requests.get(key, ()) if not request.body)

    def _of_member(self, change: Change) -> Iterator[int]:
        name = _member(change)
        absent = change.kind.endswith(_IF_ABSENT)
        if change.direction != "response":
            yield from self._sent(change, name, absent=absent)
        if change.direction != "request" and not absent and self._leads_to(change):
            for spelling in {name, attribute(name)} if name else ():
                yield from self._members.get(spelling, ())
            yield from self._values(change)

    def _sent(self, change: Change, name: str, *, absent: bool) -> Iterator[int]:
        """Yield where a member is passed (or left out): a constructor of the model, or the body of a request."""
        for call in self._of_classes:
            passed = call.called and _concerns(call.keywords, attribute(name), absent=absent)
            if passed and self._is_class(call.name, change):
                yield call.line
        for key, requests in self._requests.items():
            if key in self._keys(change) or change.model in self._comparison.operations[key].sent:
                yield from (
                    one.line for one in requests if one.body != frozenset() and _concerns(one.body, name, absent=absent)
                )

    def _values(self, change: Change) -> Iterator[int]:
        """Yield where a value is named that an enumeration no longer has."""
        if change.kind == "field.enum_removed":
            gone = [value for value in change.before if value not in change.after]
            yield from (line for text, line in self._module.texts if text in gone)
            for value in gone:
                yield from self._members.get(constant(str(value)), ())

    def _leads_to(self, change: Change) -> bool:
        """Whether the module can hold the thing: it calls what answers with it, or names its class."""
        if any(key in self._used for key in self._keys(change)):
            return True
        if any(self._is_class(call.name, change) for call in self._of_classes):
            return True
        return any(change.model in self._comparison.operations[key].models for key in self._used)

    def _of_model(self, change: Change) -> Iterator[int]:
        yield from (call.line for call in self._of_classes if self._is_class(call.name, change))

    def _is_class(self, name: str, change: Change) -> bool:
        return change.model is not None and self._comparison.classes.get(change.model) in name.split(".")[2:]

    def _of_address(self, change: Change) -> Iterator[int]:
        """Yield where the former address, or that of its tokens, is written down."""
        wanted = [str(one).rstrip("/") for one in change.before or () if "://" in str(one)]
        if change.kind == "security.changed":
            if self._keys(change):
                yield from self._of_operation(change)
                return
            flows = (change.before or {}).get("flows", {}).values()
            wanted = ["/".join(str(flow["tokenUrl"]).split("/")[-2:]) for flow in flows if "tokenUrl" in flow]
        yield from (request.line for request in self._module.requests if any(one in request.address for one in wanted))
        yield from (line for text, line in self._module.texts if any(one in text for one in wanted))


_FINDERS: dict[str, Callable[[_Use, Change], Iterator[int]]] = {
    "parameter": _Use._of_argument,  # noqa: SLF001 - a table of its own methods
    "body": _Use._of_body,  # noqa: SLF001
    "field": _Use._of_member,  # noqa: SLF001
    "model": _Use._of_model,  # noqa: SLF001
    "security": _Use._of_address,  # noqa: SLF001
    "server": _Use._of_address,  # noqa: SLF001
}


def _concerns(passed: frozenset[str] | None, name: str, *, absent: bool) -> bool:
    """Whether a call that passes these names is concerned; one whose names are not known may be."""
    return passed is None or ((name not in passed) if absent else (name in passed))


def _lacks(call: Call, name: str) -> bool:
    return call.keywords is None or name not in call.keywords


def _member(change: Change) -> str:
    """Return the name of the member that changed: the last step that is one."""
    steps = [step for step in (change.location or "").split(".")[1:] if step not in ("items", "additionalProperties")]
    return steps[-1] if steps and not steps[-1].isdecimal() else ""
