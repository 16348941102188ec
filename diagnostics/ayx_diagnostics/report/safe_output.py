"""The last thing that happens to a finished text: what would command a terminal or a CI system is only shown.

A CI system reads what a job prints, line by line, for commands of its own. A line begins where a renderer happened to
break it, so this comes after all layout.
"""

from __future__ import annotations

import re

from ayx_diagnostics.report.formats import Format
from ayx_diagnostics.report.plain_text import visible

__all__ = ["safe_output", "without_commands"]

#: White space and our own colours: neither keeps a command from being one.
_INDENT = r"((?:[^\S\n]|\x1b\[[\d;]*m)*)"
#: An IPv6 address may begin a line: ::1, ::ffff:10.0.0.7.
_ADDRESS = r"(?:[0-9A-Fa-f]{1,4}(?:[:.][0-9A-Fa-f]{1,4})*)?[:.]?(?:[^\w:.-]|$)"
#: Each with the character that is written otherwise, so that the rest is no command any more.
_COMMANDS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        rf"^{_INDENT}(:)(?=:(?!{_ADDRESS}))",  # GitHub Actions: ::error::, ::set-output name=x::
        rf"^{_INDENT}([-+~^])(?=\2\2 )",  # Buildkite: groups of a log
        r"()(#)(?=#\w*\[)",  # Azure Pipelines, older GitHub runners, TeamCity: ##vso[, ##[, ##teamcity[ anywhere
        r"(section_(?:start|end)|travis_fold)(:)(?=\w)",  # GitLab, Travis: folds of a log
    )
)


def safe_output(text: str, form: Format = Format.TEXT) -> str:
    """Return a finished text as a terminal, a log and a file may have it; a second time changes nothing.

    Args:
        text: What is to be printed or stored. In a format that has escapes of its own (JSON, XML, HTML) its values are
            written with them already.
        form: The format that it has.
    """
    return without_commands(text if form.has_escapes else visible(text), form)


def without_commands(text: str, form: Format = Format.TEXT) -> str:
    """Return a finished text in which no CI system finds a command; what it says stays the same in its format."""
    for command in _COMMANDS:
        text = command.sub(lambda found: found[1] + form.escape.format(ord(found[2])), text)
    return text
