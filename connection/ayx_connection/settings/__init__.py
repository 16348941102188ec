"""How to reach one Server: settings, each with where it came from, and the files that may be believed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ayx_connection.failures import AddressError, SettingsError
    from ayx_connection.settings.address import ServerAddress, parse_address
    from ayx_connection.settings.declarations import (
        DECLARATIONS,
        NEED_TRUST,
        SECRET_REFERENCES,
    )
    from ayx_connection.settings.files import (
        CONFIG_VARIABLE,
        PROJECT_FILE,
        SettingsFile,
        SettingsFileError,
        doubt_about,
        load_settings_file,
        short_path,
        trust_command,
        trusted_files_path,
        user_file_path,
    )
    from ayx_connection.settings.kinds import expanded
    from ayx_connection.settings.masking import without_userinfo
    from ayx_connection.settings.secret import shown_reference
    from ayx_connection.settings.setting import Setting, SettingProblem
    from ayx_connection.settings.settings import Settings
    from ayx_connection.settings.trusted_files import TrustedFiles, TrustedFilesError

__all__ = [
    "CONFIG_VARIABLE",
    "DECLARATIONS",
    "NEED_TRUST",
    "PROJECT_FILE",
    "SECRET_REFERENCES",
    "AddressError",
    "ServerAddress",
    "Setting",
    "SettingProblem",
    "Settings",
    "SettingsError",
    "SettingsFile",
    "SettingsFileError",
    "TrustedFiles",
    "TrustedFilesError",
    "doubt_about",
    "expanded",
    "load_settings_file",
    "parse_address",
    "short_path",
    "shown_reference",
    "trust_command",
    "trusted_files_path",
    "user_file_path",
    "without_userinfo",
]

#: Public name -> the module that has it. Imported when a name is first used: the command line declares its options
#: from the declarations alone, and the rest takes 20 ms.
_HOMES = {
    **dict.fromkeys(("AddressError", "SettingsError"), "ayx_connection.failures"),
    **dict.fromkeys(("ServerAddress", "parse_address"), "ayx_connection.settings.address"),
    **dict.fromkeys(("DECLARATIONS", "NEED_TRUST", "SECRET_REFERENCES"), "ayx_connection.settings.declarations"),
    **dict.fromkeys(
        (
            "CONFIG_VARIABLE",
            "PROJECT_FILE",
            "SettingsFile",
            "SettingsFileError",
            "doubt_about",
            "load_settings_file",
            "short_path",
            "trust_command",
            "trusted_files_path",
            "user_file_path",
        ),
        "ayx_connection.settings.files",
    ),
    "expanded": "ayx_connection.settings.kinds",
    "without_userinfo": "ayx_connection.settings.masking",
    "shown_reference": "ayx_connection.settings.secret",
    **dict.fromkeys(("Setting", "SettingProblem"), "ayx_connection.settings.setting"),
    "Settings": "ayx_connection.settings.settings",
    **dict.fromkeys(("TrustedFiles", "TrustedFilesError"), "ayx_connection.settings.trusted_files"),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
