"""``ayxctl explain``."""

from __future__ import annotations

import json
import os
import re
import shutil
import textwrap
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from ayx_diagnostics.command_line.options import Color
from ayx_diagnostics.command_line.reporting import show
from ayx_diagnostics.command_line.terminal import console, fail, say, show_json
from ayx_diagnostics.report.formats import Format

if TYPE_CHECKING:
    from ayx_diagnostics.explanation import Explanation, Match

__all__ = ["Explain", "explain"]

_NOTHING_MATCHED = 1
#: What a code looks like, and how close to one a mistyped one has to be.
_CODE = re.compile(r"[a-z_]{2,20}\.[a-z0-9_]{2,60}")
#: What a mistyped option looks like: it is repeated in a message, which what may be a pasted key must not be.
_OPTION = re.compile(r"--?[A-Za-z][a-z-]*")
_AROUND_A_CODE = " \t\r\n[](){}<>'\"`*.,:;!?"
_CLOSE = 0.8
#: As many causes as anybody reads about at once, and as many more by their codes alone.
_TOLD, _NAMED = 4, 9
_MEANS = {"certain": "means", "likely": "most likely means", "possible": "may mean"}
_WIDTH = 100


class Explain(TyperCommand):
    """A command whose arguments are a text, which may begin with a hyphen: ``-bash: curl: (7) …``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep what cannot be an option from being read as one."""
        names = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        return super().parse_args(ctx, [f" {arg}" if _is_text(arg, names) else arg for arg in args])


def _is_text(argument: str, options: set[str]) -> bool:
    if not argument.startswith("-") or argument in ("-", "--"):
        return False
    name = argument.partition("=")[0]
    return name not in options and (" " in argument or _OPTION.fullmatch(name) is None)


def explain(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            help="A code such as tcp.syn_dropped; or an error: its text, a file with it, or - for standard input.",
            metavar="[CODE | - | TEXT…]",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", help="A saved JSON report: run the rules over its observations again, offline.", metavar="FILE"
        ),
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="How to show it; other than text and json, for a report only.")
    ] = Format.TEXT,
    color: Color = "auto",
) -> None:
    """Explain a code, or an error that you paste, or judge a saved report again; without touching the network.

    An error may be a message, a traceback or a log of Python (requests, httpx, urllib, aiohttp), curl, Node, .NET,
    PowerShell, Java or Designer. What it can mean comes best first, with the command that proves which it is. Nothing
    of the text is repeated.
    """
    if report is not None:
        _explain_report(report, format_, color)
        return
    if format_ not in (Format.TEXT, Format.JSON):
        fail(f"--format {format_} shows reports; an error is explained as text or json")
    words = text or []
    if len(words) == 1 and _is_code(words[0], format_, color):
        return
    from ayx_diagnostics.command_line.pasted import given_text

    _explain_text(given_text(words), format_)


def _is_code(word: str, format_: Format, color: Color) -> bool:
    """Explain a code, in whatever capitals and brackets; tell a stage and a mistyped code from a text."""
    from ayx_diagnostics.model import STAGES

    code = word.strip(_AROUND_A_CODE).lower().replace("-", "_")
    stage = code.partition(".")[0]
    if code not in STAGES and _CODE.fullmatch(code) is None:
        return False
    if os.path.exists(word):  # noqa: PTH110 - Path.exists() fails where a word is longer than any name of a file
        return False
    if code in STAGES:
        _no_code(f"{code!r} is a stage; its codes are {', '.join(_codes(code))}", format_)
    near = _near(code)
    if near[:1] == [code]:
        _explain_code(code, format_, color)
        return True
    if near or stage in STAGES:
        # what is like no code and holds digits may be a key that somebody pasted
        named = repr(code) if near or not any(character.isdigit() for character in code) else "that"
        hint = (
            f"; did you mean {' or '.join(near)}?" if near else f"; `ayxctl explain {stage}` lists those of its stage"
        )
        _no_code(f"{named} is no code of the catalogue{hint}", format_)
    return False


