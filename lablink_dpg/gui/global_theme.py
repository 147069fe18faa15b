"""How everything looks that has no theme of its own, plots included."""

from __future__ import annotations

from lablink_dpg.gui import layout, palette
from lablink_dpg.gui.palette import Rgb, Rgba
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme_parts import component, set_colour, set_plot_colour, set_plot_style, set_style
from lablink_dpg.gui.toolkit import Item, dpg


def build() -> Item:
    """Main thread, after create_context."""
    with component(dpg.mvAll) as theme:
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
            set_colour(target, colour)
        set_style(dpg.mvStyleVar_WindowPadding, 0, 0)
        set_style(dpg.mvStyleVar_FramePadding, px(layout.FRAME_PAD_X_PX), px(layout.FRAME_PAD_Y_PX))
        set_style(dpg.mvStyleVar_ItemSpacing, px(8), px(6))
        set_style(dpg.mvStyleVar_FrameRounding, px(6))
        set_style(dpg.mvStyleVar_PopupRounding, px(8))
        set_style(dpg.mvStyleVar_WindowRounding, px(8))
        set_style(dpg.mvStyleVar_ScrollbarRounding, px(7))
        set_style(dpg.mvStyleVar_ScrollbarSize, px(layout.SCROLLBAR_PX))
        set_style(dpg.mvStyleVar_WindowBorderSize, 0)
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
            set_plot_colour(target, colour)
        set_plot_style(dpg.mvPlotStyleVar_PlotPadding, px(layout.PLOT_PAD_PX), px(layout.PLOT_PAD_PX))
        set_plot_style(dpg.mvPlotStyleVar_LabelPadding, px(layout.LABEL_PAD_PX), px(layout.LABEL_PAD_PX))
        set_plot_style(dpg.mvPlotStyleVar_LegendPadding, px(6), px(4))
        set_plot_style(dpg.mvPlotStyleVar_LegendInnerPadding, px(6), px(2))
        set_plot_style(dpg.mvPlotStyleVar_LegendSpacing, px(8), px(1))
        set_plot_style(dpg.mvPlotStyleVar_PlotBorderSize, px(1))
        set_plot_style(dpg.mvPlotStyleVar_PlotMinSize, px(40), px(30))
        for kind in (dpg.mvButton, dpg.mvInputText, dpg.mvCombo, dpg.mvCheckbox):  # what cannot be used now
            with dpg.theme_component(kind, parent=theme, enabled_state=False):
                set_colour(dpg.mvThemeCol_Text, palette.now.muted)
                set_colour(dpg.mvThemeCol_Button, palette.now.card)
                set_colour(dpg.mvThemeCol_ButtonHovered, palette.now.card)
                set_colour(dpg.mvThemeCol_ButtonActive, palette.now.card)
    return int(theme)
