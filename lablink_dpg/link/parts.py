"""What all parts of one link share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lablink_dpg.link.board import Board
from lablink_dpg.link.devices import Devices
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.store.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """Network thread only."""

    store: Store
    streams: Streams
    devices: Devices
    tally: Tally
    board: Board
    options: LinkOptions
    now_us: Callable[[], int]
