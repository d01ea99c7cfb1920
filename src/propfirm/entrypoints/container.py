"""Chooses the adapter of every port and builds every use case of the commands that need no service.

Building a container builds nothing else: each adapter is made when it is first asked for. What the service needs stands
in ``service_container``, apart, so that a verdict on the command line does not wait for a web server to be imported.
"""

from __future__ import annotations

from dependency_injector import containers, providers

from propfirm.adapters.charts.picture import MatplotlibPictures
from propfirm.adapters.ed25519.keys import Ed25519Verifier, create_key, load_key, load_public_key, public_pem
from propfirm.adapters.histories.reader import CsvHistories
from propfirm.adapters.prices.reader import CsvPrices
from propfirm.adapters.resources.calendar import load_news, load_session_table
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.resources.example import example_files
from propfirm.adapters.resources.programs import ShippedPrograms, read_file
from propfirm.adapters.system.files import measure_file
from propfirm.adapters.terminal.progress import TerminalProgress
from propfirm.adapters.terminal.report import TerminalReports
from propfirm.application.catalogue.check_program import CheckProgram
from propfirm.application.proofs.verify import VerifyProof
from propfirm.application.simulation.run import RunHistory
from propfirm.application.simulation.simulate import Simulate
from propfirm.application.simulation.what_if import AskWhatIf


class Container(containers.DeclarativeContainer):
    """Singletons are adapters and tables, factories use cases. ``terminal`` and ``progress`` take the stream to write
    to; providers of functions give the function."""

    contracts = providers.Singleton(load_contracts)
    session_table = providers.Singleton(load_session_table)
    news = providers.Singleton(load_news)
    programs = providers.Singleton(ShippedPrograms)
    program_files = providers.Object(read_file)
    histories = providers.Singleton(CsvHistories, registry=contracts)
    prices = providers.Singleton(CsvPrices, registry=contracts)
    measure_file = providers.Object(measure_file)
    example_files = providers.Object(example_files)

    load_key = providers.Object(load_key)
    load_public_key = providers.Object(load_public_key)
    create_key = providers.Object(create_key)
    public_pem = providers.Object(public_pem)
    verifier = providers.Singleton(Ed25519Verifier)

    pictures = providers.Singleton(MatplotlibPictures)
    terminal = providers.Factory(TerminalReports)
    progress = providers.Factory(TerminalProgress)

    check_program = providers.Factory(CheckProgram, programs=programs, registry=contracts, news=news)
    run_history = providers.Factory(
        RunHistory, histories=histories, prices=prices, registry=contracts, sessions=session_table, news=news
    )
    simulate = providers.Factory(Simulate, run_history=run_history, load_key=load_key, digest=measure_file)
    what_if = providers.Factory(AskWhatIf, run_history=run_history)
    verify_proof = providers.Factory(VerifyProof, verifier=verifier)
