"""Where panels are, as JSON that is kept from run to run; what cannot be understood is as at a first start."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lablink_dpg.gui.docking import Docks, PanelName, Place

SHARES = ("left", "right", "bottom", "left_split", "right_split", "bottom_split")
SMALLEST, LARGEST = 0.05, 0.95  # a share beyond these hides one side


def kept(docks: Docks) -> dict[str, Any]:
    return {
        "opened": [name.value for name in docks.opened],
        "places": {name.value: place.value for name, place in docks.places.items()},
        "front": {place.value: name.value for place, name in docks.front.items()},
        **{share: round(getattr(docks, share), 4) for share in SHARES},
    }


def restored(found: Mapping[str, Any]) -> tuple[Docks, tuple[str, ...]]:
    """Never raises; a line for each part that cannot be used. A panel or a place of another version is left out."""
    docks = Docks()
    problems = []
    opened, places, front = found.get("opened", []), found.get("places", {}), found.get("front", {})
    if isinstance(opened, list):
        names = [PanelName(each) for each in opened if _is_one(each, PanelName)]
        docks = replace(docks, opened=tuple(dict.fromkeys(names)))
    else:
        problems.append('docks: "opened" must be a list; no panel is open')
    if isinstance(places, Mapping):
        moved = {PanelName(n): Place(p) for n, p in places.items() if _is_one(n, PanelName) and _is_one(p, Place)}
        docks = replace(docks, places={**docks.places, **moved})
    else:
        problems.append('docks: "places" must be an object; panels are where they are at a first start')
    if isinstance(front, Mapping):
        shown = {Place(p): PanelName(n) for p, n in front.items() if _is_one(p, Place) and _is_one(n, PanelName)}
        docks = replace(docks, front=shown)
    else:
        problems.append('docks: "front" must be an object; the tabs opened last are in front')
    for name in SHARES:
        share = found.get(name, getattr(docks, name))
        if isinstance(share, bool) or not isinstance(share, int | float) or not SMALLEST <= share <= LARGEST:
            said = share if isinstance(share, int | float) and math.isfinite(share) else "what is there"
            problems.append(f'docks: "{name}" must be a number from {SMALLEST} to {LARGEST}, not {str(said)[:20]}')
        else:
            docks = replace(docks, **{name: float(share)})  # type: ignore[arg-type]
    return docks, tuple(problems)


def _is_one(value: Any, kind: type[PanelName] | type[Place]) -> bool:
    return isinstance(value, str) and value in [each.value for each in kind]
