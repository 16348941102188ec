"""What the rest of a text tells about a failure: which library, through a proxy or not, how far the request came."""

from __future__ import annotations

from collections.abc import Sequence

from ayx_diagnostics.explanation.failures import Failure
from ayx_diagnostics.explanation.tables import circumstances, compiled, libraries

__all__ = ["NAMED_LIBRARIES", "circumstances_of", "library_of"]

#: Those that an answer names; the words of some others are known, too.
NAMED_LIBRARIES = frozenset({"requests", "httpx", "urllib", "aiohttp", "curl", "node", "dotnet", "powershell"})


def circumstances_of(chain: Sequence[Failure]) -> frozenset[str]:
    """Return the names of the circumstances that a chain shows."""
    texts = _texts(chain)
    return frozenset(mark.name for mark in circumstances() if compiled(mark.pattern).search(texts[mark.where]))


def library_of(chain: Sequence[Failure]) -> str | None:
    """Return the library whose words or files a chain shows."""
    texts = _texts(chain)
    return next((mark.name for mark in libraries() if compiled(mark.pattern).search(texts[mark.where])), None)


def _texts(chain: Sequence[Failure]) -> dict[str, str]:
    message = "\n".join(failure.message for failure in chain)
    frames = "\n".join(failure.frames for failure in chain)
    return {"message": message, "frames": frames, "both": f"{message}\n{frames}"}
