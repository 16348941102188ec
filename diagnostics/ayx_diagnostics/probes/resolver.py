"""The probes of the stage ``dns`` in one place."""

from __future__ import annotations

from ayx_diagnostics.probes.dns_query import query
from ayx_diagnostics.probes.dns_system import hosts_file, resolver_config, system_lookup

__all__ = ["hosts_file", "query", "resolver_config", "system_lookup"]
