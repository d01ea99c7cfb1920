"""A program is checked among the contracts, lists of releases and programs that the firm has."""

from propfirm.adapters.resources.calendar import load_news
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.application.catalogue.check_program import CheckProgram
from tests.unit.domain.catalogue.sound import NEWS, sound

CHECK = CheckProgram(ShippedPrograms(), load_contracts(), load_news())


def test_an_account_may_grow_into_a_shipped_program_and_into_one_of_its_own_file() -> None:
    shipped = sound({"funded.growth": {"after_payouts": 1, "to": "topstep-50k"}})
    beside = sound({"funded.growth": {"after_payouts": 1, "to": "bigger"}})
    assert CHECK(shipped).contradictions == ()
    assert CHECK(beside, ["bigger"]).contradictions == ()
    assert [one.code for one in CHECK(beside).contradictions] == ["growth.unknown"]


def test_names_are_those_of_the_contracts_and_lists_of_the_firm() -> None:
    wrong = sound(
        {
            "funded.position": {"max": 5, "sub_caps": {"MES": 5, "XES": 5}},
            "funded.news": {**NEWS, "events": {"NFP": ["ES", "XES"]}, "feed": "mine"},
        }
    )
    assert [(one.code, one.path) for one in CHECK(wrong).contradictions] == [
        ("position.key", "stages[1].position.sub_caps.XES"),
        ("news.unknown-product", "stages[1].news.events.NFP"),
        ("news.unknown-feed", "stages[1].news.feed"),
    ]


def test_only_categories_without_any_release_are_noted() -> None:
    listed = {"NFP": ["*"], "CPI": ["*"], "FOMC": ["*"], "FOMC_PRESS": ["*"]}
    assert CHECK(sound({"funded.news": {**NEWS, "events": listed}})).notes == ()
    waiting = sound({"funded.news": {**NEWS, "events": listed | {"TREASURY_AUCTION": ["ZN"]}}})
    assert [note.path for note in CHECK(waiting).notes] == ["stages[1].news.events.TREASURY_AUCTION"]
