"""How large the screen is, which Dear PyGui does not tell: asked of the GLFW inside it, where that is exported."""

from __future__ import annotations

import ctypes
import sys

from lablink_dpg.gui.toolkit import LIBRARY_PATH, machine


class _VideoMode(ctypes.Structure):
    """The beginning of GLFWvidmode."""

    _fields_ = (("width", ctypes.c_int), ("height", ctypes.c_int))


def screen_size(library_path: str = LIBRARY_PATH) -> tuple[int, int] | None:
    """Of the primary screen in pixels; None where it cannot be asked. Main thread, after ``show_viewport``."""
    if not sys.platform.startswith("linux"):
        return None  # nothing like it was tried elsewhere
    try:
        glfw = ctypes.PyDLL(library_path)
        glfw.glfwGetPrimaryMonitor.restype = ctypes.c_void_p  # the default, int, would cut the pointer in half
        glfw.glfwGetVideoMode.restype = ctypes.POINTER(_VideoMode)
        glfw.glfwGetVideoMode.argtypes = (ctypes.c_void_p,)
        monitor = glfw.glfwGetPrimaryMonitor()
        mode = glfw.glfwGetVideoMode(monitor) if monitor else None
    except (OSError, AttributeError):
        return None
    return (mode.contents.width, mode.contents.height) if mode else None


def client_size() -> tuple[int, int]:
    """Of what of the window is ours, in pixels. Main thread.

    In one question: the library makes a table of some twenty entries to answer that for the width, and another one for
    the height.
    """
    told = machine.get_viewport_configuration()
    return told["client_width"], told["client_height"]


def fitting(wanted: tuple[int, int], screen: tuple[int, int] | None) -> tuple[int, int]:
    """The size of a window that is seen whole."""
    return wanted if screen is None else (min(wanted[0], screen[0]), min(wanted[1], screen[1]))
