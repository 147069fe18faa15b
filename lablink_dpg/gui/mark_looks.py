"""How marks of alarms look in a plot, as Dear PyGui themes: a colour and a symbol a severity.

What lasts is drawn at the foot of a plot, on the time axis itself: shades of the full height say that samples are
missing, and the top belongs to the legend and to the note of age.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lablink_dpg.gui import palette, scale
from lablink_dpg.gui.alarm_rows import LOOKS
from lablink_dpg.gui.palette import Rgb, Rgba
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.alarm import Severity

RISE_PX = 1.5  # the line at the time when an alarm rose
STRIP_PX = 5  # as long as it lasts, along the plot's foot
LIMIT_PX = 1.5  # a threshold
SYMBOL_PX = 6  # half of a symbol's height
RISE_ALPHA, STRIP_ALPHA, LIMIT_ALPHA = 170, 150, 190  # of 255: the signal is to be seen through them

# The symbols of LOOKS, as the library draws them; the lesser ones are hollow there and here.
MARKERS: Mapping[Severity, int] = {
    Severity.INFO: dpg.mvPlotMarker_Circle,
    Severity.WARNING: dpg.mvPlotMarker_Up,
    Severity.ERROR: dpg.mvPlotMarker_Diamond,
    Severity.CRITICAL: dpg.mvPlotMarker_Square,
}
HOLLOW = (Severity.INFO, Severity.WARNING)
HOLLOW_PX, EDGE_PX = 1.5, 1.0  # around a hollow symbol, and between a filled one and what lies under it


@dataclass(frozen=True, slots=True)
class MarkLook:
    """Themes of the series of one severity."""

    rises: Item
    strips: Item
    symbols: Item
    limits: Item


def build() -> Mapping[Severity, MarkLook]:
    """Main thread, after create_context."""
    return {severity: _look(severity) for severity in Severity}


def tip() -> Item:
    """Of the words beside the mouse. The library moves texts down by a button's padding, which there are none of."""
    core = dpg.mvThemeCat_Core
    with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
        dpg.add_theme_color(dpg.mvThemeCol_WindowBg, palette.now.page, category=core)
        dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, px(12), px(9), category=core)
        dpg.add_theme_style(dpg.mvStyleVar_WindowBorderSize, 1, category=core)
        dpg.add_theme_style(dpg.mvStyleVar_FramePadding, 0, 0, category=core)
        dpg.add_theme_style(dpg.mvStyleVar_ItemSpacing, 0, px(4), category=core)
    return int(theme)


def _look(severity: Severity) -> MarkLook:
    colour = palette.now.tones[LOOKS[severity].tone]
    return MarkLook(
        rises=_line(dpg.mvLineSeries, (*colour, RISE_ALPHA), RISE_PX * scale.current()),
        strips=_line(dpg.mvLineSeries, (*colour, STRIP_ALPHA), px(STRIP_PX)),
        symbols=_symbol(colour, MARKERS[severity], is_hollow=severity in HOLLOW),
        limits=_line(dpg.mvInfLineSeries, (*colour, LIMIT_ALPHA), LIMIT_PX * scale.current()),
    )


def _line(kind: int, colour: Rgba, weight_px: float) -> Item:
    with dpg.theme() as theme, dpg.theme_component(kind):
        dpg.add_theme_color(dpg.mvPlotCol_Line, colour, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_LineWeight, weight_px, category=dpg.mvThemeCat_Plots)
    return int(theme)


def _symbol(colour: Rgb, marker: int, *, is_hollow: bool) -> Item:
    fill, outline = (palette.now.plot, colour) if is_hollow else (colour, palette.now.plot)
    with dpg.theme() as theme, dpg.theme_component(dpg.mvScatterSeries):
        for target, value in (
            (dpg.mvPlotCol_MarkerFill, fill),
            (dpg.mvPlotCol_MarkerOutline, outline),
            (dpg.mvPlotCol_Line, colour),
        ):
            dpg.add_theme_color(target, value, category=dpg.mvThemeCat_Plots)
        for style, number in (
            (dpg.mvPlotStyleVar_Marker, marker),
            (dpg.mvPlotStyleVar_MarkerSize, px(SYMBOL_PX)),
            (dpg.mvPlotStyleVar_MarkerWeight, (HOLLOW_PX if is_hollow else EDGE_PX) * scale.current()),
        ):
            dpg.add_theme_style(style, number, category=dpg.mvThemeCat_Plots)
    return int(theme)
