"""From a pasted error, or a live exception, to what it can mean, best first, and how to prove which.

The tables are data (:mod:`tables`): ``words_*`` and ``numbers`` say which symptom a text shows, ``causes_*`` what can
be behind a symptom, ``circumstances`` what the rest of the text adds. Nothing of the text itself is ever repeated:
every word of an answer comes from the tables.
"""

from ayx_diagnostics.explanation.matches import Explanation, Match, explain, understand

__all__ = ["Explanation", "Match", "explain", "understand"]
