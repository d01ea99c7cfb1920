"""Chooses the adapter of every port and builds every use case. The only module that imports adapters.

Building a container builds nothing else: each adapter is made when it is first asked for.
"""

from __future__ import annotations

from dependency_injector import containers, providers

from propfirm.adapters.charts.picture import MatplotlibPictures
from propfirm.adapters.histories.reader import CsvHistories
from propfirm.adapters.prices.reader import CsvPrices
from propfirm.adapters.resources.calendar import load_news, load_session_table
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.resources.programs import ShippedPrograms, read_file
from propfirm.adapters.terminal.progress import TerminalProgress
from propfirm.adapters.terminal.report import TerminalReports


class Container(containers.DeclarativeContainer):
    """``terminal`` and ``progress`` take the stream to write to; all others take nothing."""

    contracts = providers.Singleton(load_contracts)
    session_table = providers.Singleton(load_session_table)
    news = providers.Singleton(load_news)
    programs = providers.Singleton(ShippedPrograms)
    program_files = providers.Object(read_file)
    histories = providers.Singleton(CsvHistories, registry=contracts)
    prices = providers.Singleton(CsvPrices, registry=contracts)

    pictures = providers.Singleton(MatplotlibPictures)
    terminal = providers.Factory(TerminalReports)
    progress = providers.Factory(TerminalProgress)
