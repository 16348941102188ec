"""``python -m ayx_diagnostics.command_line.site FOLDER``: write the pages of all codes as a static site."""

from __future__ import annotations

import sys
from pathlib import Path

from ayx_diagnostics.catalogue.site import site_pages
from ayx_diagnostics.command_line.terminal import UNUSABLE, say, warn

__all__ = ["main", "write"]


def write(folder: Path) -> list[Path]:
    """Write the site.

    Args:
        folder: Where to; it is made if it is not there. Pages of codes that are no more are removed.

    Returns:
        The files, the index first.

    Raises:
        OSError: A page cannot be written, or a name of the folder is taken by something else.
    """
    from ayx_spec.files import write_whole

    pages = site_pages()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        write_whole(folder / name, text.encode())
    return [folder / name for name in pages]


def main(arguments: list[str]) -> int:
    """Write the site into the folder that the one argument names; return the exit code."""
    if len(arguments) != 1:
        warn("usage: python -m ayx_diagnostics.command_line.site FOLDER")
        return UNUSABLE
    try:
        written = write(Path(arguments[0]))
    except OSError as error:
        warn(f"the site cannot be written to {arguments[0]}: {error.strerror or error}")
        return UNUSABLE
    say(f"{len(written)} pages, beginning with {written[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
