"""Whether a netrc file of this user overrides the Authorization header that a script sends."""

from __future__ import annotations

import netrc
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ayx_diagnostics.model import Observation

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Clock

__all__ = ["entry"]

#: Where ``requests`` looks unless ``NETRC`` says otherwise (``requests.utils.get_netrc_auth``).
_NAMES = (".netrc", "_netrc")
_LARGEST = 1_000_000


def entry(clock: Clock, host: str, environ: Mapping[str, str]) -> Observation | None:
    """Look for an entry that ``requests`` would use for a host: its own, or the default one.

    ``requests`` then sends ``Authorization: Basic`` in place of the bearer token that the script set. ``httpx`` and
    ``urllib`` read no such file by themselves.

    Args:
        clock: The diagnosis' clock.
        host: The Server's host name.
        environ: Environment variables: ``NETRC``, ``HOME`` or ``USERPROFILE``.

    Returns:
        The observation ``netrc``, or None without an entry. Nothing of login and password is in it.
    """
    started_s = clock.now()
    found_at = _file(environ)
    if found_at is None:
        return None
    path, shown = found_at
    try:
        if path.stat().st_size > _LARGEST:
            return None
        found = netrc.netrc(path)
    except (OSError, netrc.NetrcParseError, ValueError):  # requests ignores a file that it cannot read, too
        return None
    if found.authenticators(host) is None:
        return None
    evidence = {"path": shown, "entry": "machine" if host in found.hosts else "default"}
    return Observation("api", "netrc", host, started_s, clock.now() - started_s, "ok", evidence)


def _file(environ: Mapping[str, str]) -> tuple[Path, str] | None:
    """Return the first file that is there, and how to call it: ``requests`` reads no other one after it."""
    if named := environ.get("NETRC"):
        candidates = [(Path(named), named)]
    else:
        home = environ.get("USERPROFILE" if os.name == "nt" else "HOME")
        candidates = [(Path(home, name), f"~/{name}") for name in _NAMES] if home else []
    return next((found for found in candidates if found[0].is_file()), None)
