"""A stand-in Alteryx Server, with the DNS, proxies and certificates around it, that can be broken on purpose.

``Simulator`` is the Server: real TLS on loopback, the token endpoint, the Swagger documents and an API that remembers
what it was told. ``FAULTS`` lists what it can do wrong. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .command import run
    from .faults.table import FAULTS, Faults
    from .server.records import ApiUser
    from .server.switches import Fault, UnknownFaultError
    from .simulator import LoggedRequest, Simulator

__all__ = ["FAULTS", "ApiUser", "Fault", "Faults", "LoggedRequest", "Simulator", "UnknownFaultError", "run"]

#: Public name -> the module that has it.
_HOMES = {
    "ApiUser": "server.records",
    "FAULTS": "faults.table",
    "Fault": "server.switches",
    "Faults": "faults.table",
    "LoggedRequest": "simulator",
    "Simulator": "simulator",
    "UnknownFaultError": "server.switches",
    "run": "command",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
