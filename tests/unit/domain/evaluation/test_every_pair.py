"""The table of answers in ``charts`` is what commands really find, and it is complete."""

from __future__ import annotations

from typing import get_args

import pytest

from propfirm.domain.evaluation import account, appeal, charts, commands, events, refusals, states
from tests.unit.domain.evaluation import lives
from tests.unit.domain.evaluation.surveys import Survey, name


def _stated(table: charts.Answers) -> dict[str, dict[str, set[str]]]:
    return {command: {state: set(said.split(", ")) for state, said in row.items()} for command, row in table.items()}


def _names(union: object) -> set[str]:
    return {member.__name__ for member in get_args(union)}


def test_every_command_has_an_answer_from_every_state_and_it_is_the_stated_one(accounts: Survey) -> None:
    assert {command: dict(row) for command, row in accounts.answers.items()} == _stated(charts.ACCOUNT_ANSWERS)


def test_every_command_on_an_appeal_has_an_answer_from_every_state_and_it_is_the_stated_one(
    appeals: Survey,
) -> None:
    assert {command: dict(row) for command, row in appeals.answers.items()} == _stated(charts.APPEAL_ANSWERS)


@pytest.mark.parametrize(
    ("table", "command_union", "state_union"),
    [
        (charts.ACCOUNT_ANSWERS, commands.Command, states.Account),
        (charts.APPEAL_ANSWERS, appeal.Command, appeal.Appeal),
    ],
)
def test_no_pair_is_left_out_of_the_table(table: charts.Answers, command_union: object, state_union: object) -> None:
    assert set(table) == _names(command_union)
    for row in table.values():
        assert set(row) == _names(state_union) | {"-"}


def test_the_stated_edges_are_those_that_commands_walk(accounts: Survey) -> None:
    edges = accounts.edges
    assert edges == set(charts.ACCOUNT_EDGES)
    assert len(charts.ACCOUNT_EDGES) == len(edges)


def test_the_stated_edges_of_an_appeal_are_those_that_commands_walk(appeals: Survey) -> None:
    edges = appeals.edges
    assert edges == set(charts.APPEAL_EDGES)
    assert len(charts.APPEAL_EDGES) == len(edges)


def test_every_event_of_an_account_is_reached() -> None:
    assert {event for _, event, _ in charts.ACCOUNT_EDGES} == _names(events.Event)


def test_every_event_of_an_appeal_is_reached() -> None:
    assert {event for _, event, _ in charts.APPEAL_EDGES} == _names(appeal.Event)


def test_an_event_after_a_state_that_it_cannot_follow_is_a_corrupt_history(accounts: Survey) -> None:
    edges, walked = accounts.edges, accounts.walked
    by_kind = {name(event): event for _, event, _ in walked}
    follows = {(before, event) for before, event, _ in edges}
    for one in lives.lives().values():
        for event_name, event in by_kind.items():
            if (name(one.account), event_name) not in follows:
                with pytest.raises(
                    refusals.ImpossibleHistory, match=f"^{event_name} cannot follow {type(one.account).__name__}$"
                ):
                    account.evolve(one.account, event)  # type: ignore[arg-type]  # a survey holds any event


def test_an_event_after_an_appeal_that_it_cannot_follow_is_a_corrupt_history(appeals: Survey) -> None:
    edges, walked = appeals.edges, appeals.walked
    by_kind = {name(event): event for _, event, _ in walked}
    follows = {(before, event) for before, event, _ in edges}
    for state in lives.appeals().values():
        for event_name, event in by_kind.items():
            if (name(state), event_name) not in follows:
                with pytest.raises(
                    refusals.ImpossibleHistory, match=f"^{event_name} cannot follow {type(state).__name__}$"
                ):
                    appeal.evolve(state, event)  # type: ignore[arg-type]  # a survey holds any event
