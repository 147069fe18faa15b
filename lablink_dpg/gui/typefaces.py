"""The bundled fonts, each in the sizes that the window uses, written for 100 %."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files

from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg

BODY_PX = 18
SMALL_PX = 16  # status bar, lists
NUMBER_PX = 15  # headers of cards
TICK_PX = 14
TITLE_PX = 26


@dataclass(frozen=True, slots=True)
class Fonts:
    body: Item
    bold: Item
    small: Item
    small_bold: Item
    number: Item
    name: Item
    tick: Item
    title: Item


def load() -> Fonts:
    """Main thread, after create_context."""
    folder = files("lablink_dpg.gui") / "fonts"
    with (
        as_file(folder / "LabLinkSans-Medium.otf") as medium,
        as_file(folder / "LabLinkSans-Bold.otf") as bold,
        dpg.font_registry(),
    ):
        return Fonts(
            body=dpg.add_font(str(medium), px(BODY_PX)),
            bold=dpg.add_font(str(bold), px(BODY_PX)),
            small=dpg.add_font(str(medium), px(SMALL_PX)),
            small_bold=dpg.add_font(str(bold), px(SMALL_PX)),
            name=dpg.add_font(str(bold), px(NUMBER_PX)),
            number=dpg.add_font(str(medium), px(NUMBER_PX)),
            tick=dpg.add_font(str(medium), px(TICK_PX)),
            title=dpg.add_font(str(bold), px(TITLE_PX)),
        )
