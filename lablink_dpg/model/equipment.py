"""A device as the server lists it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EquipmentInfo:
    equipment_id: str
    type: str
    manufacturer: str
    model: str
    nickname: str | None = None
    serial_number: str = ""
    connection_type: str = ""  # usb, ethernet, gpib, serial, …
    resource_string: str = ""  # VISA's, or MOCK::…
    is_connected: bool = True  # servers list what is connected; some say so of each

    @property
    def label(self) -> str:
        """The name an engineer gave it, else its model, else its id."""
        return self.nickname or self.model or self.equipment_id
