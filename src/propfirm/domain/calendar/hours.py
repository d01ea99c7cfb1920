"""The regular hours of each product group on Globex, in Chicago wall time.

Most groups: Sunday 17:00 to Friday 16:00 with a break from 16:00 to 17:00. Grains: 19:00 to 07:45 and 08:30 to 13:20.
Livestock: 08:30 to 13:05, no evening session. Friday after the close and Saturday: closed. These are wall times: they
do not move when clocks do, and clocks change on a Sunday at 02:00, while the exchange is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Final, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct

from propfirm.domain.market.contracts import Group

GROUPS: Final[tuple[Group, ...]] = get_args(Group)
NOON: Final = time(12)


class Hours(Struct, frozen=True):
    """The session of one date. overnight: from a wall time of the evening before to one of the date itself."""

    overnight: tuple[time, time] | None
    daytime: tuple[time, time] | None

    @property
    def evening(self) -> time | None:
        return self.overnight[0] if self.overnight else None


_GLOBEX: Final = Hours(overnight=(time(17), time(16)), daytime=None)
HOURS: Final[Mapping[str, Hours]] = {
    "equity_index": _GLOBEX,
    "energy": _GLOBEX,
    "metals": _GLOBEX,
    "fx": _GLOBEX,
    "rates": _GLOBEX,
    "grains": Hours(overnight=(time(19), time(7, 45)), daytime=(time(8, 30), time(13, 20))),
    "livestock": Hours(overnight=None, daytime=(time(8, 30), time(13, 5))),
    "crypto": _GLOBEX,
}

EXCHANGE_ZONE: Final = ZoneInfo("America/Chicago")
