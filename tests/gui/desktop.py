"""The part of a window manager that tests need: Xvfb has none, so nothing would answer a wish to be minimised.

It does what the conventions of X (ICCCM 4.1.4) ask of a manager: it writes WM_STATE and takes the window off the
screen. xdotool only sends the wish.
"""

from __future__ import annotations

import ctypes

NORMAL, ICONIC = 1, 3
CLIENT_MESSAGE = 33
REPLACE = 0


class _ClientMessage(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("padding", ctypes.c_long * 24),  # an XEvent is larger than any of its kinds
    )


class Desktop:
    """What a person's desktop does to one window. Its own connection to the X server; main thread."""

    def __init__(self, window: int) -> None:
        x11 = self._x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        self._display = ctypes.c_void_p(x11.XOpenDisplay(None))
        self._window = ctypes.c_ulong(window)

    def _atom(self, name: bytes) -> int:
        return int(self._x11.XInternAtom(self._display, name, 0))

    def _set_state(self, state: int) -> None:
        atom = ctypes.c_ulong(self._atom(b"WM_STATE"))
        value = (ctypes.c_long * 2)(state, 0)  # format 32 is a C long
        self._x11.XChangeProperty(self._display, self._window, atom, atom, 32, REPLACE, value, 2)

    def minimise(self) -> None:
        self._set_state(ICONIC)
        self._x11.XUnmapWindow(self._display, self._window)
        self._x11.XSync(self._display, 0)

    def restore(self) -> None:
        self._set_state(NORMAL)
        self._x11.XMapWindow(self._display, self._window)
        self._x11.XSync(self._display, 0)

    def close(self) -> None:
        """Ask the window to close, as the button in its frame or in a list of windows does."""
        event = _ClientMessage(type=CLIENT_MESSAGE, window=self._window.value, format=32)
        event.message_type = self._atom(b"WM_PROTOCOLS")
        event.data[0] = self._atom(b"WM_DELETE_WINDOW")
        self._x11.XSendEvent(self._display, self._window, 0, ctypes.c_long(0), ctypes.byref(event))
        self._x11.XSync(self._display, 0)
