"""How a life-cycle is drawn, on a small one."""

from __future__ import annotations

from propfirm.domain.evaluation import charts

DOOR = (
    ("-", "Built", "Shut"),
    ("Shut", "Opened", "Open"),
    ("Open", "Slammed", "Shut"),
    ("Open", "Closed", "Shut"),
    ("Open", "Painted", "Open"),
    ("Open", "Oiled", "Open"),
    ("Shut", "Painted", "Shut"),
)


def test_edges_between_states_are_drawn_with_all_their_events() -> None:
    assert charts.diagram(DOOR, last=("Open", "Shut")) == (
        "stateDiagram-v2\n"
        "    Open --> Shut: Closed<br/>Slammed\n"
        "    Shut --> Open: Opened\n"
        "    [*] --> Shut: Built\n"
        "    Open --> [*]\n"
        "    Shut --> [*]"
    )


def test_events_that_leave_the_state_as_it_is_have_a_table_of_their_own() -> None:
    assert charts.stays(DOOR) == (
        "| state | stays itself at |\n|---|---|\n| Open | Oiled, Painted |\n| Shut | Painted |"
    )


def test_states_that_answer_alike_share_a_row() -> None:
    table = {
        "Knock": {"-": "NoSuchDoor", "Shut": "Opened", "Open": "already so"},
        "Paint": {"-": "NoSuchDoor", "Shut": "Painted", "Open": "Painted"},
    }
    assert charts.answers(table) == (
        "| command | in state | answers |\n"
        "|---|---|---|\n"
        "| Knock | no account | NoSuchDoor |\n"
        "| Knock | Shut | Opened |\n"
        "| Knock | Open | already so |\n"
        "| Paint | no account | NoSuchDoor |\n"
        "| Paint | Shut, Open | Painted |"
    )
