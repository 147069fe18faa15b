"""What the display can ask of the link; each is handed over by ``call_soon_threadsafe``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lablink_dpg.model.link import Mode


@dataclass(frozen=True, slots=True)
class ReconnectNow:
    """Drop the connection, if any, and try at once, whatever the backoff says."""


@dataclass(frozen=True, slots=True)
class SetMode:
    mode: Mode


Command: TypeAlias = ReconnectNow | SetMode
