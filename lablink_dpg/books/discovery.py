"""How far the server's search for devices is, and what it has found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_FOUND = 256  # devices of one search; more is no bench
MAX_TEXT = 200  # letters of one field of a device
STALLED_US = 180_000_000  # a search that says nothing for so long has died with its server


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """What a search says of a device; "" where it does not say."""

    resource: str  # VISA's, or MOCK::…; never empty
    type: str = ""
    model: str = ""
    manufacturer: str = ""
    is_connected: bool = False


def found_device(data: Mapping[str, Any]) -> FoundDevice | None:
    """Servers of different age name these fields differently; None for what cannot be connected to."""
    resource = _text(data, "resource_string", "resource_name", "resource")
    if not resource:
        return None
    return FoundDevice(
        resource=resource,
        type=_text(data, "type", "device_type", "equipment_type"),
        model=_text(data, "model"),
        manufacturer=_text(data, "manufacturer"),
        is_connected=data.get("is_connected") is True,
    )


def _text(data: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = data.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()[:MAX_TEXT]
    return ""


class DiscoveryBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
        self.found: Mapping[str, FoundDevice] = {}  # by resource, of the last search or the one that runs
        self.problem = ""  # why the last one came to nothing
        self.ended = 0  # searches that are over
        self._running_us: int | None = None  # when the one that runs was last heard of

    def is_running(self, now_us: int) -> bool:
        """As far as the server's events tell; who has ordered a search knows it before."""
        return self._running_us is not None and now_us - self._running_us < STALLED_US

    def started(self, now_us: int) -> None:
        self.found, self.problem, self._running_us = {}, "", now_us
        self.revision += 1

    def heard(self, device: FoundDevice | None, now_us: int) -> None:
        """A step of it; perhaps it has found something."""
        if self._running_us is not None:
            self._running_us = now_us
        if device is not None and (device.resource in self.found or len(self.found) < MAX_FOUND):
            self.found = {**self.found, device.resource: device}
        self.revision += 1

    def finished(self, devices: Iterable[FoundDevice] | None = None, problem: str = "") -> None:
        """``devices``: all that were found, where that is known now."""
        if devices is not None:
            self.found = {device.resource: device for device in devices}
        self.problem, self._running_us = problem, None
        self.ended += 1
        self.revision += 1
