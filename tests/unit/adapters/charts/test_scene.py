import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace

from propfirm.adapters.charts.picture import MatplotlibPictures
from propfirm.adapters.charts.scene import Scene
from propfirm.application.simulation.report import Entry, Report
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.findings import Evidence, FloorMoved, Hit, Rule, TargetMet, Unit, Warned
from tests.reports import (
    EVERY_KIND,
    SUBJECT,
    ZONE,
    a_month,
    breached,
    breached_at_once,
    one_day,
    passed,
    still_open,
    without_prices,
)


def with_entries(report: Report, *findings: Hit | Warned | FloorMoved | TargetMet) -> Report:
    entries = tuple(Entry(one.at, one.seq, "text", "hit", False, one) for one in findings)
    return replace(report, timeline=entries)


def hit(report: Report, rule: Rule, unit: Unit, limit: int, actual: int, *, decided: bool = False) -> Hit:
    evidence = Evidence(limit, actual, unit, usd("49990"), usd("50000"))
    return Hit(1, report.curve[5].at, rule, "lock_day" if decided else "warn", evidence, decided=decided)


def labels(report: Report) -> list[str]:
    return [marker.label for marker in Scene(report).markers]


@pytest.mark.parametrize("make", EVERY_KIND)
def test_everything_lies_inside_the_picture(make: Callable[[], Report]) -> None:
    scene = Scene(make())
    (left, right), (bottom, top) = scene.x_range, scene.y_range
    for line in scene.lines:
        assert all(left <= x <= right for x in line.x)
        assert all(y != y or bottom < y < top for y in line.y)  # noqa: PLR0124  # only NaN, where a line is torn, is not itself
    assert all(left <= marker.x <= right and bottom < marker.y < top for marker in scene.markers)
    assert all(left <= place <= right for place, _ in scene.ticks)
    assert scene.ticks


def test_the_subtitle_says_when_with_the_year() -> None:
    assert Scene(breached_at_once()).subtitle.split(" \N{MIDDLE DOT} ")[2] == "3 March 2025"
    assert " to " in Scene(a_month()).subtitle


def test_names_of_days_bear_the_year_where_there_are_several() -> None:
    report = passed()
    assert not any("2025" in name for _, name in Scene(report).ticks)
    first, *rest = report.days
    earlier = replace(report, days=(replace(first, day=first.day.replace(year=2024)), *rest))
    assert any("2024" in name for _, name in Scene(earlier).ticks)


def test_a_breach_is_marked_at_its_equity_with_both_figures() -> None:
    report = breached()
    loudest = Scene(report).markers[0]
    finding = report.timeline[-1].finding
    assert isinstance(finding, Hit)
    assert (loudest.kind, loudest.loud) == ("breach", True)
    assert loudest.y == pytest.approx(finding.evidence.actual / 1_000_000)
    assert loudest.label.splitlines()[0].endswith(" CT")
    assert "equity $47,992.79" in loudest.label
    assert "max-loss floor $48,000.00" in loudest.label


def test_a_pass_is_marked_with_its_profit() -> None:
    assert "passed with $3,019.75" in Scene(passed()).markers[0].label


def test_a_lock_of_the_floor_is_marked() -> None:
    assert any("floor locked at $50,000.00" in label for label in labels(passed()))


def test_a_hit_of_another_rule_stands_at_the_equity_with_its_own_figures() -> None:
    report = still_open()
    marker = Scene(with_entries(report, hit(report, "position", "units", 2_000_000, 4_500_000))).markers[0]
    assert marker.y == 49_990.0
    assert marker.label.splitlines()[1:] == ["position size", "4.5 against 2"]


def test_a_lock_for_the_day_names_the_day_floor() -> None:
    report = still_open()
    locked = hit(report, "daily_loss", "usd", usd("49000"), usd("48950.50"), decided=True)
    label = labels(with_entries(report, locked))[0]
    assert label.splitlines()[1:] == ["locked for the day", "equity $48,950.50", "day floor $49,000.00"]


def test_a_warning_says_how_much_is_left() -> None:
    report = still_open()
    evidence = Evidence(usd("48000"), usd("48100"), "usd", usd("48100"), usd("50000"))
    warned = Warned(1, report.curve[5].at, "max_loss", evidence)
    assert labels(with_entries(report, warned))[0].endswith("warning\n$100.00 above the max-loss floor")


def test_a_target_that_is_met_too_early_says_what_is_missing() -> None:
    report = still_open()
    met = TargetMet(1, report.curve[5].at, usd("3000"), usd("100"), ("consistency",))
    assert labels(with_entries(report, met))[0].endswith("target met with $100.00\nmissing: consistency")


