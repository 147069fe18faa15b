"""A client that takes typed messages, by websockets and cbor2: nothing of ours in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import cbor2
import numpy as np
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from lablink_dpg.sim.process import SimProcess
from tests.sim.talk import PATIENCE_MESSAGES, PATIENCE_S, Talk


def read(raw: bytes | str) -> Any:
    """A message; samples and times as arrays."""
    if isinstance(raw, str):
        return json.loads(raw)
    return cbor2.loads(raw)


def plain(message: dict[str, Any]) -> dict[str, Any]:
    """A typed window with ``times``, one a sample, and arrays for its values."""
    data = message["data"]
    values = {name: np.frombuffer(tag.value, "<f8") for name, tag in data["values"].items()}
    times = data["timestamps"]
    if isinstance(times, cbor2.CBORTag):
        assert times.tag == 79
        listed = np.frombuffer(times.value, "<i8").tolist()
    else:
        steps = max(1, data["count"] - 1)
        listed = [times[0] + (times[1] - times[0]) * k // steps for k in range(data["count"])] if times else []
    return {**message, "data": {**data, "values": values, "timestamps": listed}}


class TypedTalk(Talk):
    def __init__(self, process: SimProcess) -> None:
        super().__init__(process)

    def __enter__(self) -> TypedTalk:
        super().__enter__()
        self.ws.close()
        offer = [Subprotocol("other"), Subprotocol("lablink.cbor")]
        ws = connect(self._process.ws_url, compression=None, max_size=None, max_queue=None, subprotocols=offer)
        self.ws = self._open.enter_context(ws)
        return self

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = read(self.ws.recv(timeout=PATIENCE_S))
        return message

    def stream(self, acquisition_id: str, interval_ms: int = 20, num_samples: int = 100) -> None:
        self.send(
            "start_acquisition_stream",
            acquisition_id=acquisition_id,
            interval_ms=interval_ms,
            num_samples=num_samples,
            incremental=True,
        )

    def next_typed(
        self, acquisition_id: str, wanted: Callable[[dict[str, Any]], bool] = lambda message: True
    ) -> dict[str, Any]:
        for _ in range(PATIENCE_MESSAGES):
            raw = self.ws.recv(timeout=PATIENCE_S)
            message = read(raw)
            if message.get("acquisition_id") == acquisition_id and message["type"] == "acquisition_stream":
                assert isinstance(raw, bytes)
                if wanted(message):
                    return plain(message)
        raise AssertionError(f"no such message in {PATIENCE_MESSAGES}")
