"""How wide words are in the bundled fonts, without a window."""

from __future__ import annotations

from pathlib import Path

from PIL import ImageFont

import lablink_dpg.gui
from lablink_dpg.gui.layout import FIGURE_SHARE

FONTS = Path(lablink_dpg.gui.__file__).parent / "fonts"
SIZE = 1000  # large, so that nothing is rounded


def width_px(text: str, size_px: float, *, is_bold: bool = False) -> float:
    """As the library has it, whose sizes are lines' heights: a figure is ``FIGURE_SHARE`` of one."""
    medium = ImageFont.truetype(FONTS / "LabLinkSans-Medium.otf", SIZE)
    font = ImageFont.truetype(FONTS / "LabLinkSans-Bold.otf", SIZE) if is_bold else medium
    return font.getlength(text) * FIGURE_SHARE / medium.getlength("0") * size_px
