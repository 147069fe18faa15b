"""What is said before a password is typed."""

from __future__ import annotations

import pytest

from lablink_dpg.gui import login_words
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.link import LinkNeed, LinkStatus, Mode


@pytest.mark.parametrize(
    ("server", "is_insecure", "said"),
    [
        ("lab:8000", False, "Not encrypted"),
        ("127.example.com:8000", False, "Not encrypted"),
        ("localhost.example.com:8000", False, "Not encrypted"),
        ("https://lab:443", False, ""),
        ("https://lab:443", True, "not verified"),
        ("127.0.0.1:8000", False, ""),
        ("localhost:8000", False, ""),
        ("[::1]:8000", False, ""),
    ],
)
def test_who_else_may_get_the_password_is_said_before_it_is_typed(server: str, is_insecure: bool, said: str) -> None:
    text, _ = login_words.warning(LinkStatus(server, Mode.HYBRID, is_insecure=is_insecure))
    assert said in text
    assert bool(text) == bool(said)


def test_the_question_is_a_sentence() -> None:
    status = LinkStatus("lab:8000", Mode.HYBRID, needs=LinkNeed.LOCKED, needs_why="the account is locked")
    assert login_words.question(status) == ("The account is locked.", Tone.BAD)
