"""Tests of lablink_dpg.logs: what the log must not show."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from lablink_dpg import logs
from lablink_dpg.logs import MAX_SECRETS, Blanks


def test_a_secret_is_blanked_as_it_is_and_as_in_a_url() -> None:
    blanked = Blanks("***")
    blanked.add("a b/c")
    assert blanked("a b/c ?token=a%20b%2Fc abc") == "*** ?token=*** abc"


def test_a_secret_within_a_longer_one_leaves_nothing_of_it() -> None:
    blanked = Blanks("***")
    blanked.add("abcd")
    blanked.add("xx-abcd-yy")
    assert blanked("xx-abcd-yy abcd") == "*** ***"


def test_nothing_is_no_secret() -> None:
    blanked = Blanks("***")
    blanked.add("")
    assert blanked("text") == "text"


def test_secrets_are_bounded_and_the_newest_stay() -> None:
    blanked = Blanks("***")
    for number in range(MAX_SECRETS + 1):
        blanked.add(f"token-{number:04}")
    assert blanked("token-0000 token-0001") == "token-0000 ***"
    assert blanked(f"token-{MAX_SECRETS:04}") == "***"


def test_links_that_log_in_at_once_lose_no_secret() -> None:
    blanked = Blanks("***")
    start = threading.Barrier(8)

    def add(part: int) -> None:
        start.wait()
        for number in range(MAX_SECRETS // 8):
            blanked.add(f"token-{part}-{number}-end")

    threads = [threading.Thread(target=add, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [f"token-{part}-{number}-end" for part in range(8) for number in range(MAX_SECRETS // 8)]
    assert {blanked(each) for each in everything} == {"***"}


def test_a_secret_that_comes_later_is_in_no_line_any_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(tmp_path / "log", token="first")
    logs.hide("second")
    logging.getLogger("lablink_dpg.link").warning("first and second")
    assert capsys.readouterr().err == "lablink-dpg: warning: *** and ***\n"
    assert (tmp_path / "log").read_text().endswith("*** and ***\n")
