"""How a script reaches Alteryx Server: address, settings, trust, proxies, OAuth2, ``connect()``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ayx_connection._version import __version__

if TYPE_CHECKING:
    from ayx_connection.api_document import ApiDifference, ApiDocument
    from ayx_connection.client import Server, connect
    from ayx_connection.failures import (
        AddressError,
        AyxError,
        ConnectionFailedError,
        ContentError,
        CredentialsWithheldError,
        JobError,
        JobFailedError,
        JobTimeoutError,
        ProxyError,
        SettingsError,
        StatusError,
        TokenError,
        TrustError,
    )
    from ayx_connection.oauth2 import TokenRequest, empty_token_request, token_request
    from ayx_connection.oauth2.credentials import ClientCredentials
    from ayx_connection.proxy import ProxyAddress, Route, parse_proxy, select_route
    from ayx_connection.settings import ServerAddress, Setting, SettingProblem, Settings, parse_address
    from ayx_connection.trust import client_context, trust_sources
    from ayx_connection.work import Job, JobOutput, run_workflow, save_output, save_package, wait_for_job

__all__ = [
    "AddressError",
    "ApiDifference",
    "ApiDocument",
    "AyxError",
    "ClientCredentials",
    "ConnectionFailedError",
    "ContentError",
    "CredentialsWithheldError",
    "Job",
    "JobError",
    "JobFailedError",
    "JobOutput",
    "JobTimeoutError",
    "ProxyAddress",
    "ProxyError",
    "Route",
    "Server",
    "ServerAddress",
    "Setting",
    "SettingProblem",
    "Settings",
    "SettingsError",
    "StatusError",
    "TokenError",
    "TokenRequest",
    "TrustError",
    "__version__",
    "client_context",
    "connect",
    "empty_token_request",
    "parse_address",
    "parse_proxy",
    "run_workflow",
    "save_output",
    "save_package",
    "select_route",
    "token_request",
    "trust_sources",
    "wait_for_job",
]

#: Public name -> the module that has it. Imported when a name is first used: httpx alone takes 70 ms.
_HOMES = {
    **dict.fromkeys(("ApiDifference", "ApiDocument"), "api_document"),
    **dict.fromkeys(("Server", "connect"), "client"),
    **dict.fromkeys(
        (
            "AddressError",
            "AyxError",
            "ConnectionFailedError",
            "ContentError",
            "CredentialsWithheldError",
            "JobError",
            "JobFailedError",
            "JobTimeoutError",
            "ProxyError",
            "SettingsError",
            "StatusError",
            "TokenError",
            "TrustError",
        ),
        "failures",
    ),
    **dict.fromkeys(("TokenRequest", "empty_token_request", "token_request"), "oauth2"),
    "ClientCredentials": "oauth2.credentials",
    **dict.fromkeys(("ProxyAddress", "Route", "parse_proxy", "select_route"), "proxy"),
    **dict.fromkeys(("ServerAddress", "Setting", "SettingProblem", "Settings", "parse_address"), "settings"),
    **dict.fromkeys(("client_context", "trust_sources"), "trust"),
    **dict.fromkeys(("Job", "JobOutput", "run_workflow", "save_output", "save_package", "wait_for_job"), "work"),
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
