"""From what ``capture_errors.py`` captured to the corpus that ``explain`` is measured on; and the measures.

    export PYTHONPATH=tests
    python -m lab.error_corpus captures.json …                          # prints the measures
    python -m lab.error_corpus captures.json … --write FILE             # and writes the compact corpus

Which captures count is decided in ``fair_captures.py``; the captures of the healthy scenarios are needed for it.

A random third, chosen by a hash of scenario and client, is held back: look at the other two thirds only when working on
the tables (``--tuning FILE`` writes those). A text does not always tell its cause: nine faults of name resolution read
``[Errno -3]`` alike. So each measure comes three times: strictly (the code of the scenario), as the best that any
answer to the same texts could reach, and with every code counting whose scenario showed the very same text. Some texts
are shown by many clients, and some codes by many scenarios; so there is also a measure in which every text has one
vote, and one in which every code has.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from ayx_diagnostics.explanation import understand
from lab.fair_captures import fair
from lab.scenario import SEVERAL_FAULTS

Row = dict[str, Any]

#: What differs between two captures of the same text.
_VARIES = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"0x[0-9a-f]{6,}", "0x7f0000000000"),
        (r"[a-z0-9]+\.lab\.test", "host.lab.test"),
        (r"\b(?:10\.91\.\d+|203\.0\.113)\.\d+", "10.91.0.0"),
        (r"fd91:[\w:]+", "fd91::"),
        (r"(?<=:)\d{4,5}(?=->)", "40000"),
        (r"\b[0-9A-F]{12,16}(?=:error:)", "7F0000000000"),
        (r"\(node:\d+\)", "(node:1)"),
        (r"(?<=localPort: )\d+|(?<=bytesWritten: )\d+|(?<=duration: )\d+", "1"),
        (r"(?<=<Buffer )[0-9a-f ]+(?=\.\.\.)|(?<=\.\.\. )\d+(?= more bytes)|(?<=')[0-9A-F:]{40,}(?=')", "0"),
        (r"\d{4}[-/]\d\d[-/]\d\d \d\d:\d\d:\d\d(?:,\d+)?", "DATE"),
        (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", "DATE"),
        (r"\bline \d+|(?<=_ssl\.c:)\d+", "line 1"),
        (r"\d+(?= (?:ms|milliseconds)\b)", "1000"),
    )
)
#: Keys, tokens, and the places of other people's machines.
_PRIVATE = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"[0-9A-Fa-f]{48,}", "SECRET"),
        (r"AQAAANCMnd8BFdERjHoAwE_Cl-sBAAAA[\w-]*", "TOKEN"),
        (r"lab-proxy-password-77", "pass"),
        (r"/home/\w+/\.pyenv/versions/[\d.]+", "/usr/local"),
        (r"(?:/[\w.-]+)+/(?=node_modules/|lib/python)", "/opt/"),
    )
)
_LONGEST_MESSAGE = 900
#: How many texts of one library for the same codes the corpus has, of each part.
_MOST_ALIKE = 3


def is_held_back(row: Row) -> bool:
    """Tell whether a capture belongs to the third that nobody looks at."""
    digest = hashlib.sha256(f"20261125|{row['scenario']}|{row['client']}".encode()).hexdigest()
    return int(digest, 16) % 3 == 0


def same_text(row: Row) -> tuple[str, ...]:
    """Return what two captures share whose texts are the same but for names and numbers of the case."""
    text = row["text"]
    for pattern, word in _VARIES:
        text = pattern.sub(word, text)
    return str(row["library"]), row["style"], text


@dataclass(frozen=True)
class Measures:
    """Shares, in per cent, of captures that are answered rightly; each for the first answer and for the first three."""

    strict: tuple[float, float]
    attainable: tuple[float, float]
    any_meaning: tuple[float, float]
    no_match: float

    def __str__(self) -> str:
        pairs = (self.strict, self.attainable, self.any_meaning)
        return "  ".join(f"{first:5.1f} {three:5.1f}" for first, three in pairs) + f"  {self.no_match:5.1f}"


class Meanings:
    """What every text means, by all captures there are; and what ``explain`` answers."""

    def __init__(self, every: Iterable[Row]) -> None:
        self._codes: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for row in every:
            self._codes[same_text(row)][row["code"]] += 1
        self._answers: dict[str, list[str]] = {}

    def answers(self, text: str) -> list[str]:
        """Return the first three codes that ``explain`` answers."""
        if text not in self._answers:
            self._answers[text] = [match.code for match in understand(text).matches[:3]]
        return self._answers[text]

    def measure(self, rows: Sequence[Row], alike: Callable[[Row], Hashable] = id) -> Measures:
        """Return the measures of some captures; those that are alike have one vote together."""
        voters = Counter(alike(row) for row in rows)
        shares = [0.0] * 7
        for row in rows:
            vote = 100 / (voters[alike(row)] * len(voters))
            shares = [share + vote * right for share, right in zip(shares, self._right(row), strict=True)]
        return Measures((shares[0], shares[1]), (shares[2], shares[3]), (shares[4], shares[5]), shares[6])

    def _right(self, row: Row) -> tuple[bool, ...]:
        code, known, answers = row["code"], self._codes[same_text(row)], self.answers(row["text"])
        likeliest = [code for code, _ in known.most_common(3)]
        return (
            answers[:1] == [code],
            code in answers,
            likeliest[0] == code,
            code in likeliest,
            bool(answers) and answers[0] in known,
            not known.keys().isdisjoint(answers),
            not answers,
        )


def kind(row: Row) -> str:
    """Return what a capture counts under in the measures by library."""
    client = str(row["client"])
    if row["library"] is not None:
        return str(row["library"])
    return next((name for name in ("java", "go", "wget", "http_client") if client.startswith(name)), "other")


def report(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the report."""
    meanings = Meanings(rows)
    yield f"{'':34}{'texts':>6}   strict       attainable   any meaning  none"
    yield f"{'':34}{'':6}   first  in 3   first  in 3   first  in 3"
    parts = {
        "for tuning": [row for row in rows if not is_held_back(row)],
        "held back": [row for row in rows if is_held_back(row)],
    }
    seen = {same_text(row) for row in parts["for tuning"]}
    for name, part in parts.items():
        single = [row for row in part if not row["scenario"].startswith(SEVERAL_FAULTS)]
        yield f"{name:34}{len(part):6}  {meanings.measure(part)}"
        yield f"{'  one fault at a time':34}{len(single):6}  {meanings.measure(single)}"
        texts = {same_text(row) for row in part}
        yield f"{'  one vote a text':34}{len(texts):6}  {meanings.measure(part, same_text)}"
        if new := [row for row in part if same_text(row) not in seen]:
            yield f"{'  texts that the tuning has not':34}{len(new):6}  {meanings.measure(new, same_text)}"
        codes = {row["code"] for row in part}
        yield f"{'  one vote a code':34}{len(codes):6}  {meanings.measure(part, itemgetter('code'))}"
        for library in sorted({kind(row) for row in part}):
            own = [row for row in part if kind(row) == library]
            yield f"  {library:32}{len(own):6}  {meanings.measure(own)}"


