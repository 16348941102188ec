"""Two documents compared: every change once, judged from the side of the caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ayx_spec.diff.addresses import access_changes, address_change, scheme_changes, scheme_counterparts
from ayx_spec.diff.changes import Change, direction_name, in_order
from ayx_spec.diff.contract import Contract, Operation, Requirement
from ayx_spec.diff.levels import Direction, judge
from ayx_spec.diff.models import directions, leads_to, pair_models
from ayx_spec.diff.names import Names, attribute
from ayx_spec.diff.operations import Raw, compare_operation, within
from ayx_spec.diff.pairing import on_common_ground, pair_operations
from ayx_spec.diff.sentences import quoted, sentence
from ayx_spec.diff.signatures import signature
from ayx_spec.diff.structure import Structures

__all__ = ["WHOLE", "Compared", "Known", "compare"]

#: What reports file changes of named schemas, and of the API as a whole, under.
MODELS, WHOLE = "Models", "The API as a whole"


@dataclass(frozen=True)
class Known:
    """An operation that callers know.

    Attributes:
        python: Its dotted name: `ayx_client.api.users.get_users`.
        models: The schemas that a call of it leads to.
        sent: Those of them that its requests hold.
    """

    python: str
    models: frozenset[str]
    sent: frozenset[str]


@dataclass(frozen=True)
class Compared:
    """The outcome of a comparison.

    Attributes:
        changes: Worst first.
        signatures: For operations with a breaking change or one to look at, `GET /v3/users` of the old document -> how
            it is called in Python, before and after.
        operations: The operations of the old document, by method and path.
        classes: The schemas of the old document, and what their classes are called.
        moved_aside: Python names that change though the document's stay, before and after.
        unchanged_operations: How many operations nothing changed about.
        unchanged_models: How many schemas nothing changed about.
    """

    changes: tuple[Change, ...]
    signatures: Mapping[str, tuple[str | None, str | None]]
    operations: Mapping[str, Known]
    classes: Mapping[str, str]
    moved_aside: tuple[tuple[str, str], ...]
    unchanged_operations: int
    unchanged_models: int


def compare(
    old: Contract,
    new: Contract,
    old_classes: Mapping[str, str] | None = None,
    new_classes: Mapping[str, str] | None = None,
) -> Compared:
    """Compare two documents.

    Args:
        old: The document that callers know.
        new: The document that takes its place.
        old_classes: Schema -> its key in the client's document, where that has more documents than this one.
        new_classes: The same for the new document.
    """
    return _Comparison(*on_common_ground(old, new), old_classes, new_classes).run()


class _Comparison:
    def __init__(
        self,
        old: Contract,
        new: Contract,
        old_classes: Mapping[str, str] | None,
        new_classes: Mapping[str, str] | None,
    ) -> None:
        self.old, self.new = old, new
        self.old_names, self.new_names = Names(old, old_classes), Names(new, new_classes)
        self.pairs = pair_operations(old.operations, new.operations)
        # A namespace that changes is no change of the class: see the converter's names.
        self.counterparts = pair_models(old, new, self.pairs, self.old_names.key)
        self.structures = Structures(old.models, new.models, self.counterparts)
        self.used_by_all = directions(old, old.operations)
        self.directions = self._directions()

    def run(self) -> Compared:
        changes = [
            *self._whole(),
            *self._operations(),
            *_merged([change for pair in self.pairs for change in self._pair(*pair)]),
            *self._access(),
            *self._models(),
        ]
        worth_showing = {change.operation for change in changes if change.level != "addition"}
        touched = {change.operation for change in changes} | {one for change in changes for one in change.operations}
        schemas = {change.model for change in changes}
        return Compared(
            changes=tuple(in_order(changes)),
            signatures=self._signatures(worth_showing),
            operations={one.key: self._known(one) for one in self.old.operations},
            classes={name: self.old_names.class_of(name) for name in self.old.models},
            moved_aside=tuple(self._moved_aside()),
            unchanged_operations=sum(one.key not in touched for one, _ in self.pairs),
            unchanged_models=sum(name not in schemas for name in self.counterparts),
        )

    def _directions(self) -> dict[str, set[Direction]]:
        """Return what holds each schema, counting only what callers of the old document can still call."""
        before = directions(self.old, (pair[0] for pair in self.pairs))
        after = directions(self.new, (pair[1] for pair in self.pairs))
        return {
            name: (before[name] & after[other]) or before[name] | after[other]
            for name, other in self.counterparts.items()
        }

    def _signatures(self, wanted: set[str | None]) -> dict[str, tuple[str | None, str | None]]:
        found: dict[str, tuple[str | None, str | None]] = {
            one.key: (signature(one, self.old_names), None) for one in self.old.operations if one.key in wanted
        }
        for one, other in self.pairs:
            if one.key in wanted:
                found[one.key] = (signature(one, self.old_names), signature(other, self.new_names))
        return found

    def _known(self, one: Operation) -> Known:
        held = leads_to(one, self.old.models)
        return Known(self.old_names.function(one), frozenset().union(*held.values()), frozenset(held["request"]))

    def _moved_aside(self) -> Iterator[tuple[str, str]]:
        """Yield the Python names that change though the document's stay: another one took them, or freed them."""
        for one, other in self.pairs:
            same = (one.operation_id, one.tag, one.key) == (other.operation_id, other.tag, other.key)
            before, after = self.old_names.function(one), self.new_names.function(other)
            if same and before != after:
                yield before, after
        for name in sorted(self.counterparts.keys() & self.new.models.keys()):
            before, after = self.old_names.model(name), self.new_names.model(name)
            if self.counterparts[name] == name and before != after:
                yield before, after

    def _told(
        self, raw: Raw, operation: Operation | None = None, model: str | None = None, python: tuple[str, ...] = ()
    ) -> Change:
        kind = raw.rule.partition(":")[0]
        verdict = judge(raw.rule, raw.directions)
        key = operation.key if operation else None
        return Change(
            level=verdict.level,
            kind=kind,
            operation=key,
            operation_id=operation.operation_id if operation else None,
            model=model,
            location=raw.location,
            before=raw.before,
            after=raw.after,
            sentence=sentence(kind, what=raw.what, operation=key, model=model, before=raw.before, after=raw.after),
            reason=verdict.reason,
            python=python,
            tag=operation.tag if operation else MODELS if model else WHOLE,
            direction=direction_name(set(raw.directions)) if kind.startswith(("field.", "model.")) else None,
            rule=raw.rule,
            shared=raw.shared,
        )

    def _whole(self) -> Iterator[Change]:
        moved = address_change(self.old, self.new)
        if moved:
            variant, before, after = moved
            yield self._told(_raw(f"server.address_changed:{variant}", "server", before, after))
        counterparts = scheme_counterparts(self.old, self.new)
        for name, (variant, before, after) in scheme_changes(self.old, self.new, counterparts):
            rule = f"security.changed:{variant}"
            yield self._told(_raw(rule, f"security.{name}", before, after, f"the security scheme {quoted(name)}"))

    def _operations(self) -> Iterator[Change]:
        kept_old = {one.key for one, _ in self.pairs}
        kept_new = {other.key for _, other in self.pairs}
        for one in self.old.operations:
            if one.key not in kept_old:
                raw = _raw("operation.removed", "operation", one.key, None)
                yield self._told(raw, one, python=(self.old_names.function(one),))
        for one in self.new.operations:
            if one.key not in kept_new:
                raw = _raw("operation.added", "operation", None, one.key)
                yield self._told(raw, one, python=(self.new_names.function(one),))

    def _pair(self, old: Operation, new: Operation) -> Iterator[Change]:
        before, after = self.old_names.function(old), self.new_names.function(new)
        python = (before,) if before == after else (before, after)
        moved = (old.method, _anonymous(old)) != (new.method, _anonymous(new))
        if moved:
            yield self._told(_raw("operation.moved", "operation", old.key, new.key), old, python=python)
        said = (old.operation_id, old.tag) != (new.operation_id, new.tag)
        if before != after and said:
            names = (old.operation_id, new.operation_id) if old.operation_id != new.operation_id else (old.tag, new.tag)
            change = self._told(_raw("operation.renamed", "operation", *names), old, python=python)
            calls = [name.removeprefix("ayx_client.api.") for name in python]
            yield replace(change, sentence=sentence(change.kind, operation=old.key, before=calls[0], after=calls[1]))
        for raw in compare_operation(old, new, self.structures):
            yield self._told(raw, old, python=(before,))

    def _access(self) -> list[Change]:
        """Say once what all operations have in common, or what the document says for all of them."""
        counterparts = scheme_counterparts(self.old, self.new)
        found = [
            (one, other, f"security.changed:{variant}", _ways(one.security), _ways(other.security))
            for one, other, variant in access_changes(self.pairs, counterparts)
        ]
        everywhere = len(found) == len(self.pairs) and all(entry[3:] == found[0][3:] for entry in found)
        changes = []
        for one, other, rule, before, after in found:
            by_all = not one.own_security and not other.own_security
            raw = _raw(rule, "security", before, after, "who may call it")
            raw = replace(raw, shared="security" if by_all or everywhere else None)
            changes.append(self._told(raw, one, python=(self.old_names.function(one),)))
        return _merged(changes)

    def _models(self) -> Iterator[Change]:
        kept = set(self.counterparts.values())
        for name in self.old.models:
            if name not in self.counterparts:
                yield self._model("model.removed", name, (name, None), self.used_by_all[name], self.old_names)
        for name in self.new.models:
            if name not in kept:
                yield self._model("model.added", name, (None, name), {"request", "response"}, self.new_names)
        for name, other in self.counterparts.items():
            yield from self._compare_model(name, other)

    def _model(self, rule: str, name: str, change: tuple[Any, Any], used: set[Direction], names: Names) -> Change:
        raw = replace(_raw(rule, "model", *change), directions=frozenset(used))
        return self._told(raw, model=name, python=(names.model(name),))

    def _compare_model(self, name: str, other: str) -> Iterator[Change]:
        used = self.directions[name]
        dotted = self.old_names.model(name)
        if name != other and dotted != self.new_names.model(other):
            renamed = self._model("model.renamed", name, (name, other), used, self.old_names)
            yield replace(renamed, python=(dotted, self.new_names.model(other)))
        differences = self.structures.differences(self.old.models[name], self.new.models[other])
        for raw in within(differences, "field", "field", quoted(name), frozenset(used)):
            steps = raw.location.split(".")[1:]
            member = f".{attribute(steps[0])}" if steps else ""
            location = raw.location if steps else "value"
            yield self._told(replace(raw, location=location), model=name, python=(f"{dotted}{member}",))


