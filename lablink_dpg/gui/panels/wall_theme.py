"""Dear PyGui themes of the wall: thin lines, plots without a margin, and one colour for what is not of now."""

from __future__ import annotations

from dataclasses import dataclass

from lablink_dpg.gui import palette, scale, wall_layout
from lablink_dpg.gui.lane_looks import DIM
from lablink_dpg.gui.palette import Rgb, Rgba
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import TICK_PX

LINE_PX = 1.2  # a lane of ten pixels filled by noise still shows where it is densest
NO_COLOUR: Rgba = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class WallTheme:
    """``lines`` by look: the line colours, then DIM."""

    plot: Item
    lines: tuple[Item, ...]


def build() -> WallTheme:
    """Of the colours and the scale of now. Main thread, after create_context."""
    return WallTheme(_plot(), (*(_line(palette.line_colour(look)) for look in range(DIM)), _line(palette.now.muted)))


def _plot() -> Item:
    plots = dpg.mvThemeCat_Plots
    with dpg.theme() as theme, dpg.theme_component(dpg.mvPlot):
        dpg.add_theme_color(dpg.mvPlotCol_PlotBg, NO_COLOUR, category=plots)  # marks lie below
        dpg.add_theme_color(dpg.mvPlotCol_PlotBorder, NO_COLOUR, category=plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_PlotPadding, 0, 0, category=plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_LabelPadding, 0, px(wall_layout.AXIS_PX) - px(TICK_PX), category=plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_PlotBorderSize, 0, category=plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_PlotMinSize, 4, 4, category=plots)
    return int(theme)


def _line(colour: Rgb) -> Item:
    with dpg.theme() as theme, dpg.theme_component(dpg.mvLineSeries):
        dpg.add_theme_color(dpg.mvPlotCol_Line, colour, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_LineWeight, LINE_PX * scale.current(), category=dpg.mvThemeCat_Plots)
    return int(theme)
