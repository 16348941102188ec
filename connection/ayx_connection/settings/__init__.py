"""How to reach one Server: settings, each with where it came from, and the files that may be believed."""

from __future__ import annotations

from ayx_connection.failures import AddressError, SettingsError
from ayx_connection.settings.address import ServerAddress, parse_address
from ayx_connection.settings.declarations import (
    DECLARATIONS,
    NEED_TRUST,
    SECRET_REFERENCES,
    expanded,
    without_userinfo,
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