def _codes(stage: str = "") -> list[str]:
    from ayx_diagnostics import catalogue

    return [entry.code for entry in catalogue.entries() if stage in ("", entry.stage)]


def _near(code: str) -> list[str]:
    """Return the code itself if there is one, else those that it may be a misspelling of."""
    return get_close_matches(code, _codes(), n=3, cutoff=_CLOSE)


def _no_code(message: str, format_: Format) -> NoReturn:
    if format_ is Format.JSON:
        from ayx_diagnostics.explanation import Explanation

        _show_document(Explanation((), None), exit_code=0)
    fail(message, _NOTHING_MATCHED)


def _explain_code(code: str, format_: Format, color: Color) -> None:
    from ayx_diagnostics import catalogue

    if format_ is Format.JSON:
        from ayx_diagnostics.explanation import Explanation, Match

        entry = catalogue.entry(code)
        _show_document(Explanation((Match(code, entry.stage, "certain", entry.meaning),), None), exit_code=0)
        return
    from ayx_diagnostics.catalogue import pages

    pages.show(catalogue.entry(code), console(color))


def _explain_text(text: str, format_: Format) -> None:
    from ayx_diagnostics.explanation import understand

    found = understand(text)
    code = 0 if found.matches else _NOTHING_MATCHED
    if format_ is Format.JSON:
        _show_document(found, exit_code=code)
    elif found.matches:
        _tell(found)
    else:
        words = (
            f"the words are those of {found.library}, but they do not say what happened"
            if found.library
            else "no match"
        )
        fail(f"{words}; paste the whole error (traceback, inner causes), or run `ayxctl diagnose`", code)


def _show_document(found: Explanation, *, exit_code: int) -> None:
    show_json(json.dumps(found.as_document(), indent=2, ensure_ascii=False) + "\n")
    if exit_code:
        raise typer.Exit(exit_code)


def _tell(found: Explanation) -> None:
    from ayx_diagnostics import catalogue

    best, *others = found.matches
    title = catalogue.entry(best.code).general_title
    several = f" {len(others)} other causes can read the same; they follow." if len(others) > 1 else ""
    author = f" The words are those of {found.library}." if found.library else ""
    say(_filled(f"This {_MEANS[best.confidence]} that {title}.{several}{author}"))
    for number, match in enumerate(found.matches[:_TOLD], 1):
        say(f"\n{number}. {match.code} ({match.confidence})")
        _tell_match(match)
    rest = [match.code for match in found.matches[_TOLD:]]
    say()
    if rest:
        more = f" and {len(rest) - _NAMED} more (`--format json`)" if len(rest) > _NAMED + 1 else ""
        named = rest[:_NAMED] if more else rest
        say(_filled(f"Less likely: {', '.join(named)}{more}. `ayxctl diagnose` tests them all."))
    say(_filled(f"`ayxctl explain {best.code}` prints its page: causes, and who has to change what."))


def _tell_match(match: Match) -> None:
    command, evidence = match.next
    say(_filled(f"Why: {match.why}.", "   "))
    say(_filled(f"Tell it apart: {evidence}", "   "))
    say(f"   Prove it: {command}")


def _filled(paragraph: str, indent: str = "") -> str:
    return textwrap.fill(
        paragraph,
        min(_WIDTH, shutil.get_terminal_size((_WIDTH, 24)).columns),
        initial_indent=indent,
        subsequent_indent=indent + " " * 2 * bool(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _explain_report(path: Path, format_: Format, color: Color) -> None:
    from ayx_diagnostics.replay import replay
    from ayx_diagnostics.report.serialise import ReportError

    try:
        document, code = replay(path)
    except ReportError as error:
        fail(str(error))
    show(document, format_, color=color)
    if code:
        raise typer.Exit(code)
