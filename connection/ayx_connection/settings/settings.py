"""Settings: each value together with where it came from.

Precedence: option (or keyword argument), environment, project file ``ayxctl.toml``, user file, default. Within a file
the chosen profile's table ``[profiles.NAME]`` goes before the top level. Loading never fails on a bad value: it becomes
a ``SettingProblem``, so that a diagnosis can report it; ``Settings.check()`` raises the first. A project file that was
neither named nor trusted gives no address, proxy, certificate or secret: that is a problem, too, and the setting has
its default, not what a weaker source says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import EllipsisType
from typing import Any, Literal, NoReturn, cast

from ayx_connection.failures import AddressError, SettingsError
from ayx_connection.redaction import Secret, passwords_in, with_secrets_hidden
from ayx_connection.settings.address import ServerAddress, parse_address
from ayx_connection.settings.declarations import DECLARATIONS, DECLARATIONS_BY_NAME, DeclaredSettings
from ayx_connection.settings.loading import collect
from ayx_connection.settings.setting import DEFAULT_ORIGIN, UNTRUSTED_FILE, SettingProblem

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings(DeclaredSettings):
    """How to reach one Server.

    Build it with ``Settings.load()``. Times are seconds. ``repr`` hides what is secret.

    Attributes:
        problems: What cannot be used, in the order of the settings. The others are fields of ``DeclaredSettings``.
    """

    problems: tuple[SettingProblem, ...] = field(default=())

    @classmethod
    def load(
        cls,
        options: Mapping[str, object] | None = None,
        environ: Mapping[str, str] | None = None,
        project_file: Path | EllipsisType | None = ...,
        user_file: Path | EllipsisType | None = ...,
        *,
        options_from: Literal["option", "argument"] = "option",
    ) -> Settings:
        """Collect the settings from every source.

        Args:
            options: What was given directly, by name of the setting; None as a value means not given. Besides the
                settings, ``client_secret_file`` (``-`` is standard input) and ``config`` (a settings file that counts
                instead of the working folder's) are understood.
            environ: Environment variables; those of the process by default.
            project_file: The file that ``ALTERYX_CONFIG`` names by default, else ``ayxctl.toml`` of the working folder,
                which has to be trusted; a path counts as it is; None for none.
            user_file: ``ayxctl.toml`` of the user's configuration folder by default; None for none.
            options_from: How the origin of an option is called: ``option --proxy`` or ``argument proxy``.

        Returns:
            The settings, with every problem in ``problems``.

        Raises:
            TypeError: ``options`` has a name that is no setting.
        """
        options = with_secrets_hidden(options or {})
        values, problems = collect(options, environ, project_file, user_file, options_from)
        return cls(**cast("dict[str, Any]", values), problems=problems)

    @property
    def address(self) -> ServerAddress:
        """The Server's address.

        Raises:
            SettingsError: It is missing or no address.
        """
        try:
            return parse_address(self.base_url.value or "")
        except AddressError as error:
            message = _located(str(error), "base_url", self.base_url.origin)
            raise SettingsError(
                message, code=error.code, setting="base_url", origin=self.base_url.origin
            ) from None  # the text given may hold a password

    @property
    def address_origin(self) -> str | None:
        """Which file or variable the Server's address came from; None when it was given directly, or not at all."""
        origin = self.base_url.origin
        if not self.base_url.value or self.base_url.is_default or origin.startswith(("option ", "argument ")):
            return None
        return origin

    @property
    def is_untrusted(self) -> bool:
        """Whether a settings file of the working folder would have given a setting, and has to be trusted first."""
        return any(problem.code == UNTRUSTED_FILE for problem in self.problems)

    @property
    def credentials(self) -> tuple[str, Secret] | None:
        """The key pair, or None unless both halves are there and usable."""
        if any(problem.setting in {"client_id", "client_secret"} for problem in self.problems):
            return None
        key, secret = self.client_id.value, self.client_secret.value
        return (key, secret) if key and secret else None

    def secrets(self, environ: Mapping[str, str] | None = None) -> Iterator[str | Secret | None]:
        """Yield everything in the settings that must not be shown, and the proxies' passwords among the variables."""
        proxies = (value for name, value in (environ or {}).items() if name.lower().endswith("_proxy"))
        yield self.client_secret.value
        yield from passwords_in([str(self.proxy.value or ""), str(self.base_url.value or ""), *proxies])
        if pair := self.credentials:
            yield f"{pair[0]}:{pair[1].reveal()}"

    def check(self) -> None:
        """Make sure that every setting can be used.

        Raises:
            SettingsError: The first problem, naming the setting and where its value came from.
        """
        for problem in self.problems:
            _raise(problem)

    def shown(self, name: str) -> str:
        """Return a setting's value as it may be printed; a secret is ``***``, nothing is the empty string."""
        value = getattr(self, name).value
        return "" if value is None else DECLARATIONS_BY_NAME[name].shown(value)

    def __repr__(self) -> str:
        given = (d for d in DECLARATIONS if not getattr(self, d.name).is_default)
        parts = [f"{d.name}={self.shown(d.name)!r} ({getattr(self, d.name).origin})" for d in given]
        parts += [f"problems={[problem.code for problem in self.problems]}"] if self.problems else []
        return f"Settings({', '.join(parts)})"


def _located(message: str, setting: str, origin: str) -> str:
    return message if origin == DEFAULT_ORIGIN else f"{setting} (from {origin}): {message}"


def _raise(problem: SettingProblem) -> NoReturn:
    message = _located(problem.advice, problem.setting, problem.origin)
    raise SettingsError(message, code=problem.code, setting=problem.setting, origin=problem.origin)
