"""The window's one visual language as Dear PyGui themes, made after the context, and anew when the looks change.

Every series gets an explicit colour theme, because automatic colours change whenever a plot's items do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from lablink_dpg.gui import layout, mark_looks, palette, scale
from lablink_dpg.gui.mark_looks import MarkLook
from lablink_dpg.gui.palette import Fill, Rgb, Rgba, Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import Fonts
from lablink_dpg.model.alarm import Severity

LINE_PX = 1.5
OVERLAY_LINE_PX = 2.0


@dataclass(frozen=True, slots=True)
class Theme:
    """Handles of everything that is bound to items. ``lines`` has one theme a line colour."""

    fonts: Fonts
    bar: Item
    card: Item
    card_selected: Item
    canvas: Item
    dock: Item
    alarm: Item  # of the bar that tells of a critical one, and its buttons
    alarm_button: Item
    live: Item
    held: Item
    pressed: Item
    quiet: Item
    idle: Item  # a button that can do nothing now
    progress: Item
    lines: tuple[Item, ...]
    overlay_lines: tuple[Item, ...]
    popup: Item
    page: Item
    dense: Item
    even: Item  # texts beside something that is no button stand on its line
    row: Item  # of a list
    header: Item  # above its columns
    mark: Item  # beside what is chosen
    lost: Item
    pause: Item
    plates: Mapping[Tone, Item]  # of words that lie over a plot
    marks: Mapping[Severity, MarkLook]


def build(fonts: Fonts) -> Theme:
    """Make themes of the colours and the scale of now, and bind the global ones. Main thread, after create_context."""
    dpg.bind_font(fonts.body)
    dpg.bind_theme(_global())
    colours = [palette.line_colour(i) for i in range(palette.LINES * palette.TINTS)]
    return Theme(
        fonts=fonts,
        bar=_surface(palette.now.bar, palette.now.bar, rounding=0),
        card=_surface(palette.now.card, palette.now.border, rounding=px(8)),
        card_selected=_surface(palette.now.card, palette.now.accent, rounding=px(8)),
        canvas=_surface((0, 0, 0, 0), palette.now.background, rounding=0),
        dock=_dock(),
        alarm=_surface(palette.now.tones[Tone.BAD], palette.now.tones[Tone.BAD], rounding=0),
        alarm_button=_button(Fill(palette.now.background, palette.now.control_hover, palette.now.text)),
        live=_button(palette.now.live),
        held=_button(palette.now.held),
        pressed=_button(palette.now.pressed),
        quiet=_button(Fill(palette.now.control, palette.now.control_hover, palette.now.text)),
        progress=_progress(),
        idle=_button(Fill(palette.now.card, palette.now.card, palette.now.muted)),
        row=_row(),
        header=_surface(palette.now.row_hover, palette.now.row_hover, rounding=px(4)),
        mark=_mark(),
        lines=tuple(_line(colour, LINE_PX) for colour in colours),
        overlay_lines=tuple(_line(colour, OVERLAY_LINE_PX) for colour in colours),
        popup=_popup(),
        page=_page(),
        dense=_dense(),
        even=_even(),
        lost=_shade(palette.now.lost),
        pause=_shade(palette.now.pause),
        plates={tone: _plate(colour) for tone, colour in palette.now.tones.items()},
        marks=mark_looks.build(),
    )


@contextmanager
def _component(kind: int) -> Iterator[Item]:
    """A theme with one component; yields the theme."""
    with dpg.theme() as theme, dpg.theme_component(kind):
        yield theme


def _colour(target: int, colour: Rgb | Rgba) -> None:
    dpg.add_theme_color(target, colour, category=dpg.mvThemeCat_Core)


def _style(target: int, x: float, y: float = -1.0) -> None:
    dpg.add_theme_style(target, x, y, category=dpg.mvThemeCat_Core)


def _plot_colour(target: int, colour: Rgb | Rgba) -> None:
    dpg.add_theme_color(target, colour, category=dpg.mvThemeCat_Plots)


def _plot_style(target: int, x: float, y: float = -1.0) -> None:
    dpg.add_theme_style(target, x, y, category=dpg.mvThemeCat_Plots)


def _global() -> Item:
    with _component(dpg.mvAll) as theme:
        core: dict[int, Rgb | Rgba] = {
            dpg.mvThemeCol_WindowBg: palette.now.background,
            dpg.mvThemeCol_ChildBg: palette.now.background,
            dpg.mvThemeCol_PopupBg: palette.now.page,
            dpg.mvThemeCol_Border: palette.now.border,
            dpg.mvThemeCol_Text: palette.now.text,
            dpg.mvThemeCol_TextDisabled: palette.now.muted,
            dpg.mvThemeCol_FrameBg: palette.now.control,
            dpg.mvThemeCol_FrameBgHovered: palette.now.control_hover,
            dpg.mvThemeCol_FrameBgActive: palette.now.control_active,
            dpg.mvThemeCol_Button: palette.now.control,
            dpg.mvThemeCol_ButtonHovered: palette.now.control_hover,
            dpg.mvThemeCol_ButtonActive: palette.now.control_active,
            dpg.mvThemeCol_CheckMark: palette.now.accent,
            dpg.mvThemeCol_Header: palette.now.selected,
            dpg.mvThemeCol_HeaderHovered: palette.now.control_hover,
            dpg.mvThemeCol_HeaderActive: palette.now.control_active,
            dpg.mvThemeCol_ScrollbarBg: palette.now.background,
            dpg.mvThemeCol_ScrollbarGrab: palette.now.scroll,
            dpg.mvThemeCol_ScrollbarGrabHovered: palette.now.scroll_hover,
            dpg.mvThemeCol_ScrollbarGrabActive: palette.now.accent,
            dpg.mvThemeCol_TitleBg: palette.now.bar,
            dpg.mvThemeCol_TitleBgActive: palette.now.bar,
            dpg.mvThemeCol_TitleBgCollapsed: palette.now.bar,
            dpg.mvThemeCol_TextSelectedBg: palette.now.progress,
            dpg.mvThemeCol_MenuBarBg: palette.now.bar,
            dpg.mvThemeCol_Tab: palette.now.control,
            dpg.mvThemeCol_TabHovered: palette.now.control_hover,
            dpg.mvThemeCol_TabActive: palette.now.selected,
            dpg.mvThemeCol_TabUnfocused: palette.now.control,
            dpg.mvThemeCol_TabUnfocusedActive: palette.now.selected,
            dpg.mvThemeCol_SliderGrab: palette.now.accent,
            dpg.mvThemeCol_SliderGrabActive: palette.now.accent,
            dpg.mvThemeCol_Separator: palette.now.border,
            dpg.mvThemeCol_SeparatorHovered: palette.now.accent,
            dpg.mvThemeCol_SeparatorActive: palette.now.accent,
            dpg.mvThemeCol_ResizeGrip: palette.now.scroll,
            dpg.mvThemeCol_ResizeGripHovered: palette.now.scroll_hover,
            dpg.mvThemeCol_ResizeGripActive: palette.now.accent,
            dpg.mvThemeCol_PlotHistogram: palette.now.progress,
            dpg.mvThemeCol_PlotHistogramHovered: palette.now.progress,
            dpg.mvThemeCol_PlotLines: palette.now.accent,
            dpg.mvThemeCol_TableHeaderBg: palette.now.control,
            dpg.mvThemeCol_TableBorderStrong: palette.now.border,
            dpg.mvThemeCol_TableBorderLight: palette.now.border,
            dpg.mvThemeCol_TableRowBg: (0, 0, 0, 0),
            dpg.mvThemeCol_TableRowBgAlt: (*palette.now.muted, 18),
            dpg.mvThemeCol_DragDropTarget: palette.now.accent,
            dpg.mvThemeCol_NavHighlight: palette.now.accent,
        }
        for target, colour in core.items():
            _colour(target, colour)
        _style(dpg.mvStyleVar_WindowPadding, 0, 0)
        _style(dpg.mvStyleVar_FramePadding, px(layout.FRAME_PAD_X_PX), px(layout.FRAME_PAD_Y_PX))
        _style(dpg.mvStyleVar_ItemSpacing, px(8), px(6))
        _style(dpg.mvStyleVar_FrameRounding, px(6))
        _style(dpg.mvStyleVar_PopupRounding, px(8))
        _style(dpg.mvStyleVar_WindowRounding, px(8))
        _style(dpg.mvStyleVar_ScrollbarRounding, px(7))
        _style(dpg.mvStyleVar_ScrollbarSize, px(layout.SCROLLBAR_PX))
        _style(dpg.mvStyleVar_WindowBorderSize, 0)
        plot: dict[int, Rgb | Rgba] = {
            dpg.mvPlotCol_FrameBg: (0, 0, 0, 0),
            dpg.mvPlotCol_PlotBg: palette.now.plot,
            dpg.mvPlotCol_PlotBorder: palette.now.border,
            dpg.mvPlotCol_LegendBg: (*palette.now.bar, 215),
            dpg.mvPlotCol_LegendBorder: (0, 0, 0, 0),
            dpg.mvPlotCol_LegendText: palette.now.text,
            dpg.mvPlotCol_AxisText: palette.now.muted,
            dpg.mvPlotCol_AxisGrid: palette.now.grid,
            dpg.mvPlotCol_AxisTick: (0, 0, 0, 0),
        }
        for target, colour in plot.items():
            _plot_colour(target, colour)
        _plot_style(dpg.mvPlotStyleVar_PlotPadding, px(layout.PLOT_PAD_PX), px(layout.PLOT_PAD_PX))
        _plot_style(dpg.mvPlotStyleVar_LabelPadding, px(layout.LABEL_PAD_PX), px(layout.LABEL_PAD_PX))
        _plot_style(dpg.mvPlotStyleVar_LegendPadding, px(6), px(4))
        _plot_style(dpg.mvPlotStyleVar_LegendInnerPadding, px(6), px(2))
        _plot_style(dpg.mvPlotStyleVar_LegendSpacing, px(8), px(1))
        _plot_style(dpg.mvPlotStyleVar_PlotBorderSize, px(1))
        _plot_style(dpg.mvPlotStyleVar_PlotMinSize, px(40), px(30))
        for kind in (dpg.mvButton, dpg.mvInputText, dpg.mvCombo, dpg.mvCheckbox):  # what cannot be used now
            with dpg.theme_component(kind, parent=theme, enabled_state=False):
                _colour(dpg.mvThemeCol_Text, palette.now.muted)
                _colour(dpg.mvThemeCol_Button, palette.now.card)
                _colour(dpg.mvThemeCol_ButtonHovered, palette.now.card)
                _colour(dpg.mvThemeCol_ButtonActive, palette.now.card)
    return int(theme)


def _surface(fill: Rgb | Rgba, border: Rgb, rounding: int) -> Item:
    """A child window's ground. A fully transparent one is not drawn at all: less for a software renderer to fill."""
    with _component(dpg.mvChildWindow) as theme:
        _colour(dpg.mvThemeCol_ChildBg, fill)
        _colour(dpg.mvThemeCol_Border, border)
        _style(dpg.mvStyleVar_ChildRounding, rounding)
        _style(dpg.mvStyleVar_WindowPadding, 0, 0)
    return int(theme)


