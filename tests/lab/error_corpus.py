"""From what ``capture_errors.py`` captured to the corpus that ``explain`` is measured on; and the measures.

    python tests/lab/error_corpus.py captures.json …                          # prints the measures
    python tests/lab/error_corpus.py captures.json … --write FILE             # and writes the compact corpus

A random third, chosen by a hash of scenario and client, is held back: look at the other two thirds only when working on
the tables. A text does not always tell its cause: nine faults of name resolution read ``[Errno -3]`` alike. So each
measure comes three times: strictly (the code of the scenario), as the best that any answer to the same texts could
reach, and with every code counting whose scenario showed the very same text.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ayx_diagnostics.explanation import understand

Row = dict[str, Any]

#: What differs between two captures of the same text.
_VARIES = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"0x[0-9a-f]{6,}", "0x7f0000000000"),
        (r"[a-z0-9]+\.lab\.test", "host.lab.test"),
        (r"\b10\.91\.\d+\.\d+", "10.91.0.0"),
        (r"fd91:[\w:]+", "fd91::"),
        (r"\bline \d+", "line 1"),
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
        (r"(?:/\w+)+/clients/(?=py|js)", "/opt/"),
    )
)
_LONGEST_MESSAGE = 900


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


def measure(rows: Sequence[Row], every: Iterable[Row]) -> dict[str, float]:
    """Return the shares, in per cent, of rows that are answered rightly.

    Args:
        rows: What is measured.
        every: All captures there are: what a text can mean.
    """
    meanings: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in every:
        meanings[same_text(row)][row["code"]] += 1
    hits: Counter[str] = Counter()
    for row in rows:
        known = meanings[same_text(row)]
        found = understand(row["text"])
        codes = [match.code for match in found.matches[:3]]
        hits["first"] += codes[:1] == [row["code"]]
        hits["within three"] += row["code"] in codes
        hits["first, attainable"] += row["code"] in {code for code, _ in known.most_common(1)}
        hits["within three, attainable"] += row["code"] in {code for code, _ in known.most_common(3)}
        hits["first, any meaning of the text"] += bool(codes) and codes[0] in known
        hits["within three, any meaning of the text"] += not known.keys().isdisjoint(codes)
        hits["no match"] += not codes
    return {name: 100 * count / len(rows) for name, count in hits.items()}


def corpus(rows: Iterable[Row]) -> list[Row]:
    """Return one row a text, with all the codes that it had; messages, and stacks where those say more."""
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
    return list(merged.values())


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
    options = parser.parse_args()
    rows = [row for path in options.captures for row in json.loads(path.read_text(encoding="utf-8"))]
    rows = [row for row in rows if row["text"].strip()]
    single = [row for row in rows if not row["scenario"].startswith("two faults")]
    parts = {
        "for tuning": [row for row in rows if not is_held_back(row)],
        "held back": [row for row in rows if is_held_back(row)],
        "held back, one fault at a time": [row for row in single if is_held_back(row)],
    }
    for name, part in parts.items():
        sys.stdout.write(f"{name}: {len(part)} texts\n")
        for what, share in measure(part, rows).items():
            sys.stdout.write(f"  {share:5.1f} % {what}\n")
    if options.write is not None:
        lines = (json.dumps(row, ensure_ascii=False) for row in corpus(rows))
        options.write.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
