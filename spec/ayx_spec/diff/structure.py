"""What differs between two shapes, member by member, without judging it.

Named schemas are compared once, each with its counterpart; where one is used, only its name counts. Two references are
equal if their models are counterparts; a reference and a schema written in place are compared by what they say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ayx_spec.diff.shapes import ANY, NO_DEFAULT, Field, Shape, describe

__all__ = ["Difference", "Structures"]

#: Models that are being compared in place, so that a circle of them ends.
_Met = frozenset[tuple[str | None, str | None]]

_DEEPEST = 40  # of structures compared in place: what is nested deeper is taken as equal

#: Numbers that hold all values of another: (from, to).
_WIDER = {
    ("integer", "int32", "int64"),
    ("integer", "int32", None),
    ("integer", "int64", None),
    ("number", "float", "double"),
    ("number", "float", None),
    ("number", "double", None),
}
#: Formats that say how a text is to be read: another one is another type. The others only constrain.
_TYPED_FORMATS = frozenset({"date-time", "date", "time", "uuid", "guid", "binary", "byte"})


@dataclass(frozen=True)
class Difference:
    """One thing that differs.

    Attributes:
        aspect: `type_changed`, `nullable_changed`, `enum_added`, `enum_removed`, `default_changed`; for members also
            `removed`, `added`, `added_required`, `became_required`, `became_optional`.
        variant: What kind of such a change: `wider`, `narrower`, …; "" where there is only one.
        place: The steps from where the comparison began; a member's name last.
        before: What was there.
        after: What is there now.
        read_only: Only answers hold it.
        write_only: Only requests hold it.
    """

    aspect: str
    variant: str
    place: tuple[str, ...]
    before: Any
    after: Any
    read_only: bool = False
    write_only: bool = False


@dataclass(frozen=True)
class _Member:
    """A member of an object, with the base that describes it, `None` if the object itself does."""

    field: Field
    required: bool
    base: str | None


class Structures:
    """Compares shapes of two documents.

    Args:
        old: The models of the old document.
        new: The models of the new document.
        counterparts: Old model name -> new model name.
    """

    def __init__(self, old: Mapping[str, Shape], new: Mapping[str, Shape], counterparts: Mapping[str, str]) -> None:
        self._old = old
        self._new = new
        self._counterparts = counterparts

    def differences(self, old: Shape, new: Shape, place: tuple[str, ...] = ()) -> list[Difference]:
        """Return what differs between two shapes, in the order of the members' names."""
        return list(self._compare(old, new, place, frozenset()))

    def same(self, old: Shape, new: Shape) -> bool:
        """Whether the same values are allowed."""
        return all(one.aspect == "default_changed" for one in self._compare(old, new, (), frozenset()))

    def _compare(self, old: Shape, new: Shape, place: tuple[str, ...], met: _Met) -> Iterator[Difference]:
        if old.nullable != new.nullable:
            variant = "nullable" if new.nullable else "not_nullable"
            yield Difference("nullable_changed", variant, place, old.nullable, new.nullable)
        if old.default != new.default:
            before, after = (None if one == NO_DEFAULT else one for one in (old.default, new.default))
            yield Difference("default_changed", "", place, before, after)
        yield from self._compare_types(old, new, place, met)

    def _compare_types(self, old: Shape, new: Shape, place: tuple[str, ...], met: _Met) -> Iterator[Difference]:
        if "model" in (old.kind, new.kind):
            yield from self._compare_named(old, new, place, met)
        elif old.kind != new.kind:
            yield _type_changed(old, new, place, _kind_change(old, new, self))
        elif old.kind == "array":
            yield from self._compare_items(old, new, place, met)
        elif old.kind == "object":
            yield from self._compare_objects(old, new, place, met)
        elif old.kind == "union":
            yield from self._compare_unions(old, new, place, met)
        else:
            yield from _compare_values(old, new, place)

    def _compare_named(self, old: Shape, new: Shape, place: tuple[str, ...], met: _Met) -> Iterator[Difference]:
        if old.kind == new.kind == "model":
            if self._counterparts.get(old.model or "", old.model) == new.model:
                return
            yield _type_changed(old, new, place, "exchanged" if self._extends(old, new) else "different")
            return
        # one is named, the other written in place: the same to everybody on the wire
        if (old.model, new.model) in met or len(met) > _DEEPEST:
            return
        met |= {(old.model, new.model)}
        before, after = self._opened(old, self._old), self._opened(new, self._new)
        if before.kind == "model" or after.kind == "model":
            yield _type_changed(old, new, place, "different")
        else:
            yield from self._compare_types(before, after, place, met)

    def _opened(self, shape: Shape, models: Mapping[str, Shape]) -> Shape:
        seen = set()
        while shape.kind == "model" and shape.model in models and shape.model not in seen:
            seen.add(shape.model)
            shape = models[str(shape.model)]
        return shape

    def _extends(self, old: Shape, new: Shape) -> bool:
        """Whether a model has every member of another, of the same type."""
        before, after = self._opened(old, self._old), self._opened(new, self._new)
        if before.kind != "object" or after.kind != "object":
            return False
        members, found = self._members(before, self._old), self._members(after, self._new)
        return bool(members) and all(
            name in found and found[name].field.shape == member.field.shape for name, member in members.items()
        )

    def _compare_items(self, old: Shape, new: Shape, place: tuple[str, ...], met: _Met) -> Iterator[Difference]:
        """Whatever differs about the elements themselves is said of the list, in its own words."""
        inner = (*place, "items")
        types: list[Difference] = []
        for one in self._compare(old.items or ANY, new.items or ANY, inner, met):
            if one.place != inner:
                yield one
            elif one.aspect in ("type_changed", "nullable_changed"):
                types.append(one)
            elif one.aspect != "default_changed":
                yield replace(one, place=place)
        if types:  # the list is of another type, whether one or two things about its elements are
            aspect = max(types, key=lambda one: one.aspect)
            yield replace(aspect, aspect="type_changed", place=place, before=describe(old), after=describe(new))

    def _compare_objects(self, old: Shape, new: Shape, place: tuple[str, ...], met: _Met) -> Iterator[Difference]:
        """Yield what differs between the members of two objects."""
        before, after = self._members(old, self._old), self._members(new, self._new)
        kept = {base for base in old.bases if self._counterparts.get(base, base) in new.bases}
        theirs = {self._counterparts.get(base, base) for base in kept}
        for name in sorted({**before, **after}):
            was, now = before.get(name), after.get(name)
            if (was is None or was.base in kept) and (now is None or now.base in theirs):
                # what changed about it is said of the base; only who extends the base may require more than it does
                if was and now and (name in old.required) != (name in new.required):
                    yield from _requirement(was, now, (*place, name))
            else:
                yield from self._compare_members(was, now, (*place, name), met)
        if old.items is not None and new.items is not None:
            yield from self._compare_further(old.items, new.items, place, met)
        elif old.items != new.items and not (before or after):
            variant = "given" if new.items else "dropped"
            yield _type_changed(old, new, place, variant)

    def _compare_further(self, old: Shape, new: Shape, place: tuple[str, ...], met: _Met) -> Iterator[Difference]:
        inner = (*place, "additionalProperties")
        yield from (one for one in self._compare(old, new, inner, met) if one.aspect != "default_changed")

    def _compare_members(
        self,
        was: _Member | None,
        now: _Member | None,
        inner: tuple[str, ...],
        met: _Met,
    ) -> Iterator[Difference]:
        if was is None and now is not None:
            aspect = "added_required" if now.required else "added"
            yield _of(now, Difference(aspect, "", inner, None, describe(now.field.shape)))
        elif now is None and was is not None:
            variant = "required" if was.required else "optional"
            yield _of(was, Difference("removed", variant, inner, describe(was.field.shape), None))
        elif was is not None and now is not None:
            yield from _requirement(was, now, inner)
            for one in self._compare(was.field.shape, now.field.shape, inner, met):
                if one.aspect != "default_changed":
                    yield _of(was, one, now)

    def _members(
        self, shape: Shape, models: Mapping[str, Shape], _entered: frozenset[str] = frozenset()
    ) -> dict[str, _Member]:
        """Return all members of an object, those of its bases included."""
        found: dict[str, _Member] = {}
        for base in shape.bases:
            opened = self._opened(Shape("model", model=base), models)
            if base not in _entered and opened.kind == "object" and len(_entered) < _DEEPEST:
                inherited = self._members(opened, models, _entered | {base})
                found |= {name: replace(member, base=base) for name, member in inherited.items()}
        found |= {name: _Member(one, False, None) for name, one in shape.fields.items()}
        for name in shape.required & found.keys():
            found[name] = replace(found[name], required=True)
        return found

    def _compare_unions(self, old: Shape, new: Shape, place: tuple[str, ...], met: _Met) -> Iterator[Difference]:
        gone = [one for one in old.variants if not any(self.same(one, other) for other in new.variants)]
        come = [one for one in new.variants if not any(self.same(other, one) for other in old.variants)]
        if len(gone) == len(come) == 1 and gone[0].kind == come[0].kind != "model":
            yield from self._compare_types(gone[0], come[0], place, met)
        elif gone or come:
            variant = "different" if gone and come else "general" if come else "special"
            yield _type_changed(old, new, place, variant)


