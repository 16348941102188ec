"""What a plain script sees, in one line: the first step of an API call that does not go as it should.

``python plain_client.py https://host/webapi``; settings come from the environment as for any httpx script. Prints
``ok``, or the step and the shortest name of what happened, e.g. ``connect_tcp ECONNREFUSED`` or ``token 401``.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
import sys
import threading
import zlib
from collections.abc import Callable
from typing import Any

import httpcore
import httpx

_LIMIT_S = 0.8
_HANGS_S = 45.0
_EAI_NAMES = {getattr(socket, name): name for name in dir(socket) if name.startswith("EAI_")}


#: The first class that fits says how its errors are named.
_NAMES: tuple[tuple[type[BaseException], Callable[[Any], str | None]], ...] = (
    (ssl.SSLCertVerificationError, lambda error: f"verify {error.verify_code}"),
    (socket.gaierror, lambda error: _EAI_NAMES.get(error.errno, str(error.errno))),
    (ssl.SSLError, lambda error: error.reason),
    (OSError, lambda error: errno.errorcode.get(error.errno)),
    (zlib.error, lambda _: "DecodingError"),
    (httpcore.ProxyError, lambda error: f"ProxyError {str(error)[:3]}"),
)


def shortest_name(error: BaseException) -> str:
    """Return the name of the innermost cause."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    named = next((name(error) for kind, name in _NAMES if isinstance(error, kind)), None)
    return named or type(error).__name__


class Steps:
    """Remembers which step of httpcore was the last to fail."""

    def __init__(self) -> None:
        self.failed = ""

    def __call__(self, event: str, _info: dict[str, Any]) -> None:
        name, _, state = event.partition(".")[2].rpartition(".")
        if state == "failed" and name not in {"close", "response_closed"}:
            self.failed = name


def first_surprise(base: str) -> str:
    """Call what a script calls, in order, until something is not as it should be."""
    steps = Steps()
    bundle = os.environ.get("ALTERYX_CA_BUNDLE")
    try:
        with httpx.Client(verify=ssl.create_default_context(cafile=bundle), timeout=_LIMIT_S) as client:
            return _first_surprise(client, base, {"trace": steps})
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, OSError, ValueError) as error:
        return f"{steps.failed} {shortest_name(error)}".strip()


def _first_surprise(client: httpx.Client, base: str, extensions: dict[str, Any]) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ.get("ALTERYX_CLIENT_ID", ""),
        "client_secret": os.environ.get("ALTERYX_CLIENT_SECRET", ""),
    }
    answer = client.post(f"{base}/oauth2/token", data=form, extensions=extensions)
    if answer.status_code != httpx.codes.OK:
        return f"token {answer.status_code}"
    if "json" not in answer.headers.get("content-type", ""):
        return "token not json"
    headers = {"Authorization": f"Bearer {answer.json().get('access_token')}"}
    for name in ("workflows", "users"):
        answer = client.get(f"{base}/v3/{name}", headers=headers, extensions=extensions)
        if answer.status_code != httpx.codes.OK:
            return f"{name} {answer.status_code}"
        answer.json()
    return "ok"


def _give_up() -> None:
    """End a call that no timeout ends: httpcore waits for a SOCKS proxy's answer for ever."""
    sys.stdout.write("hangs\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    watchdog = threading.Timer(_HANGS_S, _give_up)
    watchdog.daemon = True
    watchdog.start()
    sys.stdout.write(first_surprise(sys.argv[1].rstrip("/")) + "\n")
