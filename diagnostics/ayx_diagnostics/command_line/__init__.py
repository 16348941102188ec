"""The command ``ayxctl``: the one place that mounts all the rooms."""

from __future__ import annotations

import io
import os
import sys

from ayx_diagnostics.command_line.terminal import guard_streams, warn

__all__ = ["main"]

_COULD_NOT_RUN = 3
_INTERRUPTED = 130


def main() -> None:
    """Run the command line; no traceback ever reaches a user."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a legacy code page must not end a report in the middle
    guard_streams()
    try:
        from ayx_diagnostics.command_line.app import app  # Ctrl+C may come during the imports, too

        app()
    except KeyboardInterrupt:
        warn("interrupted")
        # not sys.exit: a probe may still hang in a call that cannot be interrupted
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_INTERRUPTED)
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


def _where(error: BaseException) -> str:
    """Name the innermost place of an unexpected error, without any value that might be secret."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "an unknown place"