def corpus(rows: Iterable[Row]) -> list[Row]:
    """Return one row a text, with all the codes that it had; messages, and stacks where those say more.

    Of many texts of one library for the same codes, some are left out, by chance.
    """
    merged: dict[tuple[str, ...], Row] = {}
    stacks: set[str] = set()
    for row in sorted(rows, key=lambda row: (row["style"], row["scenario"], row["client"])):
        if row["style"] == "traceback":
            # only where the stack says what the message does not: httpx names no proxy
            if row["library"] != "httpx" or not row["code"].startswith("proxy.") or row["code"] in stacks:
                continue
            stacks.add(row["code"])
        elif len(row["text"]) > _LONGEST_MESSAGE:
            continue
        one = merged.setdefault(
            same_text(row),
            {"codes": [], "library": row["library"], "held_back": is_held_back(row), "text": cleaned(row["text"])},
        )
        one["codes"] = sorted({*one["codes"], row["code"]})
        one["held_back"] &= is_held_back(row)  # what the tuning saw once is not held back
    alike: Counter[tuple[object, ...]] = Counter()
    kept: set[str] = set()
    for row in sorted(merged.values(), key=lambda row: hashlib.sha256(row["text"].encode()).digest()):
        group = (*row["codes"], row["library"], row["held_back"])
        if alike[group] < _MOST_ALIKE:
            kept.add(row["text"])
        alike[group] += 1
    return [row for row in merged.values() if row["text"] in kept]


def cleaned(text: str) -> str:
    """Return a text without keys, tokens and places of the machine that captured it."""
    for pattern, word in _PRIVATE:
        text = pattern.sub(word, text)
    return text


def main() -> None:
    """Print the measures of both parts; write the corpus if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", type=Path, nargs="+")
    parser.add_argument("--write", type=Path, help="where the compact corpus goes (JSON, one text a line)")
    parser.add_argument("--tuning", type=Path, help="where the captures go that were not held back (JSON)")
    options = parser.parse_args()
    rows = fair([row for path in options.captures for row in json.loads(path.read_text(encoding="utf-8"))])
    sys.stdout.writelines(f"{line}\n" for line in report(rows))
    if options.tuning is not None:
        tuning = [row for row in rows if not is_held_back(row)]
        options.tuning.write_text(json.dumps(tuning, indent=0), encoding="utf-8")
    if options.write is not None:
        lines = (json.dumps(row, ensure_ascii=False) for row in corpus(rows))
        options.write.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
