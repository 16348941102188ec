"""One setting: a value together with where it came from, or why it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ayx_connection.settings.masking import without_userinfo

__all__ = ["DEFAULT_ORIGIN", "UNTRUSTED_FILE", "Setting", "SettingProblem"]

T = TypeVar("T")
DEFAULT_ORIGIN = "default"
UNTRUSTED_FILE = "config.untrusted_file"


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A value and where it came from.

    Attributes:
        value: The value.
        origin: ``option --proxy``, ``environment ALTERYX_PROXY``, ``ayxctl.toml [profiles.test]``, ``default``.
        sensitive: Whether ``repr`` hides the value.
    """

    value: T
    origin: str = DEFAULT_ORIGIN
    sensitive: bool = field(default=False, compare=False)

    @property
    def is_default(self) -> bool:
        """Whether nobody set it."""
        return self.origin == DEFAULT_ORIGIN

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what may be shown: an address loses what may be a password, a secret everything."""
        value = without_userinfo(self.value) if self.sensitive and isinstance(self.value, str) else self.value
        return type(self), (value, self.origin, self.sensitive)

    def __repr__(self) -> str:
        shown = "***" if self.sensitive and self.value is not None else repr(self.value)
        return f"Setting({shown}, {self.origin!r})"


@dataclass(frozen=True)
class SettingProblem:
    """Why a setting cannot be used.

    Attributes:
        code: Catalogue code ``config.*``.
        setting: Name of the setting.
        origin: Where its value came from.
        message: One line; never holds the value of a secret.
        remedy: What to do about it, where that is more than to correct the value.
    """

    code: str
    setting: str
    origin: str
    message: str
    remedy: str = ""

    @property
    def advice(self) -> str:
        """The message, and what to do about it, in one line."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message
