"""When a display that rests is woken by what the links tell: at once, but for readings that nobody looks at.

Those of an idle lab come several times a second, and each wake costs as much processor time as a hundred of them.
"""

from __future__ import annotations

from lablink_dpg.bell import Bell
from lablink_dpg.model.messages import Reading


class LinkBell(Bell):
    """``ring`` and ``ring_for`` on the links' threads."""

    def __init__(self) -> None:
        super().__init__()
        self.is_for_readings = False  # set by the thread that rests

    def ring_for(self, event: object) -> None:
        """``event`` has been told."""
        if self.is_for_readings or not isinstance(event, Reading):
            self.ring()
