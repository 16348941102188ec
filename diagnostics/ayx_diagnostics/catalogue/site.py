"""The documentation site: every page of the catalogue as HTML, with an index by stage and no script.

``python -m ayx_diagnostics.catalogue.site FOLDER`` writes it (``make docs``); the pages need nothing but a browser.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ayx_diagnostics.catalogue import entries
from ayx_diagnostics.catalogue.pages import pieces, sections
from ayx_diagnostics.model import STAGES

__all__ = ["STAGES_IN_WORDS", "file_name", "write"]

#: What a request does at each stage.
STAGES_IN_WORDS = {
    "config": "The settings are read",
    "local": "This machine lets the request out",
    "proxy": "A proxy is chosen, and opens a tunnel",
    "dns": "The Server's name is looked up",
    "tcp": "A connection is opened",
    "tls": "TLS is agreed on, and the certificate checked",
    "http": "Requests are answered",
    "token": "Key and secret bring a token",
    "api": "The token opens the API",
}


def file_name(code: str) -> str:
    """Return the name of a code's page."""
    return f"{code}.html"


def write(folder: Path) -> list[Path]:
    """Write the site.

    Args:
        folder: Where to; it is made if it is not there. Pages of codes that are no more are removed.

    Returns:
        The files, the index first.
    """
    import jinja2
    from markupsafe import Markup, escape

    def inline(text: str) -> Markup:
        parts = (Markup("<code>{}</code>").format(piece) if code else escape(piece) for code, piece in pieces(text))
        return Markup("").join(parts)

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ayx_diagnostics.catalogue"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = inline
    environment.globals["file_name"] = file_name
    found = entries()
    by_stage = [(stage, STAGES_IN_WORDS[stage], [one for one in found if one.stage == stage]) for stage in STAGES]
    pages = {"index.html": environment.get_template("index.html").render(stages=by_stage, count=len(found))}
    page = environment.get_template("page.html")
    for before, entry, after in zip([None, *found], found, [*found[1:], None], strict=False):
        pages[file_name(entry.code)] = page.render(
            entry=entry, sections=list(sections(entry)), neighbours=(before, after)
        )
    return _replace(folder, pages)


def _replace(folder: Path, pages: dict[str, str]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in pages]


def main(arguments: list[str]) -> int:
    """Write the site into the folder that the one argument names."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m ayx_diagnostics.catalogue.site FOLDER\n")
        return 2
    try:
        written = write(Path(arguments[0]))
    except OSError as error:
        sys.stderr.write(f"the site cannot be written to {arguments[0]}: {error.strerror or error}\n")
        return 2
    sys.stdout.write(f"{len(written)} pages, beginning with {written[0]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
