"""``ayxctl config trust`` and ``ayxctl config path``: which settings files there are, and which of them count."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ayx_diagnostics.command_line.options import ConfigFile
from ayx_diagnostics.command_line.terminal import fail, say
from ayx_diagnostics.report.plain_text import one_line

if TYPE_CHECKING:
    from ayx_connection.settings import SettingsFile, TrustedFiles

__all__ = ["path", "trust"]

_MISSING = "missing"


def trust(
    file: Annotated[
        Path | None,
        typer.Argument(help="The settings file; the working folder's ayxctl.toml by default.", show_default=False),
    ] = None,
    *,
    revoke: Annotated[bool, typer.Option("--revoke", help="Trust the file no longer.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the files that are trusted.")] = False,
) -> None:
    """Let an ayxctl.toml of a working folder decide about address, proxy, certificates and secret.

    The file is trusted under its path and with its present content; when it changes, it has to be trusted again. What
    it sets is printed: make sure that you know the address and the proxy.
    """
    from ayx_connection.settings import (
        PROJECT_FILE,
        TrustedFiles,
        TrustedFilesError,
        expanded,
        trusted_files_path,
        user_file_path,
    )

    if list_ and (revoke or file is not None):
        fail("--list goes with no file and not with --revoke")
    chosen = expanded(str(file or PROJECT_FILE))
    try:
        trusted = TrustedFiles.load(trusted_files_path(user_file_path()))
        if list_:
            _list(trusted)
        elif revoke:
            _revoke(trusted, chosen)
        else:
            _trust(trusted, chosen)
    except TrustedFilesError as error:
        fail(one_line(str(error)))
    except OSError as error:  # the working folder is gone
        fail(f"{one_line(str(chosen))}: cannot be looked for ({error.strerror or 'OS error'})")


def _trust(trusted: TrustedFiles, path: Path) -> None:
    file, unusable = _read(path)
    if file is None:
        fail(f"{one_line(str(path))}: {unusable}")
    trusted.trusting(file.path, file.sha256).save()
    say(f"trusted: {one_line(str(file.path))}")
    say(f"sha256:  {file.sha256}")
    for line in _settings(file):
        say(f"  {one_line(line)}")


def _revoke(trusted: TrustedFiles, path: Path) -> None:
    try:
        trusted.without(path).save()
    except KeyError:
        fail(f"{one_line(str(path))}: is not among the trusted files; `ayxctl config trust --list` lists them")
    say(f"no longer trusted: {one_line(str(path))}")


def _list(trusted: TrustedFiles) -> None:
    for name, sha256 in sorted(trusted.digests.items()):
        file, unusable = _read(Path(name))
        state = "trusted" if file and file.sha256 == sha256 else _MISSING if unusable == _MISSING else "changed"
        say(f"{state}  {sha256}  {one_line(name)}")


def _settings(file: SettingsFile) -> Iterator[str]:
    """Yield what the file sets, a line a setting, without what may be a password."""
    from ayx_connection.settings import DECLARATIONS, shown_reference

    shown = {declaration.key: declaration.shown for declaration in DECLARATIONS if declaration.key}
    shown |= {"client_secret_file": str, "client_secret_env": lambda value: shown_reference(str(value))}
    profiles = file.content.get("profiles")
    tables = {f"[profiles.{name}] ": table for name, table in profiles.items()} if isinstance(profiles, Mapping) else {}
    for title, table in {"": file.content, **tables}.items():
        if isinstance(table, Mapping):
            yield from (f"{title}{key} = {shown[key](value)}" for key, value in table.items() if key in shown)


def path(config: ConfigFile = None) -> None:
    """Print where settings files are looked for, whether they are there, and whether they count."""
    for name, place, state in _places(config):
        say(f"{name:15} {one_line(str(place))}: {one_line(state)}")


def _places(config: Path | None) -> Iterator[tuple[str, Path, str]]:
    """Yield what a settings file is to the tool, where it lies, and how it is."""
    from ayx_connection.settings import (
        CONFIG_VARIABLE,
        PROJECT_FILE,
        doubt_about,
        expanded,
        trust_command,
        trusted_files_path,
        user_file_path,
    )

    own = user_file_path()
    trusted = trusted_files_path(own)
    named = config or os.environ.get(CONFIG_VARIABLE)
    if named:
        place = expanded(str(named))
        yield "named", place, _read(place)[1] or "counts"
    file, state = _read(PROJECT_FILE)
    if file is not None and named:
        state = "does not count, since another is named"
    elif file is not None:
        doubt = doubt_about(file, trusted)
        state = f"not trusted, {doubt}: `{trust_command(file.path)}`" if doubt else "trusted"
    yield "working folder", file.path if file else PROJECT_FILE, state
    at_home = _read(own)[1] or "counts"
    yield "your own", own, at_home if own.is_absolute() else "not looked for, there is no home folder"
    yield "trusted files", trusted, "there" if trusted.exists() else _MISSING


def _read(path: Path) -> tuple[SettingsFile | None, str]:
    """Return a settings file, or None and why it cannot be used."""
    from ayx_connection.settings import SettingsFileError, load_settings_file

    try:
        return load_settings_file(path), ""
    except FileNotFoundError:
        return None, _MISSING
    except OSError as error:
        return None, f"cannot be read ({error.strerror or 'OS error'})"
    except SettingsFileError as error:
        return None, f"cannot be used, {error}"
