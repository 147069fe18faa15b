"""A LabLink server to talk to, in a process of its own: instruments and signals with known answers."""

from typing import Final

DEFAULT_BUFFER: Final = 10_000  # samples a channel, as the real server's
