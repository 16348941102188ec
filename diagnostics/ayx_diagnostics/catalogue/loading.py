"""Reading the catalogue: one file a stage, and every mistake in it told with its code and key."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from ayx_diagnostics.catalogue.entry import PLACEHOLDERS, Entry, LetsSee, LookAlike, Proof, Visible, stage_of
from ayx_diagnostics.catalogue.words import COMMANDS, SYSTEMS, VENDOR_PAGES
from ayx_diagnostics.model import STAGES, FixStep, Owner, Severity

__all__ = ["CatalogueError", "entries", "entry", "read_entry", "unknown_codes"]

_HERE = Path(__file__).parent


class CatalogueError(ValueError):
    """An entry of the catalogue is not as it has to be."""


def entries() -> tuple[Entry, ...]:
    """Return every entry, stage by stage in the order of the catalogue.

    Raises:
        CatalogueError: An entry lacks something, or refers to a code that there is not.
    """
    found = tuple(found for stage in STAGES for found in _stage(stage).values())
    if wrong := list(unknown_codes(found)):
        raise CatalogueError("; ".join(wrong))
    return found


def entry(code: str) -> Entry:
    """Return the entry of a code; only the file of its stage is read.

    Raises:
        KeyError: The catalogue has no such code.
        CatalogueError: An entry of its stage is not as it has to be.
    """
    return _stage(stage_of(code))[code]


def unknown_codes(found: tuple[Entry, ...]) -> Iterator[str]:
    """Yield a sentence for each reference from entries to a code that none of them has, or to itself."""
    codes = {each.code for each in found}
    for each in found:
        named = [other.code for other in (*each.look_alikes, *filter(None, [each.without_sender]))]
        for other in (*named, *each.see_also, *each.excused_by):
            if other not in codes - {each.code}:
                yield f"{each.code} refers to {other}, which is {'itself' if other == each.code else 'no code'}"


@cache
def _stage(stage: str) -> Mapping[str, Entry]:
    tables = tomllib.loads((_HERE / f"{stage}.toml").read_text(encoding="utf-8"))
    return {f"{stage}.{reason}": read_entry(f"{stage}.{reason}", table) for reason, table in tables.items()}


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _tables(**keys: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(_table(keys, item) for item in value)


def _table(keys: Mapping[str, Callable[[Any], bool]], value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == keys.keys() and all(keys[key](value[key]) for key in keys)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _title(value: Any) -> bool:
    return _text(value) and {name for _, name, _, _ in string.Formatter().parse(value) if name} <= PLACEHOLDERS.keys()


_LOOK_ALIKE: Mapping[str, Callable[[Any], bool]] = {"code": _text, "differs": _text}
_REQUIRED: Mapping[str, Callable[[Any], bool]] = {
    "title": _title,
    "severity": _one_of(*get_args(Severity)),
    "meaning": _text,
    "evidence": _text,
    "causes": _texts,
    "fix": _tables(owner=_one_of(*get_args(Owner)), step=_text),
    "reproduce": _text,
    "prove": _tables(on=_one_of(*SYSTEMS), run=_text, shows=_text),
    "look_alikes": _tables(**_LOOK_ALIKE),
}
_OPTIONAL: Mapping[str, Callable[[Any], bool]] = {
    "see_also": _texts,
    "docs": lambda value: _texts(value) and set(value) <= VENDOR_PAGES.keys(),
    "proven_at": _one_of(*STAGES),
    "visible": _one_of(*get_args(Visible)),
    "lets_see": _one_of(*get_args(LetsSee)),
    "excused_by": _texts,
    "without_sender": lambda value: _table(_LOOK_ALIKE, value),
    "unusable_input": lambda value: value is True,
    "not_concluded": _text,
}


def _mistakes(table: Mapping[str, Any]) -> Iterator[str]:
    known = {**_REQUIRED, **_OPTIONAL}
    yield from (f"{key} is missing" for key in _REQUIRED if key not in table)
    yield from (f"{key} is no key of an entry" for key in table if key not in known)
    yield from (f"{key} is not what it has to be" for key in table if key in known and not known[key](table[key]))


def read_entry(code: str, table: Mapping[str, Any]) -> Entry:
    """Return the entry that a table of the catalogue describes.

    Raises:
        CatalogueError: It lacks something, or holds what no entry has.
    """
    if wrong := list(_mistakes(table)):
        raise CatalogueError(f"{code} in {stage_of(code)}.toml: {'; '.join(wrong)}")
    look_alikes = tuple(LookAlike(**other) for other in table["look_alikes"])
    named = {other.code for other in look_alikes}
    return Entry(
        code=code,
        title=table["title"],
        severity=table["severity"],
        meaning=table["meaning"].strip(),
        evidence=table["evidence"].strip(),
        causes=tuple(table["causes"]),
        fix=tuple(FixStep(**step) for step in table["fix"]),
        reproduce=table["reproduce"],
        prove=tuple(
            Proof(proof["on"], COMMANDS.get(proof["run"], proof["run"]), proof["shows"]) for proof in table["prove"]
        ),
        look_alikes=look_alikes,
        see_also=tuple(other for other in table.get("see_also", ()) if other not in named),
        docs=tuple(VENDOR_PAGES[name] for name in table.get("docs", ())),
        proven_at=table.get("proven_at", stage_of(code)),
        visible=table.get("visible"),
        lets_see=table.get("lets_see"),
        excused_by=tuple(table.get("excused_by", ())),
        without_sender=LookAlike(**table["without_sender"]) if "without_sender" in table else None,
        unusable_input=table.get("unusable_input", False),
        not_concluded=table.get("not_concluded", ""),
    )
