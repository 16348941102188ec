"""The names of the lab, and what its nameservers say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab import topology

#: name -> entry of ``ayx_simulator.dns``.
ZONE: Mapping[str, Any] = {
    "ayx.lab.test": topology.HEALTHY,
    "dual.lab.test": [topology.HEALTHY, topology.HEALTHY_6],
    "six.lab.test": list(topology.SIX),
    "half.lab.test": [topology.NOBODY, topology.HEALTHY],
    "fault.lab.test": topology.FAULTY,
    "fault6.lab.test": topology.FAULTY_6,
    "nobody.lab.test": topology.NOBODY,
    "alias.lab.test": "-> ayx.lab.test",
    "portal.lab.test": topology.FAULTY,
    "proxy.lab.test": topology.PROXY,
    "faultyproxy.lab.test": topology.FAULTY_PROXY,
    # What is wrong with the rest is in their names.
    "nodata.lab.test": "nodata",
    "v6only.lab.test": topology.HEALTHY_6,
    "servfail.lab.test": {"behaviour": "servfail", "ede": "no reachable authority"},
    "dnssec.lab.test": {"a": [topology.HEALTHY], "behaviour": "servfail_unless_cd"},
    "refused.lab.test": "refused",
    "formerr.lab.test": {"a": [topology.HEALTHY], "behaviour": "formerr"},
    "notimp.lab.test": "notimp",
    "silent.lab.test": "timeout",
    "dropaaaa.lab.test": {"a": [topology.HEALTHY], "behaviour": "timeout", "only": ["AAAA"]},
    "truncated.lab.test": {"a": [topology.HEALTHY], "behaviour": "truncated"},
    "wrongid.lab.test": {"a": [topology.HEALTHY], "behaviour": "wrong_id"},
    "malformed.lab.test": "malformed",
    "dangling.lab.test": "-> gone.lab.test",
    "loop.lab.test": "-> loop-back.lab.test",
    "loop-back.lab.test": "-> loop.lab.test",
    "sinkhole.lab.test": "0.0.0.0",
}

#: host -> IPv4 address, for a proxy that asks no DNS.
PLACES: Mapping[str, str] = {
    "ayx.lab.test": topology.HEALTHY,
    "alias.lab.test": topology.HEALTHY,
    "fault.lab.test": topology.FAULTY,
    "six.lab.test": topology.SIX[0],
    "nobody.lab.test": topology.NOBODY,
    "servfail.lab.test": topology.HEALTHY,
    "silent.lab.test": topology.HEALTHY,
}

#: What a good certificate of the lab is valid for.
CERTIFIED_HOSTS: tuple[str, ...] = (
    "ayx.lab.test",
    "*.lab.test",
    "localhost",
    topology.HEALTHY,
    topology.FAULTY,
    topology.HEALTHY_6,
    topology.FAULTY_6,
)
