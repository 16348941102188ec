"""Which schema of the old document is which of the new one, and whether requests or answers hold it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from ayx_spec.diff.contract import Contract, Operation
from ayx_spec.diff.levels import Direction
from ayx_spec.diff.likeness import likeness, one_to_one
from ayx_spec.diff.pairing import Pair
from ayx_spec.diff.shapes import Shape

__all__ = ["directions", "leads_to", "pair_models"]

#: How alike two structures must be to be one schema under two names: alone, and where one took the other's place.
_ALIKE = 0.75
_ALIKE_IN_PLACE = 0.4
_TELLING = 3  # members: fewer (`id`, `name`) say little, so that the names must be alike as well
_NAMES_ALIKE = 0.5
_CANDIDATES = 500  # that share a member: a bound on the time


def pair_models(old: Contract, new: Contract, pairs: list[Pair], key: Callable[[str], str]) -> dict[str, str]:
    """Return the counterpart of every schema that is in both documents: old name -> new name.

    Args:
        old: The old document.
        new: The new document.
        pairs: The operations that are in both.
        key: What a name becomes in the client: a schema that only changed its namespace keeps it.
    """
    counterparts = {name: name for name in old.models if name in new.models}
    ours = {key(name): name for name in old.models if name not in counterparts}
    theirs = {key(name): name for name in new.models if name not in counterparts}
    counterparts |= {ours[one]: theirs[one] for one in ours if one in theirs}
    gone = [name for name in old.models if name not in counterparts]
    come = set(new.models) - set(counterparts.values())
    before, after = _standing(old, new, pairs)
    replaced = _replacements(before, after)
    used = {*before.values()}, {*after.values()}
    scored = []
    found = _Index({other: _features(new.models[other], names_only=True) for other in come})
    for name in gone:
        for other in found.worth_a_look(_features(old.models[name], names_only=True)) | replaced[name].keys() & come:
            unused = name not in used[0] and other not in used[1]
            evidence = "in place" if replaced[name][other] else "unused" if unused else ""
            score = _score(old.models[name], new.models[other], name, other, evidence)
            if score:
                scored.append((score, name, other))
    counterparts |= dict(one_to_one(scored, str))
    return counterparts


class _Index:
    """Finds the schemas that share a member or a value with another one, or have none as it has."""

    def __init__(self, features: Mapping[str, frozenset[object]]) -> None:
        self._by_feature: dict[object, set[str]] = defaultdict(set)
        for name, found in features.items():
            for feature in found or (None,):
                self._by_feature[feature].add(name)

    def worth_a_look(self, features: frozenset[object]) -> set[str]:
        """Return the names of those schemas; of a member that many have, so many that nobody could be told, none."""
        sets = (self._by_feature[feature] for feature in features or (None,) if feature in self._by_feature)
        return set().union(*(names for names in sets if len(names) <= _CANDIDATES))


def _score(old: Shape, new: Shape, name: str, other: str, evidence: str) -> float:
    """Return how surely two schemas are one, 0 if they are not.

    Args:
        old: The one.
        new: The other.
        name: Its name.
        other: The name of the other.
        evidence: `in place` if one took the other's place, `unused` if nothing names either, else nothing.
    """
    if old.kind != new.kind:
        return 0.0
    names = likeness(name.lower(), other.lower())
    mine, yours = _features(old, names_only=True), _features(new, names_only=True)
    alike = (_overlap(mine, yours) + _overlap(_features(old), _features(new))) / 2
    in_place, twins = evidence == "in place", evidence == "unused" and alike == 1 and bool(mine)
    if alike < (_ALIKE_IN_PLACE if in_place else _ALIKE):
        return 0.0
    if len(mine) < _TELLING and names < _NAMES_ALIKE and not (in_place or twins):
        return 0.0
    return alike + in_place + names / 10


def _overlap(one: frozenset[object], other: frozenset[object]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _features(shape: Shape, *, names_only: bool = False) -> frozenset[object]:
    """Return what tells a structure from others: members with their types, values, bases."""
    if shape.enum:
        return frozenset(map(str, shape.enum))
    if names_only:
        return frozenset(shape.fields)
    members = ((name, _type(one.shape), name in shape.required) for name, one in shape.fields.items())
    return frozenset((*members, ("items", _type(shape.items)) if shape.items else ("bases", len(shape.bases))))


def _type(shape: Shape | None) -> object:
    """Names of models are left out: they may have changed as well."""
    return (shape.kind, shape.format, _type(shape.items)) if shape else None


#: A place in a document -> the schema that is named there.
_Standing = dict[tuple[str, ...], str]


def _standing(old: Contract, new: Contract, pairs: list[Pair]) -> tuple[_Standing, _Standing]:
    """Return where each document names a schema; places of one operation or schema are called alike."""
    before: _Standing = {site: name for one, _ in pairs for site, name in _sites(one, one.key)}
    after: _Standing = {site: name for one, other in pairs for site, name in _sites(other, one.key)}
    for contract, sites in ((old, before), (new, after)):
        for name, shape in contract.models.items():
            sites |= {("model", name, *step): used for step, used in _used(shape, ())}
    return before, after


def _replacements(before: _Standing, after: _Standing) -> dict[str, Counter[str]]:
    """Return, for each old name, which other name stands where it stood, and how often."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for site, name in before.items():
        other = after.get(site)
        if other is not None and other != name:
            found[name][other] += 1
    return found


