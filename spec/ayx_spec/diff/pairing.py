"""Which operation of the old document is which of the new one: by address, by operationId, at last by what it does."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from ayx_spec.diff.contract import Contract, Operation
from ayx_spec.diff.likeness import likeness, one_to_one
from ayx_spec.diff.shapes import Shape

__all__ = ["Pair", "on_common_ground", "pair_operations"]

Pair = tuple[Operation, Operation]

_VARIABLE = re.compile(r"\{[^{}]*\}")
_VERSION = re.compile(r"v?\d+|api|webapi|beta|latest")
#: How alike the addresses of one operation are; more where both have operationIds, because these differ.
_ALIKE = 0.6
_SURE = 0.99
_CANDIDATES = 200  # of one signature that are looked at: a bound on the time


def on_common_ground(old: Contract, new: Contract) -> tuple[Contract, Contract]:
    """Return the contracts with paths below the root where that shows that the base only moved into the paths.

    `/v1` + `/users` and `/` + `/v1/users` are one address.
    """
    if old.base == new.base:
        return old, new
    before, after = _absolute(old), _absolute(new)
    if _common(before, after) > _common(old, new):
        return before, after
    return old, new


def _absolute(contract: Contract) -> Contract:
    operations = tuple(replace(one, path=contract.base + one.path) for one in contract.operations)
    addresses = tuple(one.removesuffix(contract.base) for one in contract.addresses)
    return replace(contract, operations=operations, addresses=addresses, base="")


def _common(old: Contract, new: Contract) -> int:
    return len({_address(one) for one in old.operations} & {_address(one) for one in new.operations})


def pair_operations(old: Iterable[Operation], new: Iterable[Operation]) -> list[Pair]:
    """Return the operations that are in both documents, in the order of the old one."""
    left, right = list(old), list(new)
    pairs: list[Pair] = []
    keys: tuple[Callable[[Operation], object], ...] = (lambda one: one.key, _address, _operation_id, _deed)
    for key in keys:
        found = _pair_by(key, left, right)
        pairs += found
        left = _without(left, (pair[0] for pair in found))
        right = _without(right, (pair[1] for pair in found))
    pairs += _alike(left, right)
    order = {one.key: index for index, one in enumerate(old)}
    return sorted(pairs, key=lambda pair: order[pair[0].key])


def _without(operations: list[Operation], paired: Iterable[Operation]) -> list[Operation]:
    keys = {one.key for one in paired}
    return [one for one in operations if one.key not in keys]


def _pair_by(key: Callable[[Operation], object], left: list[Operation], right: list[Operation]) -> list[Pair]:
    """Pair the operations whose key is the only one of its value on either side."""
    counts = [Counter(map(key, side)) for side in (left, right)]
    by_key = {key(one): one for one in right}
    return [
        (one, by_key[value])
        for one in left
        if (value := key(one)) is not None and value in by_key and counts[0][value] == counts[1][value] == 1
    ]


def _address(one: Operation) -> tuple[str, str]:
    """Names of path variables are no part of an address."""
    return one.method, _VARIABLE.sub("{}", one.path)


def _operation_id(one: Operation) -> str | None:
    return one.operation_id


def _deed(one: Operation) -> object:
    """What an operation says it does, for documents that number their operationIds or have none."""
    return (one.method, one.text, _signature(one), tuple(_literals(one.path)[-1:])) if one.text else None


def _alike(left: list[Operation], right: list[Operation]) -> list[Pair]:
    """Pair what takes and gives the same at a similar path (or by another method at the same path), one to one."""
    by_signature = defaultdict(list)
    for one in right:
        by_signature[_signature(one)].append(one)
    scored = []
    for one in left:
        for other in by_signature[_signature(one)][:_CANDIDATES]:
            score = _likeness(one, other)
            if score >= (_SURE if one.operation_id and other.operation_id else _ALIKE):
                scored.append((score, one, other))
    return one_to_one(scored, lambda one: one.key)


def _likeness(one: Operation, other: Operation) -> float:
    """Return how much two addresses of the same signature are alike, 0 to 1."""
    same_path = _address(one)[1] == _address(other)[1]
    if one.method != other.method:
        return _ALIKE if same_path else 0.0
    literals, others = _literals(one.path), _literals(other.path)
    if not literals or not others or one.path.count("{") != other.path.count("{"):
        return 0.0
    if literals[-1] not in others[-1] and others[-1] not in literals[-1]:
        return 0.0  # another resource, however similar the rest
    return likeness("/".join(literals), "/".join(others))


def _literals(path: str) -> list[str]:
    """Return the fixed steps of a path without versions, in lower case without punctuation."""
    steps = [re.sub(r"[^a-z0-9]", "", step) for step in _VARIABLE.sub("", path.lower()).split("/")]
    return [step for step in steps if step and not _VERSION.fullmatch(step)]


def _signature(one: Operation) -> tuple[object, ...]:
    """Return what an operation takes and gives, without the names of models: they may have changed too."""
    parameters = frozenset(
        (parameter.place, "" if parameter.place == "path" else parameter.name, _token(parameter.shape))
        for parameter in one.parameters
    )
    body = _token(one.body.shape) if one.body else None
    answers = frozenset((status, _token(answer.shape)) for status, answer in one.answers.items())
    return parameters, body, answers


def _token(shape: Shape | None) -> object:
    if shape is None:
        return None
    return (shape.kind, shape.format, tuple(sorted(shape.fields)), _token(shape.items))
