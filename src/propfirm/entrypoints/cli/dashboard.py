"""``propfirm dashboard``: the firm at a glance."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.cli.answers import facts, put
from propfirm.entrypoints.cli.firm import Looking, add_json, at_the_firm
from propfirm.entrypoints.views.people import FiguresView, figures_view

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.service_container import ServiceContainer

DESCRIPTION: Final = """\
The firm at a glance: accounts by state, what happened today (in UTC), what waits
for somebody, and what was taken, is owed and was paid out by the books.
"""
EPILOG: Final = """\
examples:
  propfirm dashboard
  propfirm dashboard --json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_json(parser)
    parser.set_defaults(run=show)


def show(arguments: Looking, _: Container) -> int:
    async def looked(firm: ServiceContainer) -> FiguresView:
        now = firm.clock().now()
        return figures_view(await firm.figure_queries().figures(now), now)

    view = at_the_firm(looked)
    put(view, facts(view), json=arguments.json)
    return exits.OK
