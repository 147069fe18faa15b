"""A client as thin as can be: REST by httpx, messages by websockets, nothing of ours in between."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import httpx
import numpy as np
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection, connect

from lablink_dpg.sim.process import SimProcess

PATIENCE_S = 10.0  # for a message that must come; a busy machine needs some
PATIENCE_MESSAGES = 2000  # before the one that is waited for


class FakeClock:
    """Local µs that only the test moves."""

    def __init__(self, now_us: int = 1_764_000_000_123_456) -> None:
        self.now_us = now_us

    def __call__(self) -> int:
        return self.now_us

    def forward(self, seconds: float) -> int:
        self.now_us += round(seconds * 1e6)
        return self.now_us


class Talk:
    """Connected inside its ``with`` block."""

    rest: httpx.Client
    ws: ClientConnection

    def __init__(self, process: SimProcess, token: str | None = None) -> None:
        self._process = process
        self._token = token
        self._open = ExitStack()

    def __enter__(self) -> Self:
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        query = "" if self._token is None else f"?token={self._token}"
        rest = httpx.Client(base_url=self._process.url, timeout=PATIENCE_S, headers=headers)
        self.rest = self._open.enter_context(rest)
        # Without a bound on its queue: one that is full cannot see the end of the connection for ten seconds.
        url = self._process.ws_url + query
        self.ws = self._open.enter_context(connect(url, compression=None, max_size=None, max_queue=None))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def get(self, path: str, status: int = 200, **params: Any) -> Any:
        answer = self.rest.get(path, params=params)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.rest.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def send(self, kind: str, **fields: Any) -> None:
        self.ws.send(json.dumps({"type": kind, **fields}))

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.ws.recv(timeout=PATIENCE_S))
        return message

    def messages(self) -> Iterator[dict[str, Any]]:
        for _ in range(PATIENCE_MESSAGES):
            yield self.receive()

    def until(self, kind: str, wanted: Callable[[dict[str, Any]], bool] = lambda message: True) -> dict[str, Any]:
        """The next message of this type that is wanted; those before it are dropped."""
        for message in self.messages():
            if message["type"] == kind and wanted(message):
                return message
        raise AssertionError(f"no {kind} in {PATIENCE_MESSAGES} messages")

    def drain(self) -> list[dict[str, Any]]:
        """What was on its way before the server heard of this."""
        self.send("ping")
        return list(itertools.takewhile(lambda message: message["type"] != "pong", self.messages()))

    def device(self, kind: str) -> str:
        """The id of the first device of a type."""
        return next(str(device["id"]) for device in self.get("/api/equipment/list") if device["type"] == kind)

    def acquisition(self, **fields: Any) -> str:
        """Create one of 1000 Hz on the oscilloscope; not started."""
        body = {"equipment_id": self.device("oscilloscope"), "sample_rate": 1000.0, "channels": ["CH1"], **fields}
        return str(self.post("/api/acquisition/session/create", body)["acquisition_id"])

    def order(self, acquisition_id: str, what: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.post(f"/api/acquisition/session/{acquisition_id}/{what}")
        return answer

    def status(self, acquisition_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.get(f"/api/acquisition/session/{acquisition_id}/status")
        return answer

    def stream(self, acquisition_id: str, interval_ms: int = 20, num_samples: int = 100) -> None:
        self.send(
            "start_acquisition_stream",
            acquisition_id=acquisition_id,
            interval_ms=interval_ms,
            num_samples=num_samples,
        )
        self.until("acquisition_stream_started")

    def next_window(self, acquisition_id: str) -> dict[str, Any]:
        return self.until("acquisition_stream", lambda message: message["acquisition_id"] == acquisition_id)


def numbers(window: dict[str, Any]) -> NDArray[np.int64]:
    """The absolute indices of the samples that an ``acquisition_stream`` message carries."""
    total, count = window["stats"]["total_samples"], window["data"]["count"]
    return np.arange(total - count, total, dtype=np.int64)
