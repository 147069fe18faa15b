"""What a person calls a device: as it is listed, told from others of the same name, with its server if need be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lablink_dpg.model.link import LinkStatus
from lablink_dpg.query.names import names_of_several

DeviceKey: TypeAlias = tuple[str, str]  # server as in LinkStatus, equipment_id
AT = " @ "  # before the server, which is what is cut first
MAX_TAIL = 4  # letters of an id that are said beside a name: few enough to be kept when it is cut


def device_names(links: Sequence[LinkStatus], *, has_servers: bool = True) -> Mapping[DeviceKey, str]:
    """Of all that are listed now. ``has_servers``: with their servers where there are several."""
    servers = names_of_several(link.server for link in links) if has_servers else {}
    out: dict[DeviceKey, str] = {}
    for link in links:
        labels = Counter(each.label for each in link.equipment)
        for each in link.equipment:
            name = each.label
            if labels[name] > 1:
                name = f"{name} {_tail(each.equipment_id)}"
            out[link.server, each.equipment_id] = f"{name}{AT}{servers[link.server]}" if servers else name
    return out


def name_of(names: Mapping[DeviceKey, str], server: str, equipment_id: str) -> str:
    """Its id where it is not listed."""
    return names.get((server, equipment_id), equipment_id)


def _tail(equipment_id: str) -> str:
    """What differs in ids like scope_386959fc."""
    return equipment_id.rpartition("_")[2][-MAX_TAIL:] or equipment_id