def test_only_so_many_markers_are_labelled_and_the_verdict_is_among_them() -> None:
    report = breached()
    many = [replace(report.timeline[0], at=point.at) for point in report.curve[:40]]
    shown = labels(replace(report, timeline=(*many, report.timeline[-1])))
    assert len(shown) == 41
    assert len([label for label in shown if label]) == 9
    assert "floor $48,000.00" in shown[0]


def test_what_the_account_did_after_the_verdict_is_a_line_of_its_own() -> None:
    report = breached()
    tail = [
        replace(report.curve[-1], at=report.curve[-1].at + minutes * 60_000_000_000, close=usd("51000"))
        for minutes in (5, 10)
    ]
    scene = Scene(replace(report, curve=(*report.curve, *tail)))
    judged, after = scene.pieces(scene.line("equity"))
    assert judged.x[-1] == after.x[0]
    assert after.y[1:] == [51_000.0, 51_000.0]


def test_an_open_account_is_drawn_in_one_piece() -> None:
    scene = Scene(still_open())
    assert len(scene.pieces(scene.line("equity"))) == 1


def test_each_day_has_its_own_day_floor_without_a_line_between() -> None:
    scene = Scene(a_month())
    heights = scene.line("day_floor").y
    torn = sum(y != y for y in heights)  # noqa: PLR0124  # as above
    assert torn == 29


def test_an_account_without_a_daily_limit_has_no_line_for_it() -> None:
    assert [line.kind for line in Scene(passed()).lines] == ["equity", "floor", "start", "target"]


def test_days_are_named_in_the_zone_of_the_program() -> None:
    assert [text for _, text in Scene(passed()).ticks][:2] == ["Mon 3 Mar", "Tue 4 Mar"]


def test_of_many_days_only_the_first_of_each_week_is_named() -> None:
    assert all(text.startswith("Mon ") for _, text in Scene(a_month()).ticks)


def test_hours_are_named_where_there_is_only_a_day() -> None:
    texts = [text for _, text in Scene(one_day()).ticks]
    assert {"18:00", "08:00", "\nMon 3 Mar"} <= set(texts)


def test_names_under_the_axis_do_not_touch() -> None:
    scene = Scene(breached())
    width = scene.x_range[1] - scene.x_range[0]
    assert all(after - before > 0.07 * width for (before, _), (after, _) in pairwise(scene.ticks))


def test_a_report_without_days_still_names_hours() -> None:
    scene = Scene(replace(one_day(), days=()))
    assert scene.borders == []
    assert "08:00" in [text for _, text in scene.ticks]


def test_a_breach_in_the_first_minute_has_half_an_hour_of_room() -> None:
    scene = Scene(breached_at_once())
    assert scene.x_range[1] - scene.x_range[0] >= 30 * 60 * 1e9
    assert scene.line("equity").y[0] == 50_000.0


def test_a_report_without_a_curve_shows_where_the_account_stands() -> None:
    scene = Scene(replace(still_open(), curve=(), timeline=()))
    assert len(scene.x) == 1


def test_without_prices_the_subtitle_says_so() -> None:
    assert "no prices given" in Scene(without_prices()).subtitle
    assert "bars read adversely" in Scene(replace(still_open(), counts={"bars": 9})).subtitle


def test_how_prices_were_read_is_said_of_ticks_only_where_some_were_in_doubt() -> None:
    ticks = replace(still_open(), counts={"bars": 0}, doubts=())
    assert "read adversely" not in Scene(ticks).subtitle
    assert Scene(replace(ticks, doubts=("a doubt",))).subtitle.endswith("prices in doubt read adversely")


def test_hours_inside_a_folded_pause_have_no_name_and_the_hour_at_its_end_has_one() -> None:
    report = one_day()
    at = report.curve[-1].at
    pause = replace(report.curve[-1], at=at + 5 * 3_600_000_000_000)
    scene = Scene(replace(report, curve=(*report.curve, pause)))
    (fold,) = scene.folds
    width = scene.x_range[1] - scene.x_range[0]
    names = {place: text for place, text in scene.ticks if not text.startswith("\n")}
    assert not [place for place in names if fold[0] < place < fold[1]]
    assert names[fold[1]] == f"{from_ns(pause.at).astimezone(ZONE):%H:%M}"
    assert fold[1] - fold[0] < 0.2 * width


def test_of_many_days_no_folds_are_shown() -> None:
    assert Scene(a_month()).folds == ()


