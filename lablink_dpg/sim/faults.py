"""The one door for faults: every message and every REST call passes here, and nothing goes wrong.

A scripted fault is a subclass handed to ``Lab``; the rest of the simulator does not know about it.
"""

from __future__ import annotations

from starlette.responses import Response


class Faults:
    """A server in good health."""

    def outgoing(self, text: str) -> str | None:
        """A WebSocket message on its way to every client: as it is, changed, or None to lose it."""
        return text

    def answer(self, method: str, path: str) -> Response | None:
        """What to answer a REST call instead of the truth; None to let it through."""
        return None
