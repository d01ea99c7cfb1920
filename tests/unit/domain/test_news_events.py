"""When a release may be listed, and how its time is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.calendar.news_events import (
    FAR,
    NEAR,
    NewsEvent,
    ReleaseTooFar,
    ReleaseTooSoon,
    UnknownFeed,
    announced,
)
from propfirm.domain.ids import NewsEventId

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def release(at: datetime, feed: str = "kept") -> NewsEvent:
    return NewsEvent(NewsEventId(UUID(int=1)), feed, "CPI", " Consumer Price Index ", at, NOW)


@given(st.datetimes(timezones=OFFSETS))
def test_a_time_of_any_year_and_offset_is_kept_in_utc_or_refused(at: datetime) -> None:
    if at <= NOW + NEAR:
        with pytest.raises(ReleaseTooSoon):
            announced(release(at), {"kept"}, NOW)
    elif at > NOW + FAR:
        with pytest.raises(ReleaseTooFar):
            announced(release(at), {"kept"}, NOW)
    else:
        kept = announced(release(at), {"kept"}, NOW)
        assert (kept.release_at, kept.release_at.tzinfo, kept.name) == (at, UTC, "Consumer Price Index")


@given(st.timedeltas(min_value=NEAR, max_value=FAR), OFFSETS)
def test_a_release_is_moved_to_a_time_ahead_in_utc(ahead: timedelta, offset: timezone) -> None:
    listed = announced(release(NOW + timedelta(days=9)), {"kept"}, NOW)
    to = (NOW + ahead).astimezone(offset)
    if ahead == NEAR:
        with pytest.raises(ReleaseTooSoon):
            listed.moved(to, NOW)
    else:
        moved = listed.moved(to, NOW)
        assert (moved.release_at, moved.release_at.tzinfo) == (to, UTC)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-09:00", "9999-12-31T23:59:59Z"])
def test_the_last_hour_that_a_date_can_name_is_too_far_and_not_an_overflow(text: str) -> None:
    far = datetime.fromisoformat(text)
    with pytest.raises(ReleaseTooFar):
        announced(release(far), {"kept"}, NOW)
    with pytest.raises(ReleaseTooFar):
        release(NOW + timedelta(days=9)).moved(far, NOW)


def test_a_list_that_no_program_can_pin_is_a_slip_of_the_pen() -> None:
    with pytest.raises(UnknownFeed) as refused:
        announced(release(NOW + timedelta(days=9), feed="kpet"), {"kept"}, NOW)
    assert (refused.value.feed, refused.value.known) == ("kpet", ("kept",))
