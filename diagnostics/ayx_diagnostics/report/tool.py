"""Which program makes the report."""

from __future__ import annotations

import platform
import ssl

from ayx_connection import __version__

from ayx_diagnostics.model import Tool

__all__ = ["this_tool"]


def this_tool() -> Tool:
    """Return which program this is, on which Python and OpenSSL."""
    return Tool(
        name="ayxctl",
        version=__version__,
        python=platform.python_version(),
        openssl=ssl.OPENSSL_VERSION,
        platform=f"{platform.system()} {platform.release()} {platform.machine()}",
    )
