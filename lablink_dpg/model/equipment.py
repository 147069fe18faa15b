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

    @property
    def label(self) -> str:
        """The name an engineer gave it, else its model, else its id."""
        return self.nickname or self.model or self.equipment_id
