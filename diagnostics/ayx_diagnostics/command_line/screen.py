"""The console that people see: whatever is laid out on it is text, never an order to the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ayx_diagnostics.report.plain_text import visible

__all__ = ["Screen"]


class Screen(Console):
    """A console that shows each character that would act, of any text that reaches it."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the pieces of what is to be shown; what moves the cursor or sets a colour comes from rich alone."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(visible(piece.text), piece.style)
