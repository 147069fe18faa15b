"""Whether the desktop has something to tell the window: a moved mouse, a pressed key, another size.

The library hears of it only while it draws a frame. A loop that makes few frames while nothing changes therefore has
to be told in another way that the user is back: on Linux by the X server's queue of events for this window, which is
looked at without taking anything from it (2 µs).
"""

from __future__ import annotations

import ctypes
import logging
import sys
from typing import Any

from lablink_dpg.gui.toolkit import LIBRARY_PATH

log = logging.getLogger(__name__)


class DesktopWatch:
    """Main thread, after ``show_viewport``. Where the desktop cannot be asked, it always has something to tell."""

    def __init__(self, library_path: str = LIBRARY_PATH) -> None:
        self._x_pending: Any = None
        self._display: Any = None
        self.descriptor: int | None = None  # to rest on: it can be read when the desktop sends something
        if not sys.platform.startswith("linux"):
            return  # nothing like it was tried elsewhere: the pace stays full there
        try:
            # PyDLL keeps the interpreter's lock, which other threads would else give back a good deal later.
            glfw, x11 = ctypes.PyDLL(library_path), ctypes.PyDLL("libX11.so.6")
            glfw.glfwGetX11Display.restype = ctypes.c_void_p  # the default, int, would cut the pointer in half
            x11.XPending.argtypes = x11.XConnectionNumber.argtypes = (ctypes.c_void_p,)
            display = glfw.glfwGetX11Display()
        except (OSError, AttributeError) as error:
            log.warning("an idle window goes on drawing at full pace: %s", error)
            return
        if display:
            self._x_pending, self._display = x11.XPending, display
            self.descriptor = int(x11.XConnectionNumber(display))

    def has_something_to_tell(self) -> bool:
        return self._x_pending is None or self._x_pending(self._display) > 0
