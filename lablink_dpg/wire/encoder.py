"""What the client says over the WebSocket, each message as JSON text.

``json.dumps`` and not a faster one: a client speaks a few times a minute, and this one escapes whatever an id holds.
"""

from __future__ import annotations

import json


def start_acquisition_stream(
    acquisition_id: str, interval_ms: int, num_samples: int, *, is_incremental: bool = False
) -> str:
    """Ask for the newest ``num_samples`` of an acquisition every ``interval_ms``, for every client of the server.

    ``is_incremental``: of typed messages, each sample once.
    """
    asked: dict[str, str | int] = {
        "acquisition_id": acquisition_id,
        "interval_ms": interval_ms,
        "num_samples": num_samples,
    }
    return _message("start_acquisition_stream", **asked, **({"incremental": True} if is_incremental else {}))


def stop_acquisition_stream(acquisition_id: str) -> str:
    """Stop an acquisition's stream, for every client of the server."""
    return _message("stop_acquisition_stream", acquisition_id=acquisition_id)


def start_stream(equipment_id: str, stream_type: str, interval_ms: int) -> str:
    """Ask for a device's "readings", "measurements" or "waveform" every ``interval_ms``."""
    return _message("start_stream", equipment_id=equipment_id, stream_type=stream_type, interval_ms=interval_ms)


def stop_stream(equipment_id: str, stream_type: str) -> str:
    return _message("stop_stream", equipment_id=equipment_id, stream_type=stream_type)


def ping() -> str:
    return _message("ping")


def _message(type: str, **fields: str | int) -> str:
    return json.dumps({"type": type, **fields}, separators=(",", ":"))
