"""A run without a window: links fill stores, and everything the display or a script asks of the rest is answered here.

Headless runs, tests, scripts and the window all use the same ``Session``, so that nothing is true only where there are
pixels. A script begins with ``connect``.
"""

from lablink_dpg.session.session import Session, connect

__all__ = ["Session", "connect"]
