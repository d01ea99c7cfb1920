from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.adapters.resources.contracts import load_contracts
from propfirm.domain.market.registry import MONTHS, BadContracts, UnknownSymbol, parse_contracts

REGISTRY = load_contracts()

HEADER = (
    "symbol,name,exchange,group,tick_size,tick_value_usd,point_value_usd,month_codes,mini_of,"
    "notional_units_per_full,micros_per_mini_limit,commission_per_side_usd_example\n"
)
ES = 'ES,E-mini S&P 500,CME,equity_index,0.25,12.5,50,"H,M,U,Z",,,1,1.40\n'


def test_the_shipped_table_has_53_contracts() -> None:
    assert len(REGISTRY.contracts) == 53


def test_the_tick_of_every_shipped_contract_is_worth_what_its_point_value_says() -> None:
    # Written out here as well, so that the table and its reader are held against a third source.
    ticks = {
        "ES": ("0.25", 12_500_000),
        "MES": ("0.25", 1_250_000),
        "NQ": ("0.25", 5_000_000),
        "MNQ": ("0.25", 500_000),
        "CL": ("0.01", 10_000_000),
        "GC": ("0.1", 10_000_000),
        "6E": ("0.00005", 6_250_000),
        "M6B": ("0.0001", 625_000),
        "6J": ("0.0000005", 6_250_000),
        "ZN": ("0.015625", 15_625_000),
        "ZT": ("0.00390625", 7_812_500),
        "MET": ("0.5", 50_000),
    }
    for root, (size, value) in ticks.items():
        contract = REGISTRY.root(root)
        assert (Decimal(contract.tick_size), contract.tick_value) == (Decimal(size), value)


def test_micros_weigh_a_tenth_and_belong_to_the_product_of_the_full_contract() -> None:
    mes = REGISTRY.root("MES")
    assert (mes.weight, mes.size_class, mes.product, mes.months) == (100_000, "micro", "ES", "HMUZ")
    assert mes.fee_per_side == 370_000


def test_e_minis_of_half_the_size_count_as_one() -> None:
    qm = REGISTRY.root("QM")
    assert (qm.weight, qm.size_class, qm.product) == (1_000_000, "mini", "CL")


@pytest.mark.parametrize(("root", "weight"), [("SIL", 200_000), ("MBT", 20_000), ("MET", 2_000)])
def test_contracts_with_a_weight_of_their_own_count_by_their_true_size(root: str, weight: int) -> None:
    contract = REGISTRY.root(root)
    assert (contract.weight, contract.size_class) == (weight, "micro")


def test_ordinary_contracts_count_as_one_mini() -> None:
    for root in ("ES", "GC", "ZN", "6E", "BTC", "NKD", "HE"):
        contract = REGISTRY.root(root)
        assert (contract.weight, contract.size_class, contract.product) == (1_000_000, "mini", root)


def test_a_fee_that_nobody_saw_is_unknown_and_not_zero() -> None:
    assert REGISTRY.root("CL").fee_per_side is None


def test_any_change_of_the_table_changes_its_version() -> None:
    before = parse_contracts(HEADER + ES)
    after = parse_contracts(HEADER + ES.replace("1.40", "1.41"))
    assert before.version != after.version
    assert before.version == parse_contracts(HEADER + ES).version


@pytest.mark.parametrize(
    ("text", "symbol", "root"),
    [
        ("ES", "ES", "ES"),
        ("/ES", "ES", "ES"),
        ("ESZ3", "ESZ3", "ES"),
        ("/ESZ3", "ESZ3", "ES"),
        ("esz3", "ESZ3", "ES"),
        (" ESZ3 ", "ESZ3", "ES"),
        ("ESZ23", "ESZ23", "ES"),
        ("ESZ2023", "ESZ23", "ES"),
        ("MNQZ5", "MNQZ5", "MNQ"),
        ("CON.F.US.MES.U25", "MESU25", "MES"),
        ("CON.F.US.EP.U25", "ESU25", "ES"),
        ("CON.F.US.ENQ.H6", "NQH6", "NQ"),
        ("con.f.us.eu6.z25", "6EZ25", "6E"),
        ("F.US.MES", "MES", "MES"),
        ("F.US.GCE", "GC", "GC"),
        ("MNQ SEP25", "MNQU25", "MNQ"),
        ("MNQ Sep2025", "MNQU25", "MNQ"),
        ("MNQ SEP 25", "MNQU25", "MNQ"),
        ("NQ 09-26", "NQU26", "NQ"),
        ("NQ 9-2026", "NQU26", "NQ"),
        ("CL 12-25", "CLZ25", "CL"),
        ("M2KZ5", "M2KZ5", "M2K"),
        ("6EH4", "6EH4", "6E"),
        ("M6EH24", "M6EH24", "M6E"),
        ("SILH6", "SILH6", "SIL"),
        ("SIH6", "SIH6", "SI"),
        ("ETHZ25", "ETHZ25", "ETH"),
    ],
)
def test_every_way_to_write_a_symbol_leads_to_its_contract(text: str, symbol: str, root: str) -> None:
    found, contract = REGISTRY.find(text)
    assert (found, contract.root) == (symbol, root)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/",
        "XX",
        "XXZ3",
        "ESA3",
        "ESZ",
        "ESZ123",
        "ESZ12345",
        "ES Z3",
        "ES 13-25",
        "ES 00-25",
        "ES SEPT25",
        "ES 09-6",
        "EP",
        "F.US.",
        "CON.F.EU.ES.Z5",
        "E\u017f",
        "ESZ\u0663",
        "ES\x00",
        "E" * 1000,
    ],
)
def test_a_symbol_of_no_known_contract_is_refused(text: str) -> None:
    with pytest.raises(UnknownSymbol):
        REGISTRY.find(text)


