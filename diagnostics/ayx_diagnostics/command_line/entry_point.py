"""Where ``ayxctl`` begins and ends: streams, signals, exit codes, and what nobody expected."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import NoReturn

from ayx_diagnostics.command_line.terminal import guard_streams, warn

__all__ = ["main"]

_COULD_NOT_RUN = 3
_INTERRUPTED = 130
_TERMINATED = 143  # 128 and the number of SIGTERM, as shells have it


def main() -> None:
    """Run the command line; no traceback ever reaches a user."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a legacy code page must not end a report in the middle
    guard_streams()
    # Python would end at once, and leave what it was writing half-written.
    signal.signal(signal.SIGTERM, _terminate)
    try:
        from ayx_diagnostics.command_line.app import app  # Ctrl+C may come during the imports, too

        app()
    except KeyboardInterrupt:
        warn("interrupted")
        _leave(_INTERRUPTED)
    except _Terminated:
        _leave(_TERMINATED)
    except BrokenPipeError:
        # the reader (head, less) has gone: nothing is left to say, and nowhere to say it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("AYXCTL_TRACEBACK"):
            raise
        warn(
            f"failed itself: {type(error).__name__} in {_where(error)}. "
            "This is a defect of the tool; AYXCTL_TRACEBACK=1 shows the details"
        )
        sys.exit(_COULD_NOT_RUN)


class _Terminated(SystemExit):
    """SIGTERM has come: everything that is written is put away on the way out."""


def _terminate(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the second one ends it at once
    raise _Terminated(_TERMINATED)


def _leave(code: int) -> NoReturn:
    """End at once, unlike sys.exit: a probe may still hang in a call that cannot be interrupted."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _where(error: BaseException) -> str:
    """Name the innermost place of an unexpected error, without any value that might be secret."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "an unknown place"
