"""Goldens: what the probes saw of every scenario, committed, so that the rules can be judged without a network.

``tests/diagnostics/test_goldens.py`` runs today's rules over them on every system. They are recorded from the lab
itself, and only if its verdict is right:

    python -m pytest tests/lab/test_scenarios.py --record-goldens            # all; -k NAME for some, -n 2 for speed

That is needed for a new scenario, and when a probe changes what it writes. When only rules have changed on purpose,
``make record`` judges the goldens again, offline (with this program), lets the tests of the rules record their words,
and shows what all of that changes; read it before committing it. Every word counts: the test compares verdict, findings
and checks whole.
"""

from __future__ import annotations

import json
import platform
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ayx_connection.redaction import map_text
from ayx_diagnostics.replay import replay

__all__ = ["FOLDER", "WORDS", "changes", "judge_again", "path_of", "without_this_machine", "write"]

FOLDER = Path(__file__).parents[1] / "diagnostics" / "goldens"
#: What the rules say of the cases of their own tests (``tests/diagnostics/test_rules_*.py``).
WORDS = FOLDER.parent / "recorded_words.json"

#: Versions of the machine that recorded say nothing about the fault.
_TOOL = {"name": "ayxctl", "version": "0", "python": "3", "openssl": "OpenSSL", "platform": "Linux"}


def path_of(scenario: str) -> Path:
    """Return the file of a scenario, by its name."""
    return FOLDER / (re.sub(r"[^a-z0-9]+", "-", scenario.lower()).strip("-") + ".json")


def without_this_machine(document: Mapping[str, Any], lab_folder: Path) -> dict[str, Any]:
    """Return a report in which no path, host name or version of the recording machine is left."""
    places = {
        str(lab_folder): "/lab",
        str(Path(__file__).parents[2]): "/toolkit",
        sys.prefix: "/python",
        sys.base_prefix: "/python",
    }
    ordered = sorted(places, key=len, reverse=True)
    machine = re.compile(rf"\b(?:{re.escape(socket.gethostname())}|{re.escape(platform.release())})\b")

    def change(text: str) -> str:
        for place in ordered:
            text = text.replace(place, places[place])
        return machine.sub("machine", text)

    cleaned: dict[str, Any] = map_text(document, change)
    return {**cleaned, "tool": _TOOL}


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Write a golden, one finding, check or observation a line: compact, and a difference can still be read."""
    path.parent.mkdir(exist_ok=True)
    lines = [f"{json.dumps(key)}: {_value(value)}" for key, value in document.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


def _value(value: object) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value)
    return "[\n  " + ",\n  ".join(json.dumps(item) for item in value) + "\n]"


def changes(before: object, after: object, where: str = "") -> Iterator[str]:
    """Yield a line for each place in which two JSON values differ: where, what was there, what is there now."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from changes(before.get(key), after.get(key), f"{where}.{key}" if where else key)
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old, new = (items[index] if index < len(items) else None for items in (before, after))
            yield from changes(old, new, f"{where}[{index}]")
    elif before != after:
        yield f"{where}: {json.dumps(before)} -> {json.dumps(after)}"


def judge_again(path: Path) -> list[str]:
    """Write the verdict, findings and checks of today's rules into a golden; return what that changed."""
    before = json.loads(path.read_text(encoding="utf-8"))
    write(path, replay(path)[0])
    return list(changes(before, json.loads(path.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    for golden in sorted(FOLDER.glob("*.json")):
        if changed := judge_again(golden):
            sys.stdout.write("\n  ".join([golden.name, *changed]) + "\n")
