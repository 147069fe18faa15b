"""The window's one visual language as Dear PyGui themes, made after the context, and anew when the looks change.

Every series gets an explicit colour theme, because automatic colours change whenever a plot's items do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lablink_dpg.gui import global_theme, layout, mark_looks, palette, scale
from lablink_dpg.gui.mark_looks import MarkLook
from lablink_dpg.gui.palette import Fill, Rgb, Rgba, Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme_parts import component, set_colour, set_plot_colour, set_plot_style, set_style
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
    dpg.bind_theme(global_theme.build())
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


def _surface(fill: Rgb | Rgba, border: Rgb, rounding: int) -> Item:
    """A child window's ground. A fully transparent one is not drawn at all: less for a software renderer to fill."""
    with component(dpg.mvChildWindow) as theme:
        set_colour(dpg.mvThemeCol_ChildBg, fill)
        set_colour(dpg.mvThemeCol_Border, border)
        set_style(dpg.mvStyleVar_ChildRounding, rounding)
        set_style(dpg.mvStyleVar_WindowPadding, 0, 0)
    return int(theme)


def _dock() -> Item:
    """A panel's ground, with room around what is in it."""
    with component(dpg.mvChildWindow) as theme:
        set_colour(dpg.mvThemeCol_ChildBg, palette.now.card)
        set_style(dpg.mvStyleVar_WindowPadding, px(layout.DOCK_PAD_PX), px(layout.DOCK_PAD_PX))
    return int(theme)


def _popup() -> Item:
    """Room inside lists and tooltips, which would inherit the bars' zero padding."""
    with dpg.theme() as theme:
        for kind in (dpg.mvCombo, dpg.mvTooltip):
            with dpg.theme_component(kind):
                set_style(dpg.mvStyleVar_WindowPadding, px(12), px(9))
    return int(theme)


def _page() -> Item:
    """What lies over the plots, told from them by its ground and its border."""
    with component(dpg.mvAll) as theme:
        set_style(dpg.mvStyleVar_WindowPadding, px(18), px(14))
        set_style(dpg.mvStyleVar_WindowBorderSize, px(1))
        set_colour(dpg.mvThemeCol_WindowBg, palette.now.page)
        set_colour(dpg.mvThemeCol_ChildBg, palette.now.page)
    return int(theme)


def _dense() -> Item:
    """Tables with many rows of one line."""
    with component(dpg.mvAll) as theme:
        set_style(dpg.mvStyleVar_CellPadding, px(4), px(1))
        set_style(dpg.mvStyleVar_FramePadding, px(layout.FRAME_PAD_X_PX), px(2))
        set_style(dpg.mvStyleVar_ItemSpacing, px(8), px(3))
    return int(theme)


def _even() -> Item:
    with component(dpg.mvAll) as theme:
        set_style(dpg.mvStyleVar_FramePadding, px(layout.FRAME_PAD_X_PX), 0)
    return int(theme)


def _button(fill: Fill) -> Item:
    with component(dpg.mvButton) as theme:
        set_colour(dpg.mvThemeCol_Button, fill.ground)
        set_colour(dpg.mvThemeCol_ButtonHovered, fill.hover)
        set_colour(dpg.mvThemeCol_ButtonActive, fill.hover)
        set_colour(dpg.mvThemeCol_Text, fill.text)
    return int(theme)


def _mark() -> Item:
    with component(dpg.mvButton) as theme:
        for target in (dpg.mvThemeCol_Button, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_ButtonActive):
            set_colour(target, palette.now.accent)
        set_style(dpg.mvStyleVar_FramePadding, 0, 0)
        set_style(dpg.mvStyleVar_FrameRounding, px(2))
    return int(theme)


def _row() -> Item:
    """Grounds on which every tone can be read."""
    with component(dpg.mvSelectable) as theme:
        set_colour(dpg.mvThemeCol_Header, palette.now.selected)
        set_colour(dpg.mvThemeCol_HeaderHovered, palette.now.row_hover)
        set_colour(dpg.mvThemeCol_HeaderActive, palette.now.row_hover)
    return int(theme)


def _progress() -> Item:
    """A bar whose words are read on its full part and on its empty one."""
    with component(dpg.mvProgressBar) as theme:
        set_colour(dpg.mvThemeCol_PlotHistogram, palette.now.control_active)
        set_colour(dpg.mvThemeCol_FrameBg, palette.now.control)
    return int(theme)


def _plate(text: Rgb) -> Item:
    with component(dpg.mvButton) as theme:
        for target in (dpg.mvThemeCol_Button, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_ButtonActive):
            set_colour(target, palette.now.plot)
        set_colour(dpg.mvThemeCol_Text, text)
        set_style(dpg.mvStyleVar_FramePadding, px(layout.PLATE_PAD_X_PX), px(layout.PLATE_PAD_Y_PX))
    return int(theme)


def _line(colour: Rgb, weight_px: float) -> Item:
    with component(dpg.mvLineSeries) as theme:
        set_plot_colour(dpg.mvPlotCol_Line, colour)
        set_plot_style(dpg.mvPlotStyleVar_LineWeight, weight_px * scale.current())
    return int(theme)


def _shade(colour: Rgba) -> Item:
    with component(dpg.mvShadeSeries) as theme:
        set_plot_colour(dpg.mvPlotCol_Fill, colour)
        set_plot_colour(dpg.mvPlotCol_Line, (0, 0, 0, 0))
    return int(theme)
