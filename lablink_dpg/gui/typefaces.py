"""The bundled fonts, each in the sizes that the window uses, written for 100 %."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg

BODY_PX = 18
SMALL_PX = 16  # status bar, lists
NUMBER_PX = 15  # headers of cards
TICK_PX = 14
TITLE_PX = 26


_FOLDER = Path(__file__).parent / "fonts"

# Of each font its size for 100 %, and whether it is bold.
SIZES: dict[str, tuple[int, bool]] = {
    "body": (BODY_PX, False),
    "bold": (BODY_PX, True),
    "small": (SMALL_PX, False),
    "small_bold": (SMALL_PX, True),
    "number": (NUMBER_PX, False),
    "name": (NUMBER_PX, True),
    "tick": (TICK_PX, False),
    "title": (TITLE_PX, True),
}


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
    registry: Item


def load() -> Fonts:
    """Main thread, after create_context."""
    with dpg.font_registry() as registry:
        paths = {False: str(_FOLDER / "LabLinkSans-Medium.otf"), True: str(_FOLDER / "LabLinkSans-Bold.otf")}
        sized = {name: dpg.add_font(paths[is_bold], px(size)) for name, (size, is_bold) in SIZES.items()}
        return Fonts(**sized, registry=registry)


def resize(fonts: Fonts) -> None:
    """To the scale of now: fonts are kept for the life of the window, because the library keeps their glyphs."""
    for name, (size, _) in SIZES.items():
        dpg.configure_item(getattr(fonts, name), size=px(size))