def _raw(rule: str, location: str, before: Any, after: Any, what: str = "") -> Raw:
    return Raw(rule, location, what, before, after, frozenset({"request", "response"}))


def _anonymous(operation: Operation) -> str:
    """Return a path whose variables have no names: these are told as parameters."""
    parts = operation.path.split("{")
    return "{".join([parts[0], *(part.partition("}")[2] for part in parts[1:])])


def _ways(security: frozenset[Requirement]) -> list[str]:
    """Return the ways to be allowed in, in words."""
    return sorted(
        " and ".join(f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in sorted(one)) or "anybody"
        for one in security
    ) or ["anybody"]


def _merged(changes: list[Change]) -> list[Change]:
    """Make one change of those that several operations share, because they were written once."""
    result: dict[object, list[Change]] = {}
    for index, change in enumerate(changes):
        key = (change.rule, change.location, str(change.before), str(change.after), change.shared)
        result.setdefault(key if change.shared else index, []).append(change)
    return [_one_of(group) if len(group) > 1 else group[0] for group in result.values()]


def _one_of(group: list[Change]) -> Change:
    first = group[0]
    prefix = f"{quoted(first.operation)}: "
    told = first.sentence.removeprefix(prefix)
    return replace(
        first,
        operation=None,
        operation_id=None,
        sentence=f"{told} (in {len(group)} operations)",
        python=tuple(sorted({name for change in group for name in change.python})),
        tag=WHOLE,
        operations=tuple(str(change.operation) for change in group),
    )
