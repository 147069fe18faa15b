"""When an acquisition that waits for a trigger begins: found in the known signal, so that nothing has to watch it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from lablink_dpg.sim.signals import expected

TYPES: Final = ("immediate", "level", "edge", "time", "external")
EDGES: Final = ("rising", "falling", "either")
SEARCHED: Final = 1 << 18  # samples: what has not triggered until then never does


@dataclass(frozen=True, slots=True)
class Trigger:
    """``trigger_config`` of the protocol."""

    trigger_type: str = "immediate"
    level: float | None = None
    edge: str | None = None
    channel: str | None = None
    pre_trigger_samples: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "trigger_type": self.trigger_type,
            "level": self.level,
            "edge": self.edge,
            "channel": self.channel,
            "pre_trigger_samples": self.pre_trigger_samples,
        }

    def fires_at(self, channels: Sequence[str], signals: Mapping[str, Mapping[str, Any]]) -> int | None:
        """Number of the first sample that triggers; None if none does, as where nobody pulls an external one.

        A level is reached from either side; an edge is a step across it from one sample to the next.
        """
        channel = self.channel if self.channel is not None else channels[0]
        if self.trigger_type not in ("level", "edge") or channel not in signals:
            return None
        level = self.level or 0.0
        is_above = expected(signals[channel], np.arange(SEARCHED, dtype=np.int64)) >= level
        if self.trigger_type == "level":
            fired = is_above
        else:
            rises, falls = is_above[1:] & ~is_above[:-1], ~is_above[1:] & is_above[:-1]
            steps = {"rising": rises, "falling": falls}.get(self.edge or "rising", rises | falls)
            fired = np.concatenate(([False], steps))
        at = int(np.argmax(fired))
        return at if fired[at] else None
