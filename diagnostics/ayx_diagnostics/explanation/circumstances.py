"""What the rest of a text tells about a failure: which library, through a proxy or not, how far the request came."""

from __future__ import annotations

from collections.abc import Sequence

from ayx_diagnostics.explanation.exception_chain import ChainLink
from ayx_diagnostics.explanation.tables import circumstances, compiled, libraries

__all__ = ["NAMED_LIBRARIES", "Circumstances", "library_of"]

#: Those that an answer names; the words of some others are known, too.
NAMED_LIBRARIES = frozenset({"requests", "httpx", "urllib", "aiohttp", "curl", "node", "dotnet", "powershell"})


class Circumstances:
    """The circumstances that a chain shows. Each is looked for when it is asked about: few matter to one symptom.

    Args:
        chain: Its links, innermost first.
    """

    def __init__(self, chain: Sequence[ChainLink]) -> None:
        self._texts = _texts(chain)
        self._known: dict[object, bool] = {}

    def __contains__(self, name: object) -> bool:
        """Tell whether the chain shows the circumstance of this name."""
        if name not in self._known:
            marks = (mark for mark in circumstances() if mark.name == name)
            self._known[name] = any(compiled(mark.pattern).search(self._texts[mark.where]) for mark in marks)
        return self._known[name]


def library_of(chain: Sequence[ChainLink]) -> str | None:
    """Return the library whose words or files a chain shows."""
    texts = _texts(chain)
    return next((mark.name for mark in libraries() if compiled(mark.pattern).search(texts[mark.where])), None)


def _texts(chain: Sequence[ChainLink]) -> dict[str, str]:
    message = "\n".join(link.message for link in chain)
    frames = "\n".join(link.frames for link in chain)
    return {"message": message, "frames": frames, "both": f"{message}\n{frames}"}