def _sites(one: Operation, key: str) -> Iterator[tuple[tuple[str, ...], str]]:
    for part, shape in _parts(one):
        for step, name in _used(shape, ()):
            yield (key, part, *step), name


def _parts(one: Operation) -> Iterator[tuple[str, Shape]]:
    """Yield every shape of an operation and where it is; what begins with `response` is an answer."""
    for parameter in one.parameters:
        yield f"{parameter.place}.{parameter.name}", parameter.shape
    if one.body:
        yield "body", one.body.shape
    for status, answer in one.answers.items():
        if answer.shape:
            yield f"response.{status}", answer.shape


def _used(shape: Shape, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every named schema that a shape names, and the steps that lead there."""
    if shape.model:
        yield steps, shape.model
    for index, base in enumerate(shape.bases):
        yield (*steps, f"base {index}"), base
    for name, member in shape.fields.items():
        yield from _used(member.shape, (*steps, name))
    if shape.items:
        yield from _used(shape.items, (*steps, "items"))
    for index, variant in enumerate(shape.variants):
        yield from _used(variant, (*steps, f"variant {index}"))


def _named_in(shapes: Iterable[Shape], models: Mapping[str, Shape]) -> set[str]:
    """Return the schemas that shapes name, and those that these name, and so on."""
    reached: set[str] = set()
    stack = [name for shape in shapes for _, name in _used(shape, ())]
    while stack:
        name = stack.pop()
        if name not in reached and name in models:
            reached.add(name)
            stack += [other for _, other in _used(models[name], ())]
    return reached


def leads_to(one: Operation, models: Mapping[str, Shape]) -> dict[Direction, set[str]]:
    """Return the schemas that requests and answers of an operation hold."""
    shapes: dict[Direction, list[Shape]] = {"request": [], "response": []}
    for part, shape in _parts(one):
        shapes["response" if part.startswith("response.") else "request"].append(shape)
    return {direction: _named_in(used, models) for direction, used in shapes.items()}


def directions(contract: Contract, operations: Iterable[Operation]) -> dict[str, set[Direction]]:
    """Return, for every schema, whether requests, answers or both hold it (neither: no operation uses it)."""
    shapes: dict[Direction, list[Shape]] = {"request": [], "response": []}
    for one in operations:
        for part, shape in _parts(one):
            shapes["response" if part.startswith("response.") else "request"].append(shape)
    found: dict[str, set[Direction]] = {name: set() for name in contract.models}
    for direction, used in shapes.items():
        for name in _named_in(used, contract.models):
            found[name].add(direction)
    return found
