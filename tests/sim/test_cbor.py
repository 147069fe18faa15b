"""What the simulator encodes is what the library cbor2 reads."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.sim.cbor import encode

values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-(2**64), 2**64 - 1) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=30), inner, max_size=30),
    max_leaves=40,
)


@given(values)
def test_plain_values_are_read_as_they_were(value: object) -> None:
    assert repr(cbor2.loads(encode(value))) == repr(value)


@pytest.mark.parametrize("value", [2**64, -(2**64) - 1, {"a": object()}])
def test_what_has_no_place_on_the_wire_is_an_error(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        encode(value)


def test_bytes_are_an_item_that_is_encoded_already() -> None:
    assert cbor2.loads(encode({"a": [cbor2.dumps({"b": 1})]})) == {"a": [{"b": 1}]}
