"""Faults by chance, the same chance for the same seed: what a round of the soak does to the simulator."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Draw = Callable[[random.Random], str]

# Longest of each: three at once stay below the ten seconds that the server's buffers reach back, so that a sample
# that is lost all the same has no excuse.
LONGEST_S = 2.5
DESTRUCTIVE = frozenset({"recount", "rechannel", "restart:gone"})  # what was not fetched by then is nowhere any more


@dataclass(frozen=True, slots=True)
class Mischief:
    after_s: float  # since the one before
    text: str  # as ``sim.script`` has it

    @property
    def is_destructive(self) -> bool:
        return self.text.partition(",")[0] in DESTRUCTIVE


def _for(name: str, longest_s: float = LONGEST_S) -> Draw:
    return lambda rng: f"{name}{rng.uniform(0.1, longest_s):.1f}"


def _one_of(*texts: str) -> Draw:
    return lambda rng: rng.choice(texts)


# Not among them: expire and lock, which a person with a password has to end.
FAULTS: Sequence[tuple[int, Draw]] = (  # weight, draw
    (3, _for("refuse:")),
    (2, _one_of("no-ws", "no-ws:404", "no-ws:500")),
    (3, _one_of("reset")),
    (4, _for("restart:kept,")),
    (2, _for("restart:gone,", 1.0)),
    (3, _one_of("close:1000", "close:1001", "close:1006", "close:1009", "close:1011", "close:1012")),
    (3, _for("blackhole:")),
    (3, _for("freeze:")),
    (3, _one_of("silent:1", "silent:4", "silent:equipment")),
    (4, _one_of("zombie:1", "zombie:3", "zombie:readings")),
    (2, _one_of("stall:300", "stall:1000", "stall:2500")),
    (3, _one_of("rival:stop", "rival:slow", "rival:small")),
    (1, _one_of("recount", "rechannel")),
    (3, _one_of("garbage")),
    (1, _one_of("huge")),
    (2, _one_of("clock:3600", "clock:-3600", "unsorted", "whole-seconds")),
    (3, _one_of("slow-rest:3", "rest-500", "rest-html", "rest-html:200", "rest-type")),
    (1, _one_of("flood:5")),
)


def draw_round(rng: random.Random) -> list[Mischief]:
    """One to three faults, close enough to meet."""
    chosen = rng.choices(FAULTS, [weight for weight, _ in FAULTS], k=rng.randint(1, 3))
    return [Mischief(rng.uniform(0.0, 1.5) if number else 0.0, draw(rng)) for number, (_, draw) in enumerate(chosen)]
