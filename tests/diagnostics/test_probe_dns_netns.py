"""The C library's own lookup against a faulty nameserver on port 53 of a machine of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LOOKUPS = """
import json
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes import dns_system
from ayx_simulator.peers.nameserver import FaultyNameserver
zone = {
    "ok.test": "192.0.2.1",
    "nx.test": "nxdomain",
    "nodata.test": "nodata",
    "servfail.test": "servfail",
    "refused.test": "refused",
    "dangling.test": "-> nx.test",
    "silent.test": "timeout",
}
with FaultyNameserver(zone, host="127.0.0.1", port=53):
    lookups = [dns_system.system_lookup(SystemNetwork(), name, timeout_s=0.5) for name in zone]
closed = dns_system.system_lookup(SystemNetwork(), "ok.test", timeout_s=5)
config = dns_system.resolver_config(SystemNetwork()).evidence
print(json.dumps({"config": config, "closed": [closed.outcome, closed.duration_s],
                  "lookups": {one.target: [one.outcome, one.evidence["addresses"]] for one in lookups}}))
"""


@pytest.mark.netns
def test_lookups_of_the_c_library(tmp_path: Path) -> None:
    if sys.platform != "linux" or os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "ip", "mount"))):
        pytest.skip("needs root, unshare, ip and mount")
    config = tmp_path / "resolv.conf"
    config.write_text("nameserver 127.0.0.1\nsearch corp.test\noptions timeout:2 attempts:1\n")
    setup = 'ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$1" -c "$2"'
    command = ["unshare", "--net", "--mount", "sh", "-c", setup, str(config), sys.executable, LOOKUPS]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["lookups"] == {
        "ok.test": ["ok", ["192.0.2.1"]],
        "nx.test": ["noname", []],
        "nodata.test": ["nodata", []],
        "servfail.test": ["again", []],
        "refused.test": ["again", []],
        "dangling.test": ["noname", []],
        "silent.test": ["timeout", []],
    }
    outcome, duration_s = seen["closed"]
    assert outcome == "again"
    assert duration_s < 0.5
    assert seen["config"]["nameservers"] == ["127.0.0.1"]
    assert seen["config"]["search"] == ["corp.test"]
