"""What an upgrade changes for those who call the API: two documents compared from the side of the caller.

- `shapes`, `contract`, `reading`, `security`: a document, whichever dialect it is in, as what it promises.
- `pairing`, `models`: which operation and which schema of the one is which of the other.
- `structure`, `operations`, `addresses`: what differs.
- `levels`: how bad that is, as a table by kind and direction.
- `comparison`: all of it, each change once.
- `usage`: which lines of a caller's code a change concerns. `surface`: the generated packages compared.
- `reports`: the result as JSON, Markdown and text.

Not compared, because no kind of change stands for it: descriptions, examples, constraints (lengths, ranges, patterns),
response headers, and defaults of anything but parameters.
"""

from __future__ import annotations

from ayx_spec.diff.changes import Change
from ayx_spec.diff.documents import Comparison, compare_documents
from ayx_spec.diff.levels import LEVELS, RULES, Level

__all__ = ["LEVELS", "RULES", "Change", "Comparison", "Level", "compare_documents"]
