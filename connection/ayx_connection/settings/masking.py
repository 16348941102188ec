"""How a value may be shown that can hold a password or is one."""

from __future__ import annotations

import re

__all__ = ["hidden", "without_userinfo"]

#: Host, port and path, and nothing that could be more than that.
_PLAIN_ADDRESS = re.compile(r"(?:[^\s:/?#;,=%\uff20]*|\[[0-9A-Fa-f:.]*\])(?::\d*)?(?:/[^\s?#;,=]*)?")


def without_userinfo(value: object) -> str:
    """Show an address without what may be a password: everything between the scheme and the last @.

    Where the @ is missing or written otherwise, nothing is shown that is not plainly a host, a port and a path.
    """
    text = str(value)
    if "@" in text:
        return re.sub(r"^([^/@]*//)?.*@", r"\1***@", text, flags=re.DOTALL)
    scheme, slashes, rest = re.split(r"[?#]", text, maxsplit=1)[0].rpartition("//")
    return f"{scheme}{slashes}{rest if _PLAIN_ADDRESS.fullmatch(rest) else '***'}"


def hidden(_value: object) -> str:
    """Show that there is a value, and nothing of it."""
    return "***"
