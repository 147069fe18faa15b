"""A large message in pieces is the same message."""

from __future__ import annotations

from lablink_dpg.sim.pieces import Pieces


def test_pieces_are_one_text_and_their_length_is_that_of_its_bytes() -> None:
    pieces = Pieces([b"Spannung in ", memoryview("µV, later".encode())[:3], bytearray(b"!")])
    assert str(pieces) == "Spannung in µV!"
    assert len(pieces) == len("Spannung in µV!".encode())
    assert pieces.joined(b"\x81\x10") == b"\x81\x10" + "Spannung in µV!".encode()
