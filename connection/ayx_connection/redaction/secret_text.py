"""A text that must not be seen: neither printed nor logged, neither pickled nor among the variables of a traceback."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Self

__all__ = ["Secret", "revealed", "with_secrets_hidden"]

_HIDDEN = "***"


class Secret:
    """Holds a secret and shows it to nobody but the caller of ``reveal``.

    ``str``, ``repr`` and ``format`` give ``***``; a pickle holds nothing, so that what is restored is empty.

    Args:
        text: The secret.
    """

    __slots__ = ("_reveal",)

    def __init__(self, text: str) -> None:
        self._reveal: Callable[[], str] = lambda: text  # not an attribute: debuggers and error reporters print those

    def reveal(self) -> str:
        """Return the secret. Use it at once, and keep it in no variable."""
        return self._reveal()

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN!r})" if self else "Secret('')"

    def __str__(self) -> str:
        return _HIDDEN if self else ""

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __len__(self) -> int:
        return len(self.reveal())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret | str):
            return NotImplemented
        mine, theirs = (revealed(one).encode("utf-8", "surrogatepass") for one in (self, other))
        return hmac.compare_digest(mine, theirs)

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, ("",)


def revealed(secret: str | Secret) -> str:
    """Return the text of a secret that may have come as plain text."""
    return secret.reveal() if isinstance(secret, Secret) else secret


def with_secrets_hidden(options: Mapping[str, object]) -> dict[str, object]:
    """Return options as they may stand among the variables of a traceback: the secret in a ``Secret``."""
    return {
        name: Secret(value) if name == "client_secret" and isinstance(value, str) else value
        for name, value in options.items()
    }
