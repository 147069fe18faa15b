"""Taking everything out of the window that was put into it, for it to be made anew in other colours or sizes."""

from __future__ import annotations

from collections.abc import Collection

from lablink_dpg.gui.toolkit import Item, dpg


def roots() -> list[Item]:
    """Items that have no parent: windows, themes, registries."""
    return [item for item in dpg.get_all_items() if not dpg.get_item_parent(item)]


def delete_windows(items: Collection[Item]) -> list[Item]:
    """Delete the windows among ``items`` with all that is in them; returns the others.

    Main thread, between frames, and from no callback: the library would return to an item that is gone.
    """
    others = []
    for item in items:
        if dpg.get_item_info(item)["type"] == "mvAppItemType::mvWindowAppItem":
            dpg.delete_item(item)
        else:
            others.append(item)
    return others


def delete(items: Collection[Item]) -> None:
    """Those that are still there."""
    for item in items:
        if dpg.does_item_exist(item):
            dpg.delete_item(item)
