"""Whether a window can be opened, found out before the library does: without a display it ends the process."""

from __future__ import annotations

import ctypes
import os
import sys

ADVICE = "use --headless to run without a window"


def display_problem() -> str | None:
    """One line for a person why no window can be shown, or None.

    Only Linux knows the question: elsewhere a desktop is always there. The display is really opened, and closed again,
    because a name in DISPLAY proves nothing.
    """
    if not sys.platform.startswith("linux"):
        return None
    name = os.environ.get("DISPLAY", "")
    if not name:
        return f"no display: DISPLAY is not set; {ADVICE}"
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return f"no display: libX11 is not installed; {ADVICE}"
    x11.XOpenDisplay.restype = ctypes.c_void_p  # the default, int, would cut the pointer in half
    x11.XCloseDisplay.argtypes = (ctypes.c_void_p,)
    display = x11.XOpenDisplay(None)
    if display is None:
        return f"no display: {name!r} cannot be opened; {ADVICE}"
    x11.XCloseDisplay(display)
    return None
