"""A picture of the window as PNG, complete when the call returns."""

from __future__ import annotations

import time
from pathlib import Path

from lablink_dpg.gui.minimised import MinimisedWatch
from lablink_dpg.gui.toolkit import dpg

PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND\xaeB`\x82"
WAIT_S = 10.0  # software rendering of a large window writes in 0.1 s; a full disk never


def is_complete(path: Path) -> bool:
    """Whether a PNG has its first and last bytes."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return data.startswith(PNG_START) and data.endswith(PNG_END)


def save(path: Path) -> None:
    """Write the next frame to ``path``, replacing what is there. Main thread, while the window is shown.

    Raises:
        OSError: if the window is minimised, or no complete picture was written within WAIT_S.
    """
    watch = MinimisedWatch()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    has_asked = False
    give_up = time.monotonic() + WAIT_S
    while not is_complete(path):
        if time.monotonic() > give_up:
            raise OSError(f"no picture at {path} after {WAIT_S:.0f} s")
        if watch.is_minimised():
            raise OSError(f"no picture at {path}: the window is minimised")
        if not has_asked:
            has_asked = True
            dpg.output_frame_buffer(str(path.resolve()))
        dpg.render_dearpygui_frame()
        time.sleep(0.01)
