"""What themes are made of: a component of one kind of item, its colours and styles, in as few words as there can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lablink_dpg.gui.palette import Rgb, Rgba
from lablink_dpg.gui.toolkit import Item, dpg


@contextmanager
def component(kind: int) -> Iterator[Item]:
    """A theme with one component; yields the theme."""
    with dpg.theme() as theme, dpg.theme_component(kind):
        yield theme


def set_colour(target: int, rgb: Rgb | Rgba) -> None:
    dpg.add_theme_color(target, rgb, category=dpg.mvThemeCat_Core)


def set_style(target: int, x: float, y: float = -1.0) -> None:
    dpg.add_theme_style(target, x, y, category=dpg.mvThemeCat_Core)


def set_plot_colour(target: int, rgb: Rgb | Rgba) -> None:
    dpg.add_theme_color(target, rgb, category=dpg.mvThemeCat_Plots)


def set_plot_style(target: int, x: float, y: float = -1.0) -> None:
    dpg.add_theme_style(target, x, y, category=dpg.mvThemeCat_Plots)
