"""The proxies that are set for every program: environment variables, else the operating system's settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ProxyVariable", "configured_proxies", "environment_proxies"]

_SUFFIX = "_proxy"


@dataclass(frozen=True)
class ProxyVariable:
    """One proxy setting: its value (which may hold a password) and where it came from."""

    value: str = field(repr=False)
    origin: str


def configured_proxies(environ: Mapping[str, str] | None = None) -> dict[str, ProxyVariable]:
    """Return the proxies in force, by ``http``, ``https``, ``all`` and the exceptions under ``no``.

    As in ``urllib.request.getproxies``, which httpx asks too, the operating system's settings count only where the
    environment has no variable of this kind at all.

    Args:
        environ: Environment variables; those of the process, and then the operating system's settings, by default.
    """
    found = environment_proxies(os.environ if environ is None else environ)
    if found or environ is not None:
        return found
    import urllib.request  # 25 ms that are needed only here

    system = urllib.request.getproxies()  # with nothing in the environment: registry or macOS network settings
    return {scheme: ProxyVariable(value, "operating system settings") for scheme, value in system.items() if value}


def environment_proxies(environ: Mapping[str, str]) -> dict[str, ProxyVariable]:
    """Return what the variables ``*_PROXY`` say, by what stands before ``_PROXY``, in lower case.

    The rules are those of ``urllib.request.getproxies_environment``: a lower-case variable wins, an empty lower-case
    one switches the upper-case one off, and a CGI program ignores ``HTTP_PROXY``: a client could have set it (httpoxy).
    """
    variables = {
        name: value for name, value in environ.items() if name.lower().endswith(_SUFFIX) and len(name) > len(_SUFFIX)
    }
    found = {_kind(name): ProxyVariable(value, f"environment {name}") for name, value in variables.items() if value}
    if "REQUEST_METHOD" in environ:
        found.pop("http", None)
    for name, value in variables.items():
        if not name.endswith(_SUFFIX):
            continue
        if value:
            found[_kind(name)] = ProxyVariable(value, f"environment {name}")
        else:
            found.pop(_kind(name), None)
    return found


def _kind(name: str) -> str:
    return name[: -len(_SUFFIX)].lower()
