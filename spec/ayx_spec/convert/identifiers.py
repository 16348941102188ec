"""Python names as openapi-python-client derives them from document strings.

Restated here because converting, merging and comparing documents must work without the generator installed;
the generator's own result is compared with these names after every generation.
"""

from __future__ import annotations

import builtins
import hashlib
import re
import unicodedata
from functools import lru_cache
from keyword import iskeyword

__all__ = [
    "ascii_name",
    "bounded",
    "class_name",
    "constant_name",
    "function_name",
    "module_name",
    "pascal_case",
    "stable_name",
    "tag_name",
]

#: How long the name of a module may be, in bytes: file systems take 255, Windows 260 for a whole path.
MAX_NAME = 80

#: What Windows takes for a device, whatever its suffix.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}

_DELIMITERS = r"\. _-"
_REMEMBERED = 20_000  # names of a large document, each asked for several times
_RESERVED = (set(dir(builtins)) | {"self", "true", "false", "datetime"}) - {"id"}


def bounded(name: str) -> str:
    """Return a name that can be a module's everywhere: one that is too long ends in its digest, a device's in `x`."""
    if name in _DEVICES:
        return f"{name}_x"
    if len(name.encode()) <= MAX_NAME:
        return name
    kept = name.encode()[: MAX_NAME - 9].decode(errors="ignore").rstrip("_")
    return f"{kept}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def stable_name(text: str) -> str:
    """Return the function name of a text that stays the same when the generator makes a name of it once more."""
    name = function_name(text)
    for _ in range(4):
        name, last = function_name(name), name
        if name == last:
            break
    return name


@lru_cache(maxsize=_REMEMBERED)
def function_name(text: str) -> str:
    """Return the snake_case identifier of an operation, parameter or property: `GetUsers` is `get_users`."""
    return _identifier(text, "field_")


def ascii_name(text: str) -> str:
    """Return a name in ASCII, all that the generator finds in a path: `größe` is `grosse`, `用户` is `path`."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return plain.encode("ascii", "ignore").decode().strip() or "path"


def tag_name(text: str) -> str:
    """Return the package name of a tag: `DCMEAdmin` is `dcme_admin`."""
    return _identifier(text, "tag")


@lru_cache(maxsize=_REMEMBERED)
def class_name(text: str) -> str:
    """Return the class name of a schema: `paged_jobView` is `PagedJobView`."""
    name = _unreserved(_pascal(text))
    return name if name.isidentifier() else _unreserved(_pascal(f"field_{name}"))


def module_name(text: str) -> str:
    """Return the module name of a schema's class."""
    return function_name(class_name(text))


def pascal_case(text: str) -> str:
    """Return the words of a text as one: `paged_job view` is `PagedJobView`."""
    return _pascal(text)


def constant_name(text: str) -> str:
    """Return the name of an enumeration member: `Run Now` is `RUN_NOW`."""
    return _snake(text).upper()


def _identifier(text: str, prefix: str) -> str:
    sanitized = _sanitize(text)
    name = _unreserved(_snake(sanitized))
    return name if name.isidentifier() and not sanitized.startswith("_") else prefix + name


def _sanitize(text: str) -> str:
    return "".join(character for character in text if _usable(character))


def _usable(character: str) -> bool:
    return character.isidentifier() or character.isdecimal() or character in _DELIMITERS


def _words(text: str) -> list[str]:
    if any(character.isupper() for character in text):
        text = " ".join(re.split("([A-Z]?[a-z]+)", text))
    return re.findall(rf"[^{re.escape(_DELIMITERS)}]+", text)


def _snake(text: str) -> str:
    return "_".join(_words(_sanitize(text))).lower()


def _pascal(text: str) -> str:
    return "".join(word if word.isupper() else word.capitalize() for word in _words(_sanitize(text)))


def _unreserved(name: str) -> str:
    return f"{name}_" if name in _RESERVED or iskeyword(name) else name
