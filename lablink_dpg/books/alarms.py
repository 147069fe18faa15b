"""Alarms of one server: those that are open, those of this session that are over, and the rules behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lablink_dpg.model.alarm import AlarmEvent, AlarmRule


class AlarmBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
        self.open: tuple[AlarmEvent, ...] = ()  # gravest first, then newest
        self.history: Sequence[AlarmEvent] = ()  # newest first
        self.rules: Mapping[str, AlarmRule] = {}  # by alarm_id

    def drain_new(self) -> Sequence[AlarmEvent]:
        """Events opened since the last call, oldest first; each is given once. One reader."""
        return ()

    def take_open(self, events: Sequence[AlarmEvent], at_us: int) -> None:
        """All that are open, as the server lists them."""

    def take_rules(self, rules: Sequence[AlarmRule]) -> None:
        """All rules, as the server lists them."""
