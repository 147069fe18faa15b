"""The accounts of the soak, on a real line of samples: what they excuse, and what they must not."""

from __future__ import annotations

from perf.losses import Ledger, Look, look
from tests.store.rig import Rig

ALL = {"a": 0}  # the server still has every number


class Books:
    """A round: samples that came, two holes of ten samples of two channels, then what else is done."""

    def __init__(self) -> None:
        self.rig = Rig(capacity=2048, says_start=True)
        self.ledger = Ledger()
        self.rig.server.sample(100)
        self.rig.send(100)
        self.ledger.begin(self.looks)
        self.lose()
        self.lose()

    @property
    def looks(self) -> dict[str, Look]:
        return {"a": look(self.rig.series)}

    @property
    def below(self) -> dict[str, int]:
        return {"a": self.rig.series.ring.head}

    def lose(self) -> None:
        self.rig.server.sample(60)
        self.rig.send(50)

    def restart(self) -> None:
        self.rig.server.wait(1_000_000)
        self.rig.server.restart()
        self.rig.server.sample(30)
        self.rig.send(50)


def test_a_hole_that_is_filled_is_no_loss() -> None:
    books = Books()
    assert books.ledger.late(books.looks, books.below, ALL) == 40
    books.rig.series.backfill(books.rig.server.data(200))
    assert books.ledger.late(books.looks, books.below, ALL) == 0
    assert books.ledger.close(books.looks, books.below, ALL, is_destructive=False) == 0
    assert books.ledger.explained == 0


def test_a_hole_that_stays_is_unexplained_and_told_once() -> None:
    books = Books()
    assert books.ledger.close(books.looks, books.below, ALL, is_destructive=True) == 40
    books.ledger.begin(books.looks)
    assert books.ledger.close(books.looks, books.below, ALL, is_destructive=True) == 0
    assert books.ledger.explained == 0


def test_a_hole_that_came_after_the_link_was_well_is_a_matter_of_the_next_round() -> None:
    books = Books()
    books.rig.series.backfill(books.rig.server.data(200))
    below = books.below
    books.lose()
    assert books.ledger.close(books.looks, below, ALL, is_destructive=False) == 0
    books.ledger.begin(books.looks)
    assert books.ledger.close(books.looks, books.below, ALL, is_destructive=False) == 20


def test_what_ended_with_its_run_is_explained_by_a_fault_that_ends_runs_and_by_no_other() -> None:
    for is_destructive in (True, False):
        books = Books()
        books.restart()
        unexplained = books.ledger.close(books.looks, books.below, ALL, is_destructive=is_destructive)
        assert (books.ledger.destroyed, unexplained) == ((40, 0) if is_destructive else (0, 40))


def test_what_was_lost_before_the_round_is_not_explained_by_its_fault() -> None:
    books = Books()
    assert books.ledger.close(books.looks, books.below, ALL, is_destructive=False) == 40
    books.ledger.begin(books.looks)
    books.restart()
    assert books.ledger.close(books.looks, books.below, ALL, is_destructive=True) == 0
    assert books.ledger.destroyed == 0
    assert books.rig.series.counters.lost == 40  # which the end of the soak compares with what is explained


def test_what_ended_with_its_acquisition_is_explained() -> None:
    books = Books()
    assert books.ledger.close(books.looks, {}, {}, is_destructive=True) == 0
    assert books.ledger.destroyed == 40


def test_what_the_server_had_overwritten_is_explained_to_the_sample() -> None:
    books = Books()
    kept_from = {"a": 105}  # of the first hole, 100 to 109, the server had half
    assert books.ledger.late(books.looks, books.below, kept_from) == 30
    assert books.ledger.close(books.looks, books.below, kept_from, is_destructive=False) == 30
    assert books.ledger.overwritten == 10
