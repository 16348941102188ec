"""The documentation site: every page of the catalogue and the vocabulary as HTML, by stage and with no script.

The pages need nothing but a browser; ``make docs`` writes them.
"""

from __future__ import annotations

import jinja2
from markupsafe import Markup, escape

from ayx_diagnostics.catalogue import entries
from ayx_diagnostics.catalogue.pages import pieces, sections
from ayx_diagnostics.model import STAGES
from ayx_diagnostics.vocabulary.operations import OPERATIONS
from ayx_diagnostics.vocabulary.terms import ByName, ListOf, Record, Type, members

__all__ = ["STAGES_IN_WORDS", "VOCABULARY", "file_name", "site_pages"]

#: The page of what is observed.
VOCABULARY = "vocabulary.html"

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
    pages = {
        "index.html": environment.get_template("index.html").render(
            stages=by_stage, count=len(found), vocabulary=VOCABULARY
        )
    }
    pages[VOCABULARY] = _vocabulary(environment)
    page = environment.get_template("page.html")
    for before, entry, after in zip([None, *found], found, [*found[1:], None], strict=False):
        pages[file_name(entry.code)] = page.render(
            entry=entry, sections=list(sections(entry)), neighbours=(before, after)
        )
    return pages


def _vocabulary(environment: jinja2.Environment) -> str:
    """Return the page of what is observed: every operation, its outcomes and its evidence."""
    environment.filters |= {"type": _in_words, "members": members}
    operations = OPERATIONS.values()
    by_stage = [(stage, STAGES_IN_WORDS[stage], [one for one in operations if one.stage == stage]) for stage in STAGES]
    return environment.get_template(VOCABULARY).render(stages=by_stage)


def _in_words(kind: Type) -> str:
    match kind:
        case ListOf():
            return f"list of {_in_words(kind.item)}"
        case ByName():
            return f"{_in_words(kind.value)} by name"
        case Record():
            return "object"
        case _:
            return kind.replace("_", " ")
