"""All operations, in the order of the stages."""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics.vocabulary import api, config, dns, http, local, proxy, tcp, tls, token
from ayx_diagnostics.vocabulary.terms import Operation

__all__ = ["OPERATIONS"]

#: Stage and name -> operation.
OPERATIONS: Mapping[tuple[str, str], Operation] = {
    (operation.stage, operation.name): operation
    for module in (config, local, proxy, dns, tcp, tls, http, token, api)
    for operation in module.OPERATIONS
}
