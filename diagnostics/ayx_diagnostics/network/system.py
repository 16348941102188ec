"""The operating system's own network."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

from ayx_diagnostics.network.attempt import Attempt
from ayx_diagnostics.network.base import Transport
from ayx_diagnostics.network.clock import SystemClock
from ayx_diagnostics.network.interface import Machine
from ayx_diagnostics.network.machine import SystemMachine
from ayx_diagnostics.network.sockets import DatagramAttempt, SocketAttempt, SocketDatagrams, wait
from ayx_diagnostics.network.tasks import Threads

__all__ = ["SystemNetwork"]

_LOOPBACK = "127.0.0.1"


class SystemNetwork(SystemClock, Threads):
    """Sockets, threads and the clock of this machine; see ``Network``.

    Args:
        machine: What this machine knows by itself.
        monotonic: A source of monotonic seconds.
    """

    def __init__(self, machine: Machine | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        SystemClock.__init__(self, monotonic)
        Threads.__init__(self)
        self.machine: Machine = machine or SystemMachine()

    def sleep(self, seconds: float) -> None:
        """See ``Network``."""
        time.sleep(max(0.0, seconds))

    def resolve(self, name: str, timeout_s: float) -> tuple[str, ...]:
        """See ``Network``.

        The call cannot be interrupted (glibc waits 5 s and longer for each dead nameserver), so its thread is left
        behind when the time is up.
        """
        looking_up = self.start(lambda: socket.getaddrinfo(name, None, type=socket.SOCK_STREAM))
        if not self.wait_for(lambda: looking_up.done, timeout_s):
            raise TimeoutError
        return tuple(dict.fromkeys(_address(where) for _, _, _, _, where in looking_up.result()))

    def connect(
        self,
        address: str,
        port: int,
        *,
        ttl: int | None = None,
        maxseg: int | None = None,
        transport: Transport = "tcp",
    ) -> Attempt:
        """See ``Network``."""
        kind = DatagramAttempt if transport == "udp" else SocketAttempt
        return kind(self, address, port, ttl=ttl, maxseg=maxseg)

    def connect_to_itself(self, timeout_s: float) -> Attempt:
        """See ``Network``."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.bind((_LOOPBACK, 0))
            listener.listen(1)
            attempt = self.connect(_LOOPBACK, listener.getsockname()[1])
            self.wait([attempt], attempt.started_s + timeout_s)
            return attempt

    def wait(self, attempts: Iterable[Attempt], until_s: float) -> None:
        """See ``Network``."""
        wait(attempts, until_s, self)

    def datagrams(self, address: str, port: int, *, any_source: bool = False) -> SocketDatagrams:
        """See ``Network``."""
        return SocketDatagrams(address, port, any_source=any_source)


def _address(where: tuple[Any, ...]) -> str:
    """Return the address of a socket address, with its scope where it has one."""
    host = str(where[0])
    scope = where[3] if len(where) == 4 else 0  # noqa: PLR2004  # sockaddr_in6 as Python sees it
    return f"{host}%{scope}" if scope and "%" not in host else host
