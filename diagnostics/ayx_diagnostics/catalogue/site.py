"""The documentation site: every page of the catalogue as HTML, with an index by stage and no script.

The pages need nothing but a browser; ``make docs`` writes them.
"""

from __future__ import annotations

from ayx_diagnostics.catalogue import entries
from ayx_diagnostics.catalogue.pages import pieces, sections
from ayx_diagnostics.model import STAGES

__all__ = ["STAGES_IN_WORDS", "file_name", "site_pages"]

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


def site_pages() -> dict[str, str]:
    """Return the site: the name of each file and what is in it, the index first."""
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
    return pages
