"""One document for a whole range of sizes, written like the table on a firm's page."""

import tomllib

import pytest

from propfirm.domain.catalogue.document import BadDocument
from propfirm.domain.catalogue.family import expand, read_all
from propfirm.domain.money import usd

FAMILY = """
version = 1
effective_from = 2026-01-01

[clock]
zone = "America/Chicago"
day_roll = "17:00"
eod_snapshot = "16:00"
flat_by = "15:10"

[[stages]]
name = "evaluation"
kind = "evaluation"
next_stage = "funded"
price = 10
max_loss = { mode = "static" }

[[stages]]
name = "funded"
kind = "sim_funded"
max_loss = { mode = "static", amount = 500 }
payout = { split = "90 %" }

[sizes]
id = ["range-25k", "range-50k"]
name = ["Range 25K", "Range 50K"]
starting_balance = [25_000, 50_000]
stages.evaluation.price = ["-", 99]
stages.evaluation.max_loss.amount = [1_000, 2_000]
stages.evaluation.target.amount = [1_500, 3_000]
stages.evaluation.position.max = ["-", 5]
stages.funded.payout.amount_caps = [[500], [1_000, 2_000]]
"""


def problems(text: str) -> dict[str, str]:
    with pytest.raises(BadDocument) as refusal:
        read_all(tomllib.loads(text))
    return {problem.path: problem.reason for problem in refusal.value.problems}


def test_each_size_is_the_template_with_its_own_column() -> None:
    small, large = read_all(tomllib.loads(FAMILY))
    assert (small.id, large.id) == ("range-25k", "range-50k")
    assert (small.starting_balance, large.starting_balance) == (usd("25000"), usd("50000"))
    assert [stage.max_loss.size.amount for stage in small.stages] == [usd("1000"), usd("500")]
    assert [stage.max_loss.size.amount for stage in large.stages] == [usd("2000"), usd("500")]
    assert [one.stages[0].target and one.stages[0].target.size.amount for one in (small, large)] == [
        usd("1500"),
        usd("3000"),
    ]
    caps = [one.stages[1].payout.amount_caps for one in (small, large) if one.stages[1].payout]
    assert caps == [(usd("500"),), (usd("1000"), usd("2000"))]


def test_a_dash_leaves_a_size_as_the_template_has_it() -> None:
    small, large = read_all(tomllib.loads(FAMILY))
    assert (small.stages[0].price, large.stages[0].price) == (10_00, 99_00)
    assert small.stages[0].position is None
    assert large.stages[0].position is not None


def test_a_document_without_sizes_is_one_program() -> None:
    template = tomllib.loads(FAMILY.split("[sizes]", maxsplit=1)[0])
    assert expand(template) == (template,)


def test_expanding_leaves_the_document_as_it_is() -> None:
    document, untouched = tomllib.loads(FAMILY), tomllib.loads(FAMILY)
    first, second = expand(document)
    first["stages"][0]["max_loss"]["mode"] = "changed"  # type: ignore[index]  # a parsed document
    assert document == untouched
    assert second["stages"][0]["max_loss"]["mode"] == "static"  # type: ignore[index]  # a parsed document


def test_every_size_needs_its_value() -> None:
    assert problems(FAMILY.replace("[1_500, 3_000]", "[1_500]")) == {
        "sizes.stages.evaluation.target.amount": "has 1 values for 2 sizes"
    }


def test_a_value_for_all_sizes_belongs_into_the_template() -> None:
    assert problems(FAMILY.replace("[25_000, 50_000]", "25_000")) == {
        "sizes.starting_balance": "must be a list with one value for each size, not a whole number"
    }


def test_sizes_need_ids_that_differ() -> None:
    assert problems(FAMILY.replace('id = ["range-25k", "range-50k"]', "")) == {
        "sizes.id": "is missing: the sizes need their ids"
    }
    assert problems(FAMILY.replace('"range-50k"', '"range-25k"')) == {"sizes.id": "'range-25k' is used more than once"}


def test_a_stage_that_the_template_has_not_is_told() -> None:
    reason = "stands below something that is not a table, or in a stage that the template has not"
    assert problems(FAMILY.replace("stages.evaluation.price", "stages.evolution.price")) == {
        "sizes.stages.evolution.price": reason
    }
    assert problems(FAMILY.replace("stages.evaluation.price", "version.of.price")) == {"sizes.version.of.price": reason}
    assert problems(FAMILY.replace("stages.evaluation.price", "version.price")) == {"sizes.version.price": reason}


def test_problems_of_the_template_are_told_once_and_those_of_a_size_with_its_id() -> None:
    wrong = FAMILY.replace('mode = "static" }', 'mode = "fixed" }').replace("[1_500, 3_000]", '[1_500, "3,000"]')
    assert list(problems(wrong)) == [
        "stages[0].max_loss.mode",
        "range-50k: stages[0].target.amount",
    ]
