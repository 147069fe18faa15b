"""How what a panel shows is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import known
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.link import LinkState, LinkStatus, Mode
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem, TopicStatus

NOW_US = 1_000_000_000
UP = LinkStatus("lab:8000", Mode.HYBRID, LinkState.STREAMING, since_us=NOW_US - 60_000_000)
LISTED = TopicStatus(listed_us=NOW_US - 3_000_000)
TOLD = replace(LISTED, told_us=NOW_US - 1_000_000)


@pytest.mark.parametrize(
    ("topic", "link", "text", "tone"),
    [
        (TopicStatus(), UP, "○ not known yet", Tone.MUTED),
        (LISTED, UP, "◆ polled 3 s ago", Tone.INFO),
        (TOLD, UP, "● live, news 1 s ago", Tone.GOOD),
        (replace(TOLD, told_us=NOW_US - 61_000_000), UP, "◆ polled 3 s ago", Tone.INFO),
        (TOLD, replace(UP, state=LinkState.POLLING), "◆ polled 1 s ago", Tone.INFO),
        (TOLD, replace(UP, state=LinkState.WAITING), "◇ no connection, 1 s old", Tone.BAD),
        (TopicStatus(), None, "◇ no connection", Tone.BAD),
        (TopicStatus(is_absent=True, problem="x"), UP, "■ not available on this server", Tone.MUTED),
        (replace(LISTED, problem="no answer within 3 s"), UP, "▲ no answer within 3 s, 3 s old", Tone.WARN),
    ],
)
def test_in_a_few_words(topic: TopicStatus, link: LinkStatus | None, text: str, tone: Tone) -> None:
    chip = known.chip(topic, link, NOW_US)
    assert (chip.text, chip.tone) == (text, tone)


def test_of_several_servers_each_is_named_and_the_worst_gives_the_tone() -> None:
    books = [LabBook("lab:8000"), LabBook("cellar:8000")]
    books[0].take_list(TopicAnswer(Topic.HEALTH, (), NOW_US))
    down = replace(UP, server="cellar:8000", state=LinkState.WAITING)
    line = known.line(books, [UP, down], Topic.HEALTH, NOW_US)
    assert line.text == "lab ◆ polled 0 s ago   cellar ◇ no connection"
    assert line.tone is Tone.BAD
    assert "cellar:8000: ◇ no connection" in line.tip
    assert known.line([], [], Topic.HEALTH, NOW_US).text == known.NOT_ASKED.text


def test_trouble_of_a_second_list_is_told() -> None:
    book = LabBook("lab:8000")
    assert known.trouble([book], Topic.EXECUTIONS) == ""
    book.take_problem(TopicProblem(Topic.EXECUTIONS, "gone", NOW_US))
    assert known.trouble([book], Topic.EXECUTIONS) == "gone"


def test_that_there_is_none_is_said_only_where_every_server_has_said_so() -> None:
    lab, cellar = LabBook("lab:8000"), LabBook("cellar:8000")

    def said(*books: LabBook) -> str:
        return known.nothing(books, Topic.JOBS, "No job is scheduled.", "job")

    assert said() == said(lab) == "No job is known: not listed yet"
    lab.take_problem(TopicProblem(Topic.JOBS, "not found", NOW_US, is_absent=True))
    assert said(lab) == "No job is known: not available on this server"
    lab.take_problem(TopicProblem(Topic.JOBS, "status 403", NOW_US))
    assert said(lab) == "No job is known: the list cannot be had"
    lab.take_list(TopicAnswer(Topic.JOBS, (), NOW_US))
    assert said(lab) == "No job is scheduled."
    assert said(lab, cellar) == "No job is known: not listed yet"
    cellar.take_problem(TopicProblem(Topic.JOBS, "not found", NOW_US, is_absent=True))
    assert said(lab, cellar) == "No job is known: not available on some servers"
