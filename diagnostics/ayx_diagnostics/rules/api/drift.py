"""The conclusion that Server and client are of different releases."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, texts, whole
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, the_server
from ayx_diagnostics.rules.rule import rule

_SHOWN = 5
#: The oldest release with V3 has more than half of today's operations.
_MOST_OF_IT = 0.75


@rule("api.schema_drift", independent=True)
def drift(evidence: Evidence) -> Finding | None:
    """The Server is of another release: from answers, or a document of its own, that differ from the client's."""
    calls = (*evidence.all("api", "call", outcome="ok"), *evidence.all("api", "smoke", outcome="ok"))
    because = [f"{seen.target}: {'; '.join(found)}." for seen in calls if (found := texts(seen, "problems"))]
    del because[2 * _SHOWN :]
    for seen in evidence.all("api", "read_document"):
        differences = texts(seen, "differences")
        count = whole(seen, "difference_count") or len(differences)
        if differences and not _stands_in(seen):
            places = "one place" if count == 1 else f"{count} places"
            because.append(f"The Server's own document differs from the client's in {places} ({seen.target}).")
            because += [f"{difference}." for difference in differences[:_SHOWN]]
    return conclude("api.schema_drift", because=because, host=the_server(evidence)) if because else None


def _stands_in(seen: Observation) -> bool:
    """Whether a document lacks most of the API, as no release of the Server does: a filtered one, or a stand-in's."""
    known = whole(seen, "known")
    return known is not None and len(texts(seen, "missing")) > _MOST_OF_IT * known
