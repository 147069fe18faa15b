"""Acquisitions as the panel gets them, to be varied by tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState
from lablink_dpg.query.frame import AcquisitionLine, StreamLine

INFO = AcquisitionInfo("a1", "eq_1", "Scope 1", AcquisitionState.ACQUIRING, ("CH1", "CH2"), 1000.0)
STREAM = StreamLine("lab/a1", "lab/Scope 1", ("CH1", "CH2"), 998.0, 31.0, 0, 5000, StreamState.STREAMING, 12.0)


def line(stream: dict[str, Any] | None = None, info: dict[str, Any] | None = None, **changes: Any) -> AcquisitionLine:
    usual = AcquisitionLine(
        line=replace(STREAM, **(stream or {})),
        server="lab:8000",
        info=replace(INFO, **(info or {})),
        total=12_345,
        backfilled=0,
        jitter_ms=2.54,
        held=12_300,
        capacity=1_000_192,
        held_bytes=307_500,
        full_bytes=25_005_000,
    )
    return usual._replace(**changes)