def _dock() -> Item:
    """A panel's ground, with room around what is in it."""
    with _component(dpg.mvChildWindow) as theme:
        _colour(dpg.mvThemeCol_ChildBg, palette.now.card)
        _style(dpg.mvStyleVar_WindowPadding, px(layout.DOCK_PAD_PX), px(layout.DOCK_PAD_PX))
    return int(theme)


def _popup() -> Item:
    """Room inside lists and tooltips, which would inherit the bars' zero padding."""
    with dpg.theme() as theme:
        for kind in (dpg.mvCombo, dpg.mvTooltip):
            with dpg.theme_component(kind):
                _style(dpg.mvStyleVar_WindowPadding, px(12), px(9))
    return int(theme)


def _page() -> Item:
    """What lies over the plots, told from them by its ground and its border."""
    with _component(dpg.mvAll) as theme:
        _style(dpg.mvStyleVar_WindowPadding, px(18), px(14))
        _style(dpg.mvStyleVar_WindowBorderSize, px(1))
        _colour(dpg.mvThemeCol_WindowBg, palette.now.page)
        _colour(dpg.mvThemeCol_ChildBg, palette.now.page)
    return int(theme)


def _dense() -> Item:
    """Tables with many rows of one line."""
    with _component(dpg.mvAll) as theme:
        _style(dpg.mvStyleVar_CellPadding, px(4), px(1))
        _style(dpg.mvStyleVar_FramePadding, px(layout.FRAME_PAD_X_PX), px(2))
        _style(dpg.mvStyleVar_ItemSpacing, px(8), px(3))
    return int(theme)


