"""How far the server's search for devices is, and what it has found."""

from __future__ import annotations


class DiscoveryBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
