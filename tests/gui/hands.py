"""Where a pointer goes: the middle of what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lablink_dpg.gui.toolkit import Item, dpg

if TYPE_CHECKING:
    from tests.gui.driver import Driver


def middle_of(item: Item) -> tuple[float, float]:
    (x, y), (width, height) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
    return x + width / 2, y + height / 2


def click_item(driver: Driver, item: Item) -> Iterator[None]:
    yield from driver.click(*middle_of(item))
