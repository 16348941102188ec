from __future__ import annotations

import json

from ayx_diagnostics.anonymous import anonymise, anonymise_report


def test_the_same_name_becomes_the_same_stand_in() -> None:
    document = {"a": "ayx.corp.example at 10.1.2.3", "b": ["AYX.corp.example", "fd00::7", "127.0.0.1", "10.1.2.3:443"]}
    cleaned = anonymise(document, hosts=["ayx.corp.example"], users=[])
    assert cleaned == {"a": "host-1 at address-1", "b": ["host-1", "address-2", "127.0.0.1", "address-1:443"]}


def test_a_report_names_nobody_after_anonymising() -> None:
    document = {
        "target": {"host": "ayx.corp.example", "given": "ayx.corp.example"},
        "started_at": "2026-01-02T03:04:05Z",
        "tool": {"version": "1.2.3.4"},
        "schema_version": "1",
        "observations": [
            {"evidence": {"nameservers": ["192.0.2.53"], "chain": [{"san": ["ayx.corp.example", "www.corp.example"]}]}}
        ],
        "findings": [{"title": "www.corp.example does not match"}],
    }
    text = json.dumps(anonymise_report(document))
    assert "corp.example" not in text
    assert "192.0.2.53" not in text
    assert '"started_at": "2026-01-02T03:04:05Z"' in text
    assert "1.2.3.4" in text
