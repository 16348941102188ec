"""The bill of materials of a wheel (CycloneDX 1.6, JSON): the toolkit and what is installed with it, and nothing else.

    python .ci/sbom.py dist

It is written beside every wheel of the folder, and is the same for the same versions: no time, no number of its own, no
path of this machine. Versions are those of constraints.txt.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main(wheel: Path) -> Path:
    """Write the bill beside a wheel, and return it."""
    name, version = wheel.name.split("-")[:2]
    bill = wheel.with_name(f"{name}-{version}.cdx.json")
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=False)
        constraints = ("--constraint", str(ROOT / "constraints.txt"))
        run("pip", "--python", folder, "install", "--quiet", "--disable-pip-version-check", str(wheel), *constraints)
        run(
            *("cyclonedx_py", "environment", folder, "--pyproject", str(ROOT / "pyproject.toml")),
            *("--output-reproducible", "--output-file", str(bill)),
        )
    content = json.loads(bill.read_text(encoding="utf-8"))
    about = content["metadata"]
    about["component"]["version"] = version  # pyproject.toml leaves it to the build
    for tool in about["tools"]["components"]:
        tool.pop("externalReferences", None)  # where the tool comes from is nobody's business
    bill.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    return bill


def run(*module: str) -> None:
    """Run a module of this interpreter's environment."""
    subprocess.run([sys.executable, "-m", *module], check=True)  # noqa: S603 - this interpreter, and what is written here


if __name__ == "__main__":
    for made in Path(sys.argv[1]).glob("*.whl"):
        main(made)
