"""Which words identify nobody: those of pages, protocols and products (``words.txt``), and what rules look for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ayx_diagnostics.rules.http.answer_evidence import GATEWAY, LOGIN
from ayx_diagnostics.rules.tls.certificate_evidence import INSPECTION, INTERMEDIATE, ROOT

__all__ = ["ISSUERS", "SIGN_IN", "SPEAKERS", "are_known", "is_known", "phrases"]

#: What rules look for in the name of an authority, in an address, and in what a peer says.
ISSUERS = (INSPECTION, INTERMEDIATE, ROOT)
SIGN_IN = (LOGIN,)
SPEAKERS = (LOGIN, GATEWAY, re.compile("alteryx", re.IGNORECASE), re.compile(r"\bSSH-[12]\.\d{1,2}-"))

_SEPARATORS = re.compile(r"[-_.+'\u2019]+|(?<=[a-z])(?=[A-Z])")
#: A status code, a version or a small number, if it stands alone. Longer ones, and several of them, may be an address,
#: a telephone number or a customer's, and behind a word the number of a machine.
_NUMBER = re.compile(r"[1-5]\d\d(?:\.\d{1,2})?|\d(?:\.\d)?")
#: Below these, the next segment of a path is whose it is.
_FOLDERS_OF_PEOPLE = frozenset({"home", "profiles", "users"})
#: Put together by dots, words are the name of a host.
_DOTTED = re.compile(r"(?:[\w-]+\.)+[a-z][\w-]*", re.IGNORECASE)
_FILE_TYPES = frozenset({"ashx", "asmx", "asp", "aspx", "css", "dll", "htm", "html", "js", "json", "jsp", "php", "xml"})


@cache
def _vocabulary() -> frozenset[str]:
    lines = (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def is_known(word: str) -> bool:
    """Whether a word, or each of those that it is put together from, is one that identifies nobody."""
    if word.lower() in _vocabulary() or _NUMBER.fullmatch(word):
        return True
    stem, _, file_type = word.rpartition(".")
    if _DOTTED.fullmatch(word) and file_type.lower() not in _FILE_TYPES:
        return False
    parts = [part for part in _SEPARATORS.split(stem if file_type.lower() in _FILE_TYPES else word) if part]
    return bool(parts) and all(part.lower() in _vocabulary() for part in parts)


def are_known(segments: Iterable[str]) -> list[bool]:
    """Say of each segment of a path whether it identifies nobody, where it stands."""
    known: list[bool] = []
    before, has_number = "", False
    for segment in segments:
        is_number = bool(_NUMBER.fullmatch(segment))
        known.append(before not in _FOLDERS_OF_PEOPLE and not (is_number and has_number) and is_known(segment))
        before, has_number = segment.lower(), has_number or is_number
    return known


def phrases(name: str, looked_for: tuple[re.Pattern[str], ...]) -> list[str]:
    """Return what rules look for in a name that is to be replaced, in the order of the name."""
    spans = sorted(match.span() for pattern in looked_for for match in pattern.finditer(name))
    found: list[str] = []
    end = 0
    for start, stop in spans:
        if start >= end:
            found.append(name[start:stop])
            end = stop
    return found
