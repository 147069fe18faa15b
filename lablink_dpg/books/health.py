"""How well the devices of one server are and were, and the benchmarks that were run from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lablink_dpg.model.health import Health


class HealthBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
        self.reports: Mapping[str, Health] = {}  # newest of each device, by equipment_id

    def take_reports(self, reports: Sequence[Health]) -> None:
        """One of each device, as the server lists them."""