def test_equity_between_two_points_is_that_of_the_first() -> None:
    """Flat over the night: nothing rises or falls before the first price of the new day."""
    picture = MatplotlibPictures().draw(still_open(), "svg").decode()
    (path,) = re.findall(r'<path d="([^"]*)"[^>]*stroke: #0072b2; stroke-width: 1.5', picture)
    points = [tuple(map(float, pair)) for pair in re.findall(r"[ML] (\S+) (\S+)", path)]
    assert len(points) > 100
    # Steps, to the part of a pixel that drawing simplifies away.
    assert all(min(abs(one[0] - other[0]), abs(one[1] - other[1])) < 0.5 for one, other in pairwise(points))


def test_names_from_files_cannot_bring_control_characters() -> None:
    subject = replace(SUBJECT, name="50K\x1b[2J\n$\\frac{1}{2}$")
    assert Scene(replace(still_open(), subject=subject)).subtitle.isprintable()


@pytest.mark.parametrize(
    ("value", "text"), [(48_000.0, "$48,000"), (-2_000.0, "−$2,000"), (0.25, "$0.25"), (0.0, "$0")]
)
def test_dollars_on_the_axis(value: float, text: str) -> None:
    assert Scene.dollars(value) == text


def test_negative_money_has_its_sign_before_the_dollar() -> None:
    report = still_open()
    low = replace(report.curve[-1], close=Micros(-1_500_000_000))
    scene = Scene(replace(report, curve=(*report.curve[:-1], low)))
    assert scene.line("equity").figure == "−$1,500.00"


def test_reservations_follow_the_reason() -> None:
    report = replace(passed(), reason="passed", reservations=("it rests on a fill", "and on a hole"))
    assert Scene(report).reason == "Passed. It rests on a fill. And on a hole"


def lasting(report: Report, days: int) -> Report:
    """As if the account had lain still for so many days more."""
    day_ns, last, closing = 24 * 3600 * 10**9, report.curve[-1], report.days[-1]
    rest = tuple(replace(last, at=last.at + number * day_ns) for number in range(1, days + 1))
    later = tuple(
        replace(closing, day=closing.day + timedelta(number), opened_at=closing.opened_at + number * day_ns)
        for number in range(1, days + 1)
    )
    return replace(report, curve=(*report.curve, *rest), days=(*report.days, *later))


def test_a_long_rest_after_the_verdict_is_not_drawn_and_the_footer_says_so() -> None:
    scene = Scene(lasting(breached_at_once(), 200))
    assert scene.markers[0].loud
    assert scene.x_range[1] < 3 * 3600 * 1e9
    assert scene.footer.startswith("Not drawn: what follows the end of the stage, to ")
    assert len(Scene(lasting(passed(), 2)).x) == len(lasting(passed(), 2).curve)


def test_the_rest_of_an_open_account_is_always_drawn() -> None:
    report = lasting(still_open(), 60)
    assert len(Scene(report).x) == len(report.curve)
    assert "Not drawn" not in Scene(report).footer


def test_of_a_year_only_the_months_have_borders_and_names() -> None:
    scene = Scene(lasting(still_open(), 200))
    assert 6 <= len(scene.borders) <= 8
    assert all(strong for _, strong in scene.borders)
    assert all(re.fullmatch(r"[A-Z][a-z]{2} 2025", text) for _, text in scene.ticks)
    assert len(scene.ticks) >= 4


def test_an_hour_right_above_the_name_of_the_day_keeps_its_own() -> None:
    first = one_day().curve[0]
    day = replace(one_day().days[0], opened_at=first.at - 3600 * 10**9)
    report = replace(one_day(), timeline=(), days=(day,))
    hours = tuple(replace(first, at=first.at + minutes * 60 * 10**9) for minutes in (0, 10, 20, 30))
    ticks = Scene(replace(report, curve=hours)).ticks
    assert len({place for place, _ in ticks}) == len(ticks)
    named = next(text for _, text in ticks if "Mon 3 Mar" in text)
    assert re.fullmatch(r"\d\d:\d\d\nMon 3 Mar", named)


@pytest.mark.parametrize(
    ("value", "text"), [(9_999_999.0, "$9,999,999"), (10_000_000.0, "$10M"), (-1_012_500_000.0, "−$1,012.5M")]
)
def test_amounts_too_long_for_the_edge_are_told_in_millions(value: float, text: str) -> None:
    assert Scene.dollars(value) == text


def test_a_huge_equity_is_told_in_millions_at_its_line() -> None:
    report = still_open()
    rich = tuple(replace(point, close=usd("123456789.12")) for point in report.curve)
    assert Scene(replace(report, curve=rich)).line("equity").figure == "$123.46M"
