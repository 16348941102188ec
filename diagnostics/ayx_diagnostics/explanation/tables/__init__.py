"""The tables that ``explain`` reads: what shows a symptom, what can be behind it, what the rest of a text adds.

Each is a file of rows in this folder, a tab between the columns, to be read and extended without touching code. A
*symptom* is what happened to the client, whichever library says it in whichever words: ``refused``, ``verify expired``,
``status 401``. Patterns are regular expressions that need linear time; they are matched on lower-case text with single
blanks.
"""

from ayx_diagnostics.explanation.tables.loading import (
    causes,
    circumstances,
    compiled,
    libraries,
    shares,
    vendors,
    ways,
    words,
)
from ayx_diagnostics.explanation.tables.rows import (
    AMBIGUOUS,
    LEVELS,
    NAMED,
    NUMBER,
    SENTENCE,
    SETTLED,
    Cause,
    Mark,
    Share,
    Vendor,
    Way,
    Words,
)

__all__ = [
    "AMBIGUOUS",
    "LEVELS",
    "NAMED",
    "NUMBER",
    "SENTENCE",
    "SETTLED",
    "Cause",
    "Mark",
    "Share",
    "Vendor",
    "Way",
    "Words",
    "causes",
    "circumstances",
    "compiled",
    "libraries",
    "shares",
    "vendors",
    "ways",
    "words",
]
