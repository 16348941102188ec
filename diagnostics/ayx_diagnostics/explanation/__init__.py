"""From a pasted error, or a live exception, to what it can mean, best first, and how to prove which.

The tables are data: :mod:`numbers` and the ``words_*`` modules say which symptom a text shows, the ``causes_*`` modules
what can be behind a symptom, :mod:`circumstances` what the rest of the text adds. Nothing of the text itself is ever
repeated: every word of an answer comes from the tables.
"""

from ayx_diagnostics.explanation.matches import Explanation, Match, explain, understand

__all__ = ["Explanation", "Match", "explain", "understand"]
