"""The header of a large text message against the library's own framing."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from lablink_dpg.sim.protocols import frame_header


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_a_frame_is_what_the_library_would_have_written(size: int) -> None:
    data = b"x" * size
    assert frame_header(size) + data == Frame(Opcode.TEXT, data).serialize(mask=False)