def _of(member: _Member, one: Difference, now: _Member | None = None) -> Difference:
    """Say of a difference whether only answers, or only requests, hold the member."""
    others = [member.field, *([now.field] if now else [])]
    return replace(
        one,
        read_only=one.read_only or all(field.read_only for field in others),
        write_only=one.write_only or all(field.write_only for field in others),
    )


def _requirement(was: _Member, now: _Member, place: tuple[str, ...]) -> Iterator[Difference]:
    if was.required != now.required:
        aspect = "became_required" if now.required else "became_optional"
        yield _of(was, Difference(aspect, "", place, was.required, now.required), now)


def _type_changed(old: Shape, new: Shape, place: tuple[str, ...], variant: str) -> Difference:
    return Difference("type_changed", variant, place, describe(old), describe(new))


def _kind_change(old: Shape, new: Shape, structures: Structures) -> str:
    known = {("integer", "number"): "general", ("number", "integer"): "special"}
    if "any" in (old.kind, new.kind):
        return "given" if old.kind == "any" else "dropped"
    if (old.kind, new.kind) in known:
        return known[old.kind, new.kind]
    if new.kind == "union" and any(structures.same(replace(old, nullable=False), one) for one in new.variants):
        return "general"
    if old.kind == "union" and any(structures.same(one, replace(new, nullable=False)) for one in old.variants):
        return "special"
    return "different"


def _width_change(old: Shape, new: Shape) -> str:
    """Return how the format of a number or text changed: `wider`, `narrower`, `form…` or `different`."""
    if (old.kind, old.format, new.format) in _WIDER:
        return "wider"
    if (old.kind, new.format, old.format) in _WIDER:
        return "narrower"
    if old.kind == "string" and not {old.format, new.format} & _TYPED_FORMATS:
        return "form_dropped" if new.format is None else "form_given"
    return "different"


def _compare_values(old: Shape, new: Shape, place: tuple[str, ...]) -> Iterator[Difference]:
    """Compare two texts, numbers or booleans: the format, then the values that are listed."""
    if old.format != new.format:
        yield _type_changed(replace(old, enum=None), replace(new, enum=None), place, _width_change(old, new))
    if old.enum is None or new.enum is None:
        if old.enum != new.enum:
            yield _type_changed(old, new, place, "open" if new.enum is None else "closed")
        return
    before, after = list(old.enum), list(new.enum)
    if any(value not in before for value in after):
        yield Difference("enum_added", "", place, before, after)
    if any(value not in after for value in before):
        yield Difference("enum_removed", "", place, before, after)