def _even() -> Item:
    with _component(dpg.mvAll) as theme:
        _style(dpg.mvStyleVar_FramePadding, px(layout.FRAME_PAD_X_PX), 0)
    return int(theme)


def _button(fill: Fill) -> Item:
    with _component(dpg.mvButton) as theme:
        _colour(dpg.mvThemeCol_Button, fill.ground)
        _colour(dpg.mvThemeCol_ButtonHovered, fill.hover)
        _colour(dpg.mvThemeCol_ButtonActive, fill.hover)
        _colour(dpg.mvThemeCol_Text, fill.text)
    return int(theme)


def _mark() -> Item:
    with _component(dpg.mvButton) as theme:
        for target in (dpg.mvThemeCol_Button, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_ButtonActive):
            _colour(target, palette.now.accent)
        _style(dpg.mvStyleVar_FramePadding, 0, 0)
        _style(dpg.mvStyleVar_FrameRounding, px(2))
    return int(theme)


def _row() -> Item:
    """Grounds on which every tone can be read."""
    with _component(dpg.mvSelectable) as theme:
        _colour(dpg.mvThemeCol_Header, palette.now.selected)
        _colour(dpg.mvThemeCol_HeaderHovered, palette.now.row_hover)
        _colour(dpg.mvThemeCol_HeaderActive, palette.now.row_hover)
    return int(theme)


