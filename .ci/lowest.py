"""The lowest versions that pyproject.toml promises, as constraints for pip: ``python .ci/lowest.py FILE``.

Tools of the tests, of which nothing is promised, have the versions of constraints.txt.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[\w,]+\])?(?:(?:>=|==)(?P<lowest>[\w.]+))?")
#: Tools that ask for newer versions of others than the toolkit does: pip chooses an older one of them.
_TOO_NEW = {"openapi-spec-validator"}


def lowest(pyproject: str, constraints: str) -> list[str]:
    """Return one pin for everything that is required directly, the extras included."""
    project = tomllib.loads(pyproject)["project"]
    extras = project["optional-dependencies"].values()
    required = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    tested = {_plain(name): version for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)", constraints)}
    pins: dict[str, str] = {}
    for found in filter(None, map(_REQUIREMENT.match, required)):
        name = _plain(found["name"])
        if found["lowest"]:
            pins[name] = found["lowest"]
        elif name in tested and name not in _TOO_NEW:
            pins.setdefault(name, tested[name])
    return [f"{name}=={version}" for name, version in sorted(pins.items())]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    texts = ((ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "constraints.txt"))
    made = Path(sys.argv[1])
    made.parent.mkdir(exist_ok=True)
    made.write_text("\n".join(lowest(*texts)) + "\n", encoding="utf-8")
