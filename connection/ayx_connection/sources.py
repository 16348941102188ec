"""Where settings come from: options, environment variables, and the tables of the settings files."""

from __future__ import annotations

import errno
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import EllipsisType

from ayx_connection.declarations import DECLARATIONS, DECLARATIONS_BY_NAME, SECRET_REFERENCES, Declaration, expanded
from ayx_connection.settings import DEFAULT_ORIGIN, SettingProblem

__all__ = ["Sources", "Table", "read_files", "user_file_path"]

PROJECT_FILE = Path("ayxctl.toml")
#: Settings whose relative paths count from the folder of the file that names them.
_PATHS = frozenset({"ca_bundle", "client_cert", "client_key", "client_secret_file"})


@dataclass(frozen=True)
class Table:
    """The settings that one file's top level or one profile gives."""

    values: Mapping[str, object]
    origin: str
    folder: Path

    def get(self, key: str) -> object:
        """Return the value of a key, or None; a path counts from the file's folder."""
        value = self.values.get(key)
        if key in _PATHS and isinstance(value, str):
            return str(self.folder / expanded(value))
        return value


@dataclass
class Sources:
    """Everything that may give a value, in order of precedence, and the problems met on the way."""

    options: Mapping[str, object]
    options_from: str
    environ: Mapping[str, str]
    tables: list[Table] = field(default_factory=list)
    problems: list[SettingProblem] = field(default_factory=list)

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
    files = [_read_file(sources, project_file, lambda: PROJECT_FILE), _read_file(sources, user_file, user_file_path)]
    _choose_tables(sources, [file for file in files if file is not None])


def user_file_path() -> Path:
    """Return where the user's own settings file lies on this operating system."""
    import platformdirs

    return Path(platformdirs.user_config_dir("ayxctl", appauthor=False)) / "ayxctl.toml"


@dataclass(frozen=True)
class _File:
    path: Path
    content: Mapping[str, object]
    name: str


def _read_file(sources: Sources, path: Path | EllipsisType | None, default: Callable[[], Path]) -> _File | None:
    if path is None:
        return None
    is_default = isinstance(path, EllipsisType)
    path = default() if isinstance(path, EllipsisType) else path
    name = _short(path)
    try:
        with path.open("rb") as file:
            return _File(path, tomllib.load(file), name)
    except FileNotFoundError:
        if not is_default:
            sources.problem("setting_invalid", "settings file", name, "the settings file does not exist")
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return None  # no fault of the file: the first socket fails alike, and says it better
        sources.problem("setting_invalid", "settings file", name, f"it cannot be read: {error.strerror or 'OS error'}")
    except UnicodeDecodeError:
        sources.problem("setting_invalid", "settings file", name, "it is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        sources.problem("setting_invalid", "settings file", name, f"it is not TOML{_position(error)}")
    return None


def _position(error: tomllib.TOMLDecodeError) -> str:
    """Return where TOML parsing failed, without the text around it (it may be a secret)."""
    _, found, place = str(error).rpartition("(at ")
    return f" (at {place}" if found else ""


def _short(path: Path) -> str:
    """Return a path as it is shown in an origin: relative as given, the home folder as ``~``."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return path.name if path == PROJECT_FILE else str(path)


def _choose_tables(sources: Sources, files: list[_File]) -> None:
    """Put the tables that count in order: project file before user file, in each the profile before the top level."""
    sources.tables = [Table(file.content, file.name, file.path.parent) for file in files]
    chosen, origin = next(iter(sources.given(DECLARATIONS_BY_NAME["profile"])), (None, DEFAULT_ORIGIN))
    found: list[str] = []
    tables: list[Table] = []
    for file, table in zip(files, sources.tables, strict=True):
        profiles = file.content.get("profiles", {})
        profiles = profiles if isinstance(profiles, Mapping) else {}
        found += [name for name in profiles if isinstance(profiles[name], Mapping)]
        if isinstance(chosen, str) and isinstance(profile := profiles.get(chosen), Mapping):
            tables.append(Table(profile, f"{file.name} [profiles.{chosen}]", file.path.parent))
        tables.append(table)
    sources.tables = tables
    if chosen is not None and chosen not in found:
        there = f"there are: {', '.join(sorted(set(found)))}" if found else "no settings file has any profile"
        sources.problem("setting_invalid", "profile", origin, f"there is no such profile; {there}")
    for table in tables:
        _check_keys(sources, table)


def _check_keys(sources: Sources, table: Table) -> None:
    """Report keys that are no setting: a misspelt one must not be ignored. Tables belong to others."""
    known = {declaration.key for declaration in DECLARATIONS if declaration.key} | {*SECRET_REFERENCES, "client_secret"}
    for key, value in table.values.items():
        if key not in known and not isinstance(value, Mapping | list):
            sources.problem("setting_invalid", key, table.origin, "there is no setting of this name")
