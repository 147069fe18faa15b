"""Servers that are exchanged under open panels, in a real window; each scenario in its own process."""

from __future__ import annotations

import pytest

from tests.support.windows import drive


@pytest.mark.parametrize("scenario", ["exchanged_lines", "exchanged_search"])
def test_panels_follow_the_servers(xvfb: str, scenario: str) -> None:
    done = drive(xvfb, scenario)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""
