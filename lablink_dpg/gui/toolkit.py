"""The one import of Dear PyGui, which ships no types: every other module of this room takes ``dpg`` from here.

Rules of the house for whoever uses it: main thread only, between ``create_context`` and ``destroy_context``, item ids
are plain ints (it refuses numpy's), and samples go through ``gui.series`` because wrong arrays end the process.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeAlias

import dearpygui._dearpygui as _library
import dearpygui.dearpygui as _dearpygui

# How the names begin of what changes something that is on the screen, or will be.
CHANGING = ("add_", "bind_", "configure_", "delete_", "draw_", "fit_", "focus_", "hide_", "move_", "set_", "show_")


class _Changes:
    """An object, not a class: to change a class's attribute makes the interpreter forget what it knows of classes."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


_changes = _Changes()


def changes() -> int:
    """Another number than before if the library was told something that may be seen with the next frame."""
    return _changes.count


def _counted(call: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*words: Any, **options: Any) -> Any:
        _changes.count += 1
        return call(*words, **options)

    return counted


def _space(module: Any) -> Any:
    return SimpleNamespace(
        **{name: _counted(each) if name.startswith(CHANGING) else each for name, each in vars(module).items()}
    )


dpg: Any = _space(_dearpygui)
machine: Any = _space(_library)  # the same calls without dpg's wrappers
_set_value, _set_axis_limits = _library.set_value, _library.set_axis_limits


def set_points(series: Any, x: Any, y: Any) -> None:
    """Those of a line. As ``machine.set_value``, in less time: it is called for every plot and frame."""
    _changes.count += 1
    _set_value(series, [x, y])


def set_limits(axis: Any, low: float, high: float) -> None:
    """Of an axis. As ``machine.set_axis_limits``, likewise."""
    _changes.count += 1
    _set_axis_limits(axis, low, high)


LIBRARY_PATH: str = _library.__file__  # of the machine code, for what it exports and dpg does not offer
Item: TypeAlias = int
