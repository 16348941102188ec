"""The words between probes and rules: every operation, its outcomes and its evidence, as data.

A probe writes only what stands here (tests hold every observation that is made against it); a rule relies on nothing
else (the readers of ``evidence`` take no other key). One module a stage has its operations, ``operations`` all of them;
``keys`` has the names that the type checker knows. ``make docs`` makes a page of it. A diagnosis needs none of these:
what it does need is here.
"""

from ayx_diagnostics.vocabulary.sockets import SOCKET_OUTCOMES, errno_name, socket_outcome
from ayx_diagnostics.vocabulary.variables import CA_VARIABLES

__all__ = ["CA_VARIABLES", "SOCKET_OUTCOMES", "errno_name", "socket_outcome"]
