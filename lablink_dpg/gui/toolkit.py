"""The one import of Dear PyGui, which ships no types: every other module of this room takes ``dpg`` from here.

Rules of the house for whoever uses it: main thread only, between ``create_context`` and ``destroy_context``, item ids
are plain ints (it refuses numpy's), and samples go through ``gui.series`` because wrong arrays end the process.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import dearpygui._dearpygui as _library
import dearpygui.dearpygui as _dearpygui

dpg: Any = _dearpygui
machine: Any = _library  # the same calls without dpg's wrappers, for the few that are made for every plot and frame
LIBRARY_PATH: str = _library.__file__  # of the machine code, for what it exports and dpg does not offer
Item: TypeAlias = int
