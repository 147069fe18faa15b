"""Whether the window is minimised, asked before each frame: the library would wait inside it for the user to return.

Dear PyGui 2.3.1 on Linux waits for an event of the window, without limit and inside C, when it is asked to draw a
minimised window; no signal handler and no end of the run is heard meanwhile. It uses GLFW and exports GLFW's
functions, so we ask what it would ask (15 µs, one question to the X server) and do not call it.

A window minimised between our question and the library's, a whole "prepare" later, is no trap: the X server sends the
notice of it before it answers the library's question, and the wait ends at once because the notice is there.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from typing import Any

from lablink_dpg.gui.toolkit import LIBRARY_PATH

log = logging.getLogger(__name__)
GLFW_ICONIFIED = 0x00020002


class MinimisedWatch:
    """Main thread, after ``show_viewport``. Without GLFW to ask, the window is never minimised to us."""

    def __init__(self, library_path: str = LIBRARY_PATH) -> None:
        self._glfw: Any = None
        self._window: Any = None
        if not sys.platform.startswith("linux"):
            return  # Windows draws minimised windows; nothing else was measured
        try:
            # Loaded already: this only finds it. PyDLL keeps the interpreter's lock, which the link's thread would
            # else take and give back a good deal later than after 15 µs.
            glfw = ctypes.PyDLL(library_path)
            glfw.glfwGetCurrentContext.restype = ctypes.c_void_p  # the default, int, would cut the pointer in half
            glfw.glfwGetWindowAttrib.argtypes = (ctypes.c_void_p, ctypes.c_int)
            glfw.glfwWindowShouldClose.argtypes = (ctypes.c_void_p,)
            glfw.glfwPollEvents.restype = None
            window = glfw.glfwGetCurrentContext()  # the window whose drawing this thread does: the only one
        except (OSError, AttributeError) as error:
            log.warning("a minimised window will not notice the end of the run: %s", error)
            return
        if window:
            self._glfw, self._window = glfw, window

    def is_minimised(self) -> bool:
        return self._window is not None and bool(self._glfw.glfwGetWindowAttrib(self._window, GLFW_ICONIFIED))

    def is_closed_meanwhile(self) -> bool:
        """Hear the desktop, which the library does only while it draws; whether it asks the window to close."""
        if self._window is None:
            return False
        self._glfw.glfwPollEvents()
        return bool(self._glfw.glfwWindowShouldClose(self._window))