def _progress() -> Item:
    """A bar whose words are read on its full part and on its empty one."""
    with _component(dpg.mvProgressBar) as theme:
        _colour(dpg.mvThemeCol_PlotHistogram, palette.now.control_active)
        _colour(dpg.mvThemeCol_FrameBg, palette.now.control)
    return int(theme)


def _plate(text: Rgb) -> Item:
    with _component(dpg.mvButton) as theme:
        for target in (dpg.mvThemeCol_Button, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_ButtonActive):
            _colour(target, palette.now.plot)
        _colour(dpg.mvThemeCol_Text, text)
        _style(dpg.mvStyleVar_FramePadding, px(layout.PLATE_PAD_X_PX), px(layout.PLATE_PAD_Y_PX))
    return int(theme)


def _line(colour: Rgb, weight_px: float) -> Item:
    with _component(dpg.mvLineSeries) as theme:
        _plot_colour(dpg.mvPlotCol_Line, colour)
        _plot_style(dpg.mvPlotStyleVar_LineWeight, weight_px * scale.current())
    return int(theme)


def _shade(colour: Rgba) -> Item:
    with _component(dpg.mvShadeSeries) as theme:
        _plot_colour(dpg.mvPlotCol_Fill, colour)
        _plot_colour(dpg.mvPlotCol_Line, (0, 0, 0, 0))
    return int(theme)
