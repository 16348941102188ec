"""The ways in which an error reaches ``ayxctl explain``.

Each takes a text and returns it as a terminal, a log, a page, a mail or another program would hand it on.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import textwrap
from collections.abc import Callable

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

__all__ = ["DRESSES"]

Dress = Callable[[str], str]


def each_line(before: str, after: str = "") -> Dress:
    """Put something before and after every line; ``{n}`` is its number."""

    def dress(text: str) -> str:
        return "\n".join(
            f"{before.replace('{n}', f'{n:02}')}{line}{after}" for n, line in enumerate(text.splitlines(), 1)
        )

    return dress


def around(before: str, after: str) -> Dress:
    return lambda text: f"{before}{text}{after}"


def on_a_screen(width: int, *, boxed: bool) -> Dress:
    """Have rich print it."""

    def dress(text: str) -> str:
        screen = io.StringIO()
        console = Console(file=screen, width=width, force_terminal=True, color_system="truecolor")
        console.print(Panel(Text(text), title="Error", border_style="red") if boxed else Text(text))
        return screen.getvalue()

    return dress


def hard_wrapped(width: int) -> Dress:
    """Break lines as a console window does whose text is copied, in the middle of words."""
    return lambda text: "\n".join(
        line[at : at + width] for line in text.splitlines() for at in range(0, max(1, len(line)), width)
    )


def word_wrapped(width: int) -> Dress:
    return lambda text: "\n".join(
        part for line in text.splitlines() for part in textwrap.wrap(line, width, break_long_words=False) or [""]
    )


def as_log_record(key: str) -> Dress:
    """A record of structlog, python-json-logger and their like, one on a line, with others around it."""

    def dress(text: str) -> str:
        record = {"event": "call failed", "level": "error", "timestamp": "2026-11-25T10:00:00Z", key: text}
        quiet = json.dumps({"event": "started", "level": "info", "timestamp": "2026-11-25T09:59:00Z"})
        return f"{quiet}\n{json.dumps(record)}\n{quiet}\n"

    return dress


def in_docker_json(text: str) -> str:
    """``/var/lib/docker/containers/*/*-json.log`` of a program that logs JSON itself."""
    return json.dumps({"log": json.dumps({"exc_info": text, "level": "ERROR"}) + "\n", "stream": "stderr", "time": "2"})


def in_docker_lines(text: str) -> str:
    """The same of a program that logs text: a record a line."""
    return "\n".join(json.dumps({"log": f"{line}\n", "stream": "stderr"}) for line in text.splitlines())


def colours_of_tokens(text: str) -> str:
    return re.sub(r"[A-Za-z_]+|\d+", lambda token: f"\x1b[38;5;{len(token[0]) % 200}m{token[0]}\x1b[39;00m", text)


def python_313(text: str) -> str:
    """As Python 3.13 colours a traceback on a terminal (``_colorize``, ``traceback``)."""
    text = re.sub(
        r'(?m)^  File (".*"), line (\d+), in (.*)$',
        "  File \x1b[35m\\1\x1b[0m, line \x1b[35m\\2\x1b[0m, in \x1b[35m\\3\x1b[0m",
        text,
    )
    text = re.sub(r"(?m)^( +)([~^]+)$", "\\1\x1b[1;31m\\2\x1b[0m", text)
    return re.sub(r"(?m)^([A-Za-z_.]+): (.*)$", "\x1b[1;35m\\1\x1b[0m: \x1b[35m\\2\x1b[0m", text)


def in_a_group(text: str) -> str:
    """As the one member of an ExceptionGroup."""
    inner = "\n".join(f"    | {line}".rstrip() for line in text.splitlines())
    return f"""\
  + Exception Group Traceback (most recent call last):
  |   File "/srv/job/fetch.py", line 12, in main
  |     async with asyncio.TaskGroup() as group:
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
{inner}
    +------------------------------------
"""


def chained_deeper(text: str) -> str:
    """Wrapped four times more by code of one's own."""
    for depth in range(4):
        text += f"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/job/layer{depth}.py", line {depth + 3}, in call
    raise StepError("step {depth} failed") from error
job.StepError: step {depth} failed
"""
    return text


def in_event_viewer(text: str) -> str:
    return f"""\
<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Python Service"/>
<EventID Qualifiers="0">3</EventID><Level>2</Level><TimeCreated SystemTime="2026-11-25T10:00:00.0000000Z"/></System>
<EventData><Data>job</Data><Data>{html.escape(text, quote=False)}</Data></EventData></Event>
"""


def in_junit(text: str) -> str:
    escaped = html.escape(text).replace("\n", "&#10;")
    return f'<testcase name="call"><failure message="{escaped}" type="Error">{html.escape(text)}</failure></testcase>'


def in_a_cell(text: str) -> str:
    row = io.StringIO()
    csv.writer(row).writerow(["2026-11-25 10:00", "fetch", "FAILED", text])
    return row.getvalue()


def smart(text: str) -> str:
    """Quotation marks, dashes and dots as chat programs and word processors like them."""
    text = re.sub(r"(^|[\s(\[=])'", "\\1\u2018", text).replace("'", "\u2019")
    text = re.sub(r'(^|[\s(\[=])"', "\\1\u201c", text).replace('"', "\u201d")
    return text.replace("--", "\u2014").replace("...", "\u2026")


def in_html(text: str) -> str:
    lines = "<br/>\n".join(f"<span class='s'>{html.escape(line)}</span>" for line in text.splitlines())
    return f"<div class='console'><p>It says:</p><code>{lines}</code></div>"


def in_a_pre(text: str) -> str:
    return f"<html><body><h1>Job failed</h1><pre>{html.escape(text)}</pre></body></html>"


def pytest_long(text: str) -> str:
    """What pytest says last of a failed test."""
    *before, last = text.rstrip("\n").splitlines()
    return "\n".join(
        [
            "________________________________ test_fetch _________________________________",
            "",
            "    def test_fetch():",
            ">       fetch()",
            *(f"E   {line}" for line in (*before, last)),
            "",
            "tests/test_fetch.py:12: Error",
            "=========================== short test summary info ============================",
            "FAILED tests/test_fetch.py::test_fetch",
            "============================== 1 failed in 0.31s ===============================",
        ]
    )


def after_another(text: str) -> str:
    return f"""\
Traceback (most recent call last):
  File "/srv/job/config.py", line 3, in load
    return int(value)
ValueError: invalid literal for int() with base 10: 'x'
using the default instead
{text}
"""


def before_another(text: str) -> str:
    return f"""\
{text.rstrip()}
Traceback (most recent call last):
  File "/srv/job/report.py", line 3, in send
    rows[0]
IndexError: list index out of range
"""


def in_a_question(text: str) -> str:
    return f"""\
Hi all,

since Monday our nightly job fails with the error below, nothing was changed on our side. Any ideas?

{text}

Best regards / Mit freundlichen Grüßen
Jo
"""


def in_ansible(text: str) -> str:
    result = {"changed": False, "module_stderr": text, "msg": "MODULE FAILURE\nSee stdout/stderr", "rc": 1}
    return f"fatal: [worker01]: FAILED! => {json.dumps(result)}"


def in_logfmt(text: str) -> str:
    return f'time="2026-11-25T10:00:00Z" level=error msg="call failed" err={json.dumps(text)} job=nightly'


def in_lambda(text: str) -> str:
    """What AWS Lambda answers for a function that failed."""
    lines = text.rstrip().splitlines()
    return json.dumps({"errorMessage": text, "errorType": "Error", "requestId": "1", "stackTrace": lines}, indent=2)


def in_a_cloudwatch_row(text: str) -> str:
    return "timestamp,message\n1764064800000," + '"' + text.replace('"', '""').replace("\n", "\r") + '"\n'


def mime(text: str) -> str:
    """A mail as it was sent: quoted-printable."""
    import quopri

    return quopri.encodestring(text.encode()).decode()


def in_notebook(text: str) -> str:
    """An ``.ipynb`` file: a list of lines."""
    cell = {"cell_type": "code", "outputs": [{"output_type": "error", "traceback": text.splitlines(keepends=True)}]}
    return json.dumps({"cells": [cell], "nbformat": 4}, indent=1)


STAMP = "2026-11-25T10:00:{n}.1234567Z "
DRESSES: dict[str, Dress] = {
    # terminals
    "bare": lambda text: text,
    "red": around("\x1b[31m\x1b[1m", "\x1b[0m"),
    "a colour for each token": colours_of_tokens,
    "the colours of Python 3.13": python_313,
    "colours that lost their escape": lambda text: python_313(text).replace("\x1b", ""),
    "colours in caret notation": lambda text: python_313(text).replace("\x1b", "^["),
    "colours written out": lambda text: python_313(text).replace("\x1b", "\\x1b"),
    "hyperlinks of a terminal": lambda text: text.replace("https://", "\x1b]8;;https://x\x1b\\https://").replace(
        "http://", "\x1b]8;;\x1b\\http://"
    ),
    "a box of rich, 80 columns": on_a_screen(80, boxed=True),
    "a box of rich, 132 columns": on_a_screen(132, boxed=True),
    "rich without a box": on_a_screen(80, boxed=False),
    "a console's copy, 80 columns": hard_wrapped(80),
    "a console's copy, 120 columns": hard_wrapped(120),
    "wrapped at words": word_wrapped(76),
    "Terraform's box": lambda text: "\u2577\n" + each_line("\u2502 ")(text) + "\n\u2575",
    "a box of ASCII": lambda text: f"+{'-' * 60}+\n" + each_line("| ", " |")(text) + f"\n+{'-' * 60}+",
    "after a prompt": around("PS C:\\jobs> python fetch.py\r\n", "\r\nPS C:\\jobs> "),
    "after a shell's prompt": around("(venv) jo@build:~/job$ python fetch.py\n", "\n(venv) jo@build:~/job$ "),
    # line ends and blanks
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "doubled line ends": lambda text: text.replace("\n", "\r\r\n"),
    "an empty line between any two": lambda text: text.replace("\n", "\n\n"),
    "blanks at the ends": each_line("", "      "),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "zero-width spaces": lambda text: text.replace(".", "\u200b."),
    "soft hyphens and marks of direction": lambda text: "\u202a" + text.replace(":", ":\u200e") + "\u202c",
    "indented": each_line("        "),
    "indented by tabs": each_line("\t\t"),
    "NUL after every character": lambda text: "".join(f"{character}\0" for character in text),
    "all on one line": lambda text: " ".join(text.split()),
    "capitals": str.upper,
    "full-width colons": lambda text: text.replace(": ", "\uff1a"),
    # logs
    "logging": around("ERROR:root:call failed\n", "\n"),
    "logging, on one line": around("2026-11-25 10:00:00,123 - job.fetch - ERROR - ", "\n"),
    "GitHub Actions": each_line(STAMP),
    "GitHub Actions' own": each_line("run\tfetch\t" + STAMP),
    "GitHub's annotations": lambda text: "::error::" + text.replace("%", "%25").replace("\n", "%0A"),
    "GitLab": each_line("2026-11-25T10:00:{n}.123456Z 01E "),
    "Jenkins": each_line("[2026-11-25T10:00:{n}.123Z] "),
    "Jenkins, elapsed time": each_line("00:01:{n}.201  "),
    "Azure DevOps": each_line("2026-11-25T10:00:{n}.1234567Z ##[error]"),
    "TeamCity": each_line("[10:00:{n}][Step 1/2] "),
    "docker compose": each_line("fetch-1  | "),
    "docker logs -t": each_line("2026-11-25T10:00:{n}.123456789Z "),
    "docker's file of JSON": in_docker_json,
    "docker's file of lines": in_docker_lines,
    "kubectl logs --prefix": each_line("[pod/fetch-7d4b9/fetch] "),
    "containerd's file": each_line("2026-11-25T10:00:{n}.123456789+00:00 stderr F "),
    "journalctl": each_line("Nov 25 10:00:{n} build01 fetch[4711]: "),
    "syslog of RFC 5424": each_line("<11>1 2026-11-25T10:00:{n}.003Z build01 fetch 4711 - - "),
    "Heroku": each_line("2026-11-25T10:00:{n}.123456+00:00 app[worker.1]: "),
    "PM2": each_line("0|fetch  | "),
    "supervisor": each_line("2026-11-25 10:00:{n},123 DEBG 'fetch' stderr output: "),
    "Airflow, each line": each_line("[2026-11-25, 10:00:{n} UTC] {subprocess.py:93} INFO - "),
    "Airflow, the first line": around(
        "[2026-11-25, 10:00:00 UTC] {taskinstance.py:2905} ERROR - Task failed with exception\n",
        "\n[2026-11-25, 10:00:01 UTC] {standard_task_runner.py:110} ERROR - Failed to execute job 3 for task fetch\n",
    ),
    "Celery": around("[2026-11-25 10:00:00,123: ERROR/ForkPoolWorker-1] Task fetch raised unexpected:\n", "\n"),
    "uvicorn": around("ERROR:    Exception in ASGI application\n", "\n"),
    "android": each_line("E/python  ( 4711): "),
    "log4j": around("10:00:00.123 [main] ERROR com.corp.Fetch - call failed\n", "\n10:00:01.000 [main] INFO bye"),
    "grep -n": each_line("{n}:"),
    "grep -rn": each_line("logs/fetch.log:{n}:"),
    "cat -n": each_line("    {n}\t"),
    "cat -A": lambda text: text.replace("\n", "$\n") + "$",
    "a diff": each_line("+"),
    "structlog": as_log_record("exception"),
    "python-json-logger": as_log_record("exc_info"),
    "logfmt": in_logfmt,
    "Ansible": in_ansible,
    "AWS Lambda": in_lambda,
    "CloudWatch's export": in_a_cloudwatch_row,
    "a notebook's file": in_notebook,
    "Event Viewer": in_event_viewer,
    "JUnit": in_junit,
    "a cell of a table": in_a_cell,
    "Designer's Python tool": each_line("Error: Python (3): "),
    # people
    "a mail's quotation": each_line("> "),
    "a quotation of a quotation": each_line(">> "),
    "quoted in turn": each_line("> > > "),
    "quoted-printable": mime,
    "a Markdown fence": around("```python-traceback\n", "\n```"),
    "a Markdown quotation": lambda text: "> ```\n" + each_line("> ")(text) + "\n> ```",
    "a list's point": around("- ", "\n- it worked yesterday\n"),
    "code marks": around("`", "`"),
    "bold": around("**Error:** ", ""),
    "Jira": around("{noformat}\n", "\n{noformat}"),
    "a question": in_a_question,
    "smart quotes": smart,
    "HTML": in_html,
    "a page with the log": in_a_pre,
    "HTML, escaped": html.escape,
    "HTML, escaped twice": lambda text: html.escape(html.escape(text)),
    "numeric entities": lambda text: text.replace("'", "&#39;").replace('"', "&#34;").replace("<", "&#x3C;"),
    # programs
    "repr of a string": repr,
    "repr of bytes": lambda text: repr(text.encode()),
    "repr of the last line": lambda text: f"RuntimeError({text.strip()!r})",
    "CalledProcessError": lambda text: f"returned non-zero exit status 1. stderr={text.encode()!r}",
    "pytest": pytest_long,
    "pytest's error lines": each_line("E       "),
    "tox": each_line("py311: "),
    "an exception group": in_a_group,
    "a thread": around("Exception in thread Thread-1 (fetch):\n", ""),
    "a chain, four deeper": chained_deeper,
    "after another failure": after_another,
    "before another failure": before_another,
}
