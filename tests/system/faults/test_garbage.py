"""What a server sends and no client should read: counted by reason, the good part kept, everything else goes on."""

from __future__ import annotations

import pytest

from lablink_dpg.model.link import LinkState, Wire
from lablink_dpg.sim.garbage import KINDS
from tests.link.lab import until
from tests.system.faults.bench import bench

# How often each reason is counted, and how many samples cannot be read for good: the server has sent them so.
OUTCOMES = {
    "nan": ({"nan_token": 1}, 3),
    "null": ({"null_sample": 1}, 1),
    "uneven": ({"unequal_lengths": 1}, 0),
    "strings": ({"text_sample": 1}, 1),
    "unknown": ({"unknown_type": 1}, 0),
    "json": ({"invalid_json": 1}, 0),
    "utf8": ({"invalid_utf8": 1}, 0),
    "gzip": ({"bad_compression": 1}, 0),
    "leap": ({"bad_count": 1}, 0),
    "nested": ({"invalid_json": 1}, 0),
}


# Of typed messages, where that is another: NaN is what a sample may be, infinities are not.
TYPED_OUTCOMES = {
    **OUTCOMES,
    "nan": ({"not_finite": 1}, 3),
    "json": ({"invalid_cbor": 1}, 0),
    "nested": ({"invalid_cbor": 1}, 0),
}
BY_WIRE = {Wire.JSON: OUTCOMES, Wire.TYPED: TYPED_OUTCOMES}


def test_every_kind_there_is_has_its_outcome() -> None:
    assert set(OUTCOMES) == set(TYPED_OUTCOMES) == set(KINDS)


@pytest.mark.parametrize("wire", BY_WIRE)
@pytest.mark.parametrize("kind", sorted(OUTCOMES))
def test_a_bad_message_is_counted_by_its_reason_and_costs_nothing_else(kind: str, wire: Wire) -> None:
    reasons, unreadable = BY_WIRE[wire][kind]
    with bench(streams=2, channels=2, wire=wire) as it:
        it.fault(f"garbage:{kind}")
        until(lambda: it.reasons == reasons, lambda: f"{it.reasons}, not {reasons}")
        it.until_more(500)
        it.until_whole()
        status = it.run.network.status
        assert (status.state, status.counters.reconnects, status.counters.rest_errors) == (LinkState.STREAMING, 0, 0)
        it.end(unreadable)
        assert it.reasons == reasons
        assert status.counters.invalid_messages == (0 if unreadable or kind == "uneven" else 1)
        counters = it.counters
    # The channel whose list could not be used was fetched; nothing else had to be.
    assert (counters.lost, counters.backfilled > 0) == (0, kind == "uneven")
    for series in it.run.store.series.values():
        assert series.breaks == ()
        assert len(series.epochs) == 1


@pytest.mark.parametrize("wire", BY_WIRE)
def test_all_of_it_at_once_in_the_streams_of_a_single_channel(wire: Wire) -> None:
    """There an uneven message has no good part: the next window brings what it should have brought, or REST does."""
    with bench(streams=2, wire=wire) as it:
        it.fault("garbage")
        expected: dict[str, int] = {}
        for reasons, _ in BY_WIRE[wire].values():
            for reason, count in reasons.items():
                expected[reason] = expected.get(reason, 0) + count
        expected["no_samples_usable"] = expected.pop("unequal_lengths")
        until(lambda: it.reasons == expected, lambda: f"{it.reasons}, not {expected}")
        it.until_more(500)
        it.until_whole()
        it.end(unreadable=5)
        assert it.run.network.status.counters.reconnects == 0
        counters = it.counters
    assert (counters.lost, counters.backfilled > 0) == (0, wire is Wire.TYPED)
