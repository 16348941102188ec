"""Where settings come from: options, environment variables, and the tables of the settings files."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import EllipsisType
from typing import Final

from ayx_connection.settings.declarations import (
    DECLARATIONS,
    DECLARATIONS_BY_NAME,
    NEED_TRUST,
    SECRET_REFERENCES,
    Declaration,
)
from ayx_connection.settings.files import (
    CONFIG_VARIABLE,
    PROJECT_FILE,
    SettingsFile,
    SettingsFileError,
    doubt_about,
    load_settings_file,
    short_path,
    trusted_files_path,
    user_file_path,
)
from ayx_connection.settings.kinds import PATH, expanded
from ayx_connection.settings.setting import DEFAULT_ORIGIN, SettingProblem

__all__ = ["WITHHELD", "Sources", "Table", "read_files"]

#: Settings whose relative paths count from the folder of the file that names them.
_PATHS = frozenset({*(each.name for each in DECLARATIONS if each.kind is PATH), "client_secret_file"})


class _Withheld:
    """Stands for a value of a file that is not trusted, so that nothing can use the value itself."""


WITHHELD: Final = _Withheld()


@dataclass(frozen=True)
class Table:
    """The settings that one file's top level or one profile gives."""

    values: Mapping[str, object]
    origin: str
    file: SettingsFile

    def get(self, key: str) -> object:
        """Return the value of a key, None or ``WITHHELD``; a path counts from the file's folder."""
        value = self.values.get(key)
        if value is not None and key in NEED_TRUST and self.file.doubt:
            return WITHHELD
        if key in _PATHS and isinstance(value, str):
            return str(self.file.folder / expanded(value))
        return value


@dataclass
class Sources:
    """Everything that may give a value, in order of precedence, and the problems met on the way.

    Attributes:
        withheld: By the name of a setting, the key of an untrusted file that would have given it.
    """

    options: Mapping[str, object]
    options_from: str
    environ: Mapping[str, str]
    files: list[SettingsFile] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    problems: list[SettingProblem] = field(default_factory=list)
    withheld: dict[str, str] = field(default_factory=dict)

    def problem(self, code: str, setting: str, origin: str, message: str) -> None:
        """Note what cannot be used; ``code`` is given without its ``config.``."""
        self.problems.append(SettingProblem(f"config.{code}", setting, origin, message))

    def given(self, declaration: Declaration) -> Iterator[tuple[object, str]]:
        """Yield what each source says of a setting, strongest first."""
        if self.options.get(declaration.name) is not None:
            yield self.options[declaration.name], self.option_origin(declaration.name, declaration.option)
        for variable in declaration.environment:
            if self.environ.get(variable):
                yield self.environ[variable], f"environment {variable}"
        for table in self.tables:
            if declaration.key and table.get(declaration.key) is not None:
                yield table.get(declaration.key), table.origin

    def option_origin(self, name: str, option: str) -> str:
        """Return how a value that was given directly is called in an origin."""
        return f"argument {name}" if self.options_from == "argument" else f"option {option}"


def read_files(
    sources: Sources, project_file: Path | EllipsisType | None, user_file: Path | EllipsisType | None
) -> None:
    """Add the tables of the settings files to the sources: project file first, in each the profile first."""
    project = _project_file(sources, project_file)
    own = _own_file(sources, user_file)
    if project is not None and own is not None and project.path == own.path:
        project = None  # found or named, it is the user's own
    sources.files = [file for file in (project, own) if file is not None]
    _choose_tables(sources)


def _project_file(sources: Sources, given: Path | EllipsisType | None) -> SettingsFile | None:
    """Return the file that was named on purpose, else the working folder's, with what speaks against it."""
    named = sources.options.get("config")
    if named is None:
        named = (sources.environ.get(CONFIG_VARIABLE) or None) if isinstance(given, EllipsisType) else given
    if isinstance(named, str | Path):
        return _loaded(sources, expanded(str(named)), named=True)
    if named is not None:
        origin = sources.option_origin("config", "--config")
        sources.problem("setting_invalid", "settings file", origin, "the value cannot be used: it must be a path")
    if named is not None or given is None:
        return None
    file = _loaded(sources, PROJECT_FILE)
    return file and replace(file, doubt=doubt_about(file, trusted_files_path(user_file_path())))


def _own_file(sources: Sources, given: Path | EllipsisType | None) -> SettingsFile | None:
    path = user_file_path() if isinstance(given, EllipsisType) else given
    if path is None or (given is ... and not path.is_absolute()):
        return None  # without a home folder it would lie in the working folder, and be anybody's
    file = _loaded(sources, path, named=given is not ...)
    return file and replace(file, is_own=True, folder=path.parent)


def _loaded(sources: Sources, path: Path, *, named: bool = False) -> SettingsFile | None:
    """Return a settings file, or None with a problem; a file that nobody named need not be there."""
    try:
        return load_settings_file(path)
    except FileNotFoundError:
        if not named:
            return None
        reason = "the settings file does not exist"
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return None  # no fault of the file: the first socket fails alike, and says it better
        reason = f"it cannot be read: {error.strerror or 'OS error'}"
    except SettingsFileError as error:
        reason = str(error)
    sources.problem("setting_invalid", "settings file", short_path(path), reason)
    return None


def _choose_tables(sources: Sources) -> None:
    """Put the tables that count in order: project file before user file, in each the profile before the top level."""
    sources.tables = [Table(file.content, file.name, file) for file in sources.files]
    chosen, origin = next(iter(sources.given(DECLARATIONS_BY_NAME["profile"])), (None, DEFAULT_ORIGIN))
    found: list[str] = []
    tables: list[Table] = []
    for table in sources.tables:
        file = table.file
        profiles = file.content.get("profiles", {})
        profiles = profiles if isinstance(profiles, Mapping) else {}
        found += [name for name in profiles if isinstance(profiles[name], Mapping)]
        if isinstance(chosen, str) and isinstance(profile := profiles.get(chosen), Mapping):
            if file.is_own and any(other.doubt and other.name == origin for other in sources.files):
                sources.withheld["profile"] = "profile"  # it would choose among the user's own Servers
            tables.append(Table(profile, f"{file.name} [profiles.{chosen}]", file))
        tables.append(table)
    sources.tables = tables
    if chosen is not None and chosen not in found:
        there = f"there are: {', '.join(sorted(set(found)))}" if found else "no settings file has any profile"
        sources.problem("setting_invalid", "profile", origin, f"there is no such profile; {there}")
    for table in tables:
        _check_keys(sources, table)


#: What the name of a setting, or a misspelt one, looks like.
_KEY = re.compile(r"[A-Za-z_-]{1,40}")


def _check_keys(sources: Sources, table: Table) -> None:
    """Report keys that are no setting: a misspelt one must not be ignored. Tables belong to others."""
    known = {declaration.key for declaration in DECLARATIONS if declaration.key} | {*SECRET_REFERENCES, "client_secret"}
    for key, value in table.values.items():
        if key not in known and not isinstance(value, Mapping | list):
            name = key if _KEY.fullmatch(key) else f"a key of {len(key)} characters"  # it may be a secret, misplaced
            sources.problem("setting_invalid", name, table.origin, "there is no setting of this name")
