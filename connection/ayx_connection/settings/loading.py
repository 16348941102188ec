"""Collecting the settings from their sources. It never fails on a bad value; what is wrong is listed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import EllipsisType

from ayx_connection.failures import AddressError
from ayx_connection.redaction import Secret, revealed
from ayx_connection.settings.address import parse_address
from ayx_connection.settings.copy_paste_characters import character_name, first_blank, first_unprintable, place_of
from ayx_connection.settings.declarations import DECLARATIONS, Declaration
from ayx_connection.settings.files import trust_command
from ayx_connection.settings.secret import find_secret
from ayx_connection.settings.setting import DEFAULT_ORIGIN, UNTRUSTED_FILE, Setting, SettingProblem
from ayx_connection.settings.sources import WITHHELD, Sources, read_files

__all__ = ["collect"]


def collect(
    options: Mapping[str, object],
    environ: Mapping[str, str] | None,
    project_file: Path | EllipsisType | None,
    user_file: Path | EllipsisType | None,
    options_from: str,
) -> tuple[dict[str, Setting[object]], tuple[SettingProblem, ...]]:
    """Return each setting by name, and the problems; see ``Settings.load``."""
    known = {declaration.name for declaration in DECLARATIONS} | {"client_secret_file", "config"}
    if unknown := sorted(set(options) - known):
        raise TypeError(f"no such setting: {', '.join(unknown)}")
    sources = Sources(options, options_from, os.environ if environ is None else environ)
    read_files(sources, project_file, user_file)
    values = {declaration.name: _value(sources, declaration) for declaration in DECLARATIONS}
    for check in _CHECKS:
        check(sources, values)
    order = {declaration.name: index for index, declaration in enumerate(DECLARATIONS)}
    return values, tuple(sorted(sources.problems, key=lambda problem: order.get(problem.setting, -1)))


def _value(sources: Sources, declaration: Declaration) -> Setting[object]:
    if declaration.name == "client_secret":
        return find_secret(sources, declaration)
    for raw, origin in sources.given(declaration):
        if raw is WITHHELD:
            sources.withheld[declaration.name] = str(declaration.key)
            return Setting(declaration.default, f"{origin} (not trusted)", declaration.is_sensitive)
        try:
            value = declaration.parse(raw)
        except ValueError as error:
            sources.problem("setting_invalid", declaration.name, origin, f"the value cannot be used: {error}")
            return Setting(declaration.default, origin, declaration.is_sensitive)
        return Setting(value, origin, declaration.is_sensitive)
    return Setting(declaration.default, DEFAULT_ORIGIN, declaration.is_sensitive)


def _check_trust(sources: Sources, _values: Mapping[str, Setting[object]]) -> None:
    """Say in one problem, before every other, which settings an untrusted file would have given."""
    if not sources.withheld:
        return
    file = next(file for file in sources.files if file.doubt)
    *most, last = sources.withheld.values()
    names = f"{', '.join(most)} and {last}" if most else last
    message = f"it stands in the working folder and sets {names}, but {file.doubt}, so none of that counts"
    remedy = f"if you know what it does, run `{trust_command(file.path)}`, or name it with --config or ALTERYX_CONFIG"
    sources.problems.insert(0, SettingProblem(UNTRUSTED_FILE, "settings file", file.name, message, remedy))


def _check_address(sources: Sources, values: Mapping[str, Setting[object]]) -> None:
    base_url = values["base_url"]
    if not _has_problem(sources, "base_url"):
        try:
            parse_address(str(base_url.value or ""))
        except AddressError as error:
            sources.problem(error.code.removeprefix("config."), "base_url", base_url.origin, str(error))


def _check_characters(sources: Sources, values: Mapping[str, Setting[object]]) -> None:
    """Find what copy and paste, an editor or a CI system put into the key or secret, without showing its value."""
    for name in ("client_id", "client_secret"):
        given, origin = values[name].value, values[name].origin
        if not isinstance(given, str | Secret):
            continue
        value = revealed(given)
        if (index := first_blank(value)) is not None:
            code = "whitespace"
        elif (index := first_unprintable(value)) is not None:
            code = "secret_unprintable"
        else:
            continue
        sources.problem(
            code, name, origin, f"it has a {character_name(value[index])} {place_of(value, index)}: remove it"
        )


def _check_key_pair(sources: Sources, values: Mapping[str, Setting[object]]) -> None:
    halves = {"client_id": "ALTERYX_CLIENT_ID", "client_secret": "ALTERYX_CLIENT_SECRET"}
    for missing, variable in halves.items():
        present = next(name for name in halves if name != missing)
        if values[present].value and not values[missing].value and not _has_problem(sources, missing):
            message = f"{present} is given (from {values[present].origin}), but {missing} is not: set {variable}"
            sources.problem("credentials_missing", missing, values[missing].origin, message)


def _check_client_certificate(sources: Sources, values: Mapping[str, Setting[object]]) -> None:
    key = values["client_key"]
    if key.value is not None and values["client_cert"].value is None and not _has_problem(sources, "client_cert"):
        sources.problem("setting_invalid", "client_key", key.origin, "there is a key but no client_cert to go with it")


def _has_problem(sources: Sources, setting: str) -> bool:
    return setting in sources.withheld or any(problem.setting == setting for problem in sources.problems)


_CHECKS: tuple[Callable[[Sources, Mapping[str, Setting[object]]], None], ...] = (
    _check_trust,
    _check_address,
    _check_characters,
    _check_key_pair,
    _check_client_certificate,
)
