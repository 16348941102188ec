"""What is wrong with an output: orders to a terminal, commands of CI systems, markup and links of somebody else."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt

__all__ = ["DRAWN", "FINDS_COMMAND", "HOSTILE", "JUDGED", "MARKDOWN", "REFERENCE", "Page", "form_of", "wrong"]

#: What somebody may try, all at once; repeated, so that wherever a line is broken one begins with a command.
HOSTILE = (
    "a\x1b]52;c;ZXZpbA==\x07\x1b[8m\x9b2J\u202e\u2066\u200b\u2028\U000e0041b\x08\x7f"
    "<img src=x onerror=1></td><script>1</script>![i](http://evil.test/p.png)[c](javascript:1)`x`@octocat owner/repo#1 "
    "www.evil.test |#| ##vso[task.setvariable variable=a]b ##[error]c ##teamcity[d] section_start:1:e\r\x1b[0K --- f "
    + "::error::g "
    * 24
)
#: Format characters that are drawn, such as the Arabic sign of a year.
DRAWN = {*map(chr, range(0x600, 0x606)), *"\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"}
FINDS_COMMAND = re.compile(
    r"(?m)^(?:\s|\x1b\[[\d;]*m)*::[A-Za-z-]|##\w*\[|(?:section_(?:start|end)|travis_fold):|^(?:---|\+\+\+|~~~|\^\^\^) "
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
#: What forges act on in the prose of a page, after Markdown has been turned into HTML.
REFERENCE = re.compile(r"@\w|\w://\w|\bwww\.\w|\w#\d|(?<!\w)[#!]\d|:[a-z]+:")
_MARKDOWN_ELEMENTS = {
    *("p", "h1", "h2", "h3", "ul", "ol", "li", "code", "pre", "strong", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_FORMS = {".json": "json", ".xml": "junit", ".md": "markdown", ".html": "html", ".txt": "text"}


class Page(HTMLParser):
    """A rendered page: which elements and attributes it has, and its text outside of code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.text, self.prose, self._depth = "", "", 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= set(attrs)
        self._depth += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.text += data
        self.prose += "" if self._depth else data


def form_of(path: Path) -> str:
    """Return the form of a report's file."""
    return _FORMS[path.suffix]


def wrong(output: bytes | str, form: str = "text") -> list[str]:
    """Return what is wrong with an output, nothing if it is safe."""
    text = output if isinstance(output, str) else output.decode("utf-8", "surrogateescape")
    return [*_acting(text), *_commands(text), *_OF_FORM[form](text)]


def _acting(text: str) -> Iterator[str]:
    found = {c for c in set(text) - DRAWN - {"\n", "\t"} if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    yield from map(ascii, sorted(found))


def _commands(text: str) -> Iterator[str]:
    yield from (f"command {found.group()!r}" for found in FINDS_COMMAND.finditer(text))


def _markdown(text: str) -> Iterator[str]:
    page = Page(MARKDOWN.render(text))
    yield from (f"element {name}" for name in page.elements - _MARKDOWN_ELEMENTS)
    yield from (f"reference {found}" for found in REFERENCE.findall(page.prose))


def _html(text: str) -> Iterator[str]:
    page = Page(text)
    yield from (f"element {name}" for name in page.elements & {"img", "script", "a", "link", "iframe", "form"})
    yield from (f"attribute {name}" for name, _ in page.attributes if name in ("src", "href") or name.startswith("on"))
    if not any((value or "").startswith("default-src 'none'") for _, value in page.attributes):
        yield "no content security policy"


def _json(text: str) -> Iterator[str]:
    json.loads(text)
    yield from ()


def _xml(text: str) -> Iterator[str]:
    ET.fromstring(text)
    yield from ()


_OF_FORM = {"text": lambda _: (), "markdown": _markdown, "html": _html, "json": _json, "junit": _xml}
#: The formats whose outputs can be judged here.
JUDGED = frozenset(_OF_FORM)
