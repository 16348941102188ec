"""Conclusions about the CA bundles that settings and variables name."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, mapping, text
from ayx_diagnostics.model import Finding
from ayx_diagnostics.rules.conclusion import conclude, you
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls.certificate_evidence import (
    NO_ISSUER,
    SELF_SIGNED_IN_CHAIN,
    about_certificate,
    code_of,
    refused_certificate,
)
from ayx_diagnostics.vocabulary import CA_VARIABLES


@rule("tls.ca_bundle_unreadable", independent=True)
def ca_bundle(evidence: Evidence) -> Finding | None:
    """The CA bundle that the settings name cannot be used: from reading it."""
    seen = next((seen for seen in evidence.all("tls", "ca_bundle") if not seen.ok), None)
    if seen is None:
        return None
    why = {
        "missing": "there is no such file",
        "unreadable": "it cannot be read",
        "no_certificates": "it holds no certificate in PEM form",
    }.get(seen.outcome, seen.outcome)
    origin = text(seen, "origin")
    message = text(seen, "message")
    return conclude(
        "tls.ca_bundle_unreadable",
        because=[
            f"The CA bundle {seen.target}{' (from ' + origin + ')' if origin else ''}: {why}.",
            f"Reading it gave: {message}." if message else None,
        ],
        ruled_out=["Not the Server: no packet was needed to see this."],
        fix=[
            you(f"correct the path in {origin or 'the setting'}, or remove the setting to use the system's trust store")
        ],
        setting=origin or seen.target,
    )


@rule("tls.env_ca_not_seen")
def other_variable(evidence: Evidence) -> Finding | None:
    """The right bundle is in a variable that this client does not come to: from the trust matrix of a refused chain."""
    seen = refused_certificate(evidence)
    stores = mapping(evidence.first("tls", "trust"), "stores")
    right = [name for name in CA_VARIABLES if stores.get(name) == "trusted"]
    if seen is None or code_of(seen) not in (SELF_SIGNED_IN_CHAIN, *NO_ISSUER) or not right:
        return None
    wrong = [name for name in CA_VARIABLES if stores.get(name, "trusted") != "trusted"]
    read = text(evidence.first("tls", "ca_bundle"), "origin").removeprefix("environment ") or "the system's store alone"
    return conclude(
        "tls.env_ca_not_seen",
        about_certificate(evidence, seen),
        because=[
            f"The certificates of {' and of '.join(right)} trust the chain that {seen.target} sends.",
            f"Those of {' and of '.join(wrong)} do not." if wrong else None,
            f"This client read {read}: what reads {right[0]} works, and the next script fails.",
        ],
        fix=[you(f"set {', '.join(wrong) or 'ALTERYX_CA_BUNDLE, SSL_CERT_FILE'} to the file that {right[0]} names")],
        severity="error",
    )


@rule("tls.env_ca_not_seen")
def variables_disagree(evidence: Evidence) -> Finding | None:
    """Libraries read different CA variables: from a trust matrix in which the two variables disagree."""
    if not any(seen.ok for seen in evidence.handshakes):
        return None
    stores = mapping(evidence.first("tls", "trust"), "stores")
    paths = {str(name): state for name, state in stores.items() if name in CA_VARIABLES}
    if "SSL_CERT_FILE" not in paths and "--ca-bundle" in stores and stores.get("system") == "untrusted":
        origin = text(evidence.first("tls", "ca_bundle"), "origin")
        if origin.removeprefix("environment ") in paths:  # so httpx and urllib are left with the system's store
            paths["SSL_CERT_FILE (not set: the system's store)"] = "untrusted"
    if len(set(map(str, paths.values()))) <= 1:  # one variable, or both of one mind
        return None
    return conclude(
        "tls.env_ca_not_seen",
        because=[f"The chain is {state} by the certificates of {name}." for name, state in paths.items()],
        fix=[you("set SSL_CERT_FILE (httpx, urllib), REQUESTS_CA_BUNDLE (requests) and CURL_CA_BUNDLE to one file")],
        host=evidence.host,
    )
