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
    count = 0


def changes() -> int:
    """Another number than before if the library was told something that may be seen with the next frame."""
    return _Changes.count


def _counted(call: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*words: Any, **options: Any) -> Any:
        _Changes.count += 1
        return call(*words, **options)

    return counted


def _space(module: Any) -> Any:
    return SimpleNamespace(
        **{name: _counted(each) if name.startswith(CHANGING) else each for name, each in vars(module).items()}
    )


dpg: Any = _space(_dearpygui)
machine: Any = _space(_library)  # the same calls without dpg's wrappers, for the few of every plot and frame
LIBRARY_PATH: str = _library.__file__  # of the machine code, for what it exports and dpg does not offer
Item: TypeAlias = int
