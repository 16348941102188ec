"""Python starts with this: a machine on which ``httpx[socks]`` was never installed."""

import sys

sys.modules["socksio"] = None  # type: ignore[assignment]  # as import does for what it may not find
