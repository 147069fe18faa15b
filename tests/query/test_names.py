"""Short names of servers: short, and never the same for two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.query.names import short_names


@pytest.mark.parametrize(
    ("servers", "names"),
    [
        (("labserver:8000",), ["labserver"]),
        (("a.physics.example:8000", "b:8000"), ["a", "b"]),
        (("a.physics.example:8000", "a.chemistry.example:8000"), ["a.physics.example", "a.chemistry.example"]),
        (("10.0.0.7:8000", "10.0.0.8:8000"), ["10.0.0.7", "10.0.0.8"]),
        (("127.0.0.1:8000", "127.0.0.1:8001"), [":8000", ":8001"]),
        (("lab:8000", "lab:8001", "other.example:8000"), ["lab:8000", "lab:8001", "other:8000"]),
        (("https://lab:443", "bench:8000"), ["lab", "bench"]),
        (("[::1]:8000", "[fe80::1]:8000"), ["[::1]", "[fe80::1]"]),
    ],
)
def test_names_are_as_short_as_they_can_be(servers: tuple[str, ...], names: list[str]) -> None:
    assert list(short_names(servers).values()) == names


@given(st.lists(st.text(":/.[]ab01", min_size=1, max_size=8), min_size=1, max_size=8, unique=True))
def test_whatever_servers_are_called_no_two_get_the_same_name(servers: list[str]) -> None:
    names = short_names(tuple(servers))
    assert list(names) == servers
    assert len(set(names.values())) == len(servers)