def test_a_product_that_the_firm_does_not_know_has_no_root() -> None:
    with pytest.raises(UnknownSymbol, match="XYZ"):
        REGISTRY.root("XYZ")


@pytest.mark.parametrize(
    ("text", "near", "symbol"),
    [
        ("ESZ3", date(2013, 10, 7), "ESZ13"),
        ("ESZ3", date(2023, 10, 7), "ESZ23"),
        ("ESH0", date(2020, 1, 5), "ESH20"),
        ("ESH0", date(2019, 12, 30), "ESH20"),
        ("ESZ9", date(2020, 1, 2), "ESZ19"),
        ("CLM1", date(2026, 6, 1), "CLM31"),  # five years behind, five ahead
        ("CLK1", date(2026, 6, 1), "CLK31"),
        ("CLN1", date(2026, 6, 1), "CLN21"),
        ("ESZ13", date(2026, 6, 1), "ESZ13"),
        ("ES", date(2026, 6, 1), "ES"),
    ],
)
def test_a_date_near_by_decides_the_decade_of_a_one_digit_year(text: str, near: date, symbol: str) -> None:
    assert REGISTRY.find(text, near)[0] == symbol


MONTHS_OF_ROOTS = st.tuples(
    st.sampled_from(sorted(REGISTRY.contracts)), st.sampled_from(MONTHS), st.integers(2000, 2099)
)


@given(MONTHS_OF_ROOTS)
def test_all_full_spellings_of_one_month_have_one_canonical_form(month: tuple[str, str, int]) -> None:
    root, code, year = month
    number = MONTHS.index(code) + 1
    spellings = {
        f"{root}{code}{year % 100:02d}",
        f"/{root}{code}{year}",
        f"CON.F.US.{root}.{code}{year % 100:02d}",
        f"{root} {number:02d}-{year % 100:02d}",
        f"{root.lower()} {number}-{year}",
    }
    assert {REGISTRY.find(text)[0] for text in spellings} == {f"{root}{code}{year % 100:02d}"}


@given(MONTHS_OF_ROOTS, MONTHS_OF_ROOTS)
def test_two_months_never_share_a_canonical_form(one: tuple[str, str, int], other: tuple[str, str, int]) -> None:
    first, second = (REGISTRY.find("{}{}{}".format(*month))[0] for month in (one, other))
    assert (first == second) == (one == other)


@given(MONTHS_OF_ROOTS, st.dates(date(2005, 1, 1), date(2094, 12, 31)))
def test_a_one_digit_year_resolves_to_that_digit_within_five_years(month: tuple[str, str, int], near: date) -> None:
    root, code, year = month
    symbol, _ = REGISTRY.find(f"{root}{code}{year % 10}", near)
    resolved = 2000 + int(symbol[-2:])
    assert resolved % 10 == year % 10
    assert abs((resolved - near.year) * 12 + MONTHS.index(code) + 1 - near.month) <= 60
    assert REGISTRY.find(symbol, near)[0] == symbol


@given(st.text(max_size=40))
def test_whatever_is_written_is_a_contract_or_unknown(text: str) -> None:
    try:
        symbol, contract = REGISTRY.find(text)
    except UnknownSymbol:
        return
    assert symbol.startswith(contract.root)


def test_every_mistake_of_a_table_is_reported_at_once() -> None:
    text = HEADER + (
        ES.replace("equity_index", "shares")
        + ES.replace("ES", "es").replace("12.5", "12.6")
        + ES.replace("0.25", "1e-2").replace("ES,", "NQ,")
        + ES.replace(",,,1,1.40", ",,,0,free").replace("ES,", "YM,")
        + ES.replace("H,M,U,Z", "H,W").replace("ES,", "CL,")
        + ES
        + ES
        + ES.replace("ES,", "GC,").replace("1.40", "1.40,extra")
        + ES.replace("ES,", "SI,").replace("E-mini S&P 500", "").replace("0.25", "-0.25")
        + ES.replace("ES,", "HG,").replace("12.5", "12.6")
    )
    with pytest.raises(BadContracts) as refusal:
        parse_contracts(text)
    assert refusal.value.problems == (
        "row 2: group cannot be 'shares'",
        "row 3: symbol cannot be 'es'",
        "row 3: tick_value_usd is not tick_size x point_value_usd",
        "row 4: tick_size cannot be '1e-2'",
        "row 5: micros_per_mini_limit cannot be '0'",
        "row 5: commission_per_side_usd_example cannot be 'free'",
        "row 6: month_codes cannot be 'H,W'",
        "row 7: ES is there twice",
        "row 8: ES is there twice",
        "row 9 has more cells than the header",
        "row 10: name cannot be ''",
        "row 10: tick_size cannot be '-0.25'",
        "row 11: tick_value_usd is not tick_size x point_value_usd",
    )


def test_two_bad_symbols_are_not_one_contract_twice() -> None:
    with pytest.raises(BadContracts) as refusal:
        parse_contracts(HEADER + ES.replace("ES,", "es,") + ES.replace("ES,", "e-mini,"))
    assert refusal.value.problems == ("row 2: symbol cannot be 'es'", "row 3: symbol cannot be 'e-mini'")


def test_a_table_without_its_columns_or_rows_is_refused() -> None:
    with pytest.raises(BadContracts, match="column name is missing"):
        parse_contracts("symbol\nES\n")
    with pytest.raises(BadContracts, match="no rows"):
        parse_contracts(HEADER)
    with pytest.raises(BadContracts):
        parse_contracts("")
