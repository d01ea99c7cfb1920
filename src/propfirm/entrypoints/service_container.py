"""Chooses the adapter of every port and builds every use case of the service: API, worker, feed, demo.

With ``container``, the only module that imports adapters. Building a container builds nothing else.
"""

from __future__ import annotations

from pathlib import Path

from dependency_injector import providers
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.argon2.passwords import Argon2Passwords
from propfirm.adapters.ed25519.keys import load_key
from propfirm.adapters.embedded_postgres.server import EmbeddedPostgres
from propfirm.adapters.jwt.tokens import JwtTokens, KeyRing
from propfirm.adapters.postgres.books import kept
from propfirm.adapters.postgres.engine import make_engine, passes
from propfirm.adapters.postgres.invariants import PostgresHistories, PostgresInvariants
from propfirm.adapters.postgres.migrate import current, downgrade, newest, upgrade
from propfirm.adapters.postgres.queries.accounts import PostgresAccountQueries
from propfirm.adapters.postgres.queries.figures import PostgresFigureQueries
from propfirm.adapters.postgres.queries.ledger import PostgresLedgerQueries
from propfirm.adapters.postgres.queries.news import PostgresNewsQueries
from propfirm.adapters.postgres.queries.payouts import PostgresPayoutQueries
from propfirm.adapters.postgres.queries.people import PostgresNoteQueries, PostgresPeopleQueries
from propfirm.adapters.postgres.queries.programs import PostgresProgramQueries
from propfirm.adapters.postgres.queries.refunds import PostgresRefundQueries
from propfirm.adapters.postgres.readiness import PostgresReadiness
from propfirm.adapters.postgres.standings import PostgresStandings
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.procrastinate.worker import JobWorker
from propfirm.adapters.resources.documentation import documentation_files
from propfirm.adapters.resources.market import load_recorded
from propfirm.adapters.resources.programs import parse as parse_programs
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.adapters.sandbox.checkouts import SandboxCheckouts
from propfirm.adapters.sandbox.courier import HttpPost, SandboxCourier
from propfirm.adapters.sandbox.messages import SandboxNotices
from propfirm.adapters.sandbox.takings import SandboxTakings
from propfirm.adapters.simulator.book import ACTS, PROGRESS
from propfirm.adapters.simulator.cast import DEFAULT_SEED, DEFAULT_SPEED, STORIES
from propfirm.adapters.simulator.platform import SimulatedPlatform
from propfirm.adapters.simulator.tape import eve_of
from propfirm.adapters.system.calculator import OneThread
from propfirm.adapters.system.clock import RealClock, Uuid7s
from propfirm.adapters.system.kept import kept_secret
from propfirm.adapters.system.ownership import Ownership
from propfirm.adapters.system.virtual_clock import FollowingClock, VirtualClock
from propfirm.adapters.terminal.board import TerminalBoard
from propfirm.application.analytics.board import LookAtBoard
from propfirm.application.audit.seal_days import SealDays
from propfirm.application.audit.verify import Verify
from propfirm.application.audit.verify_journal import VerifyJournal
from propfirm.application.audit.verify_money import VerifyMoney
from propfirm.application.catalogue.write_programs import DraftProgram, PriceProgram, PublishProgram, RetireProgram
from propfirm.application.evaluation.activities import TellActivities
from propfirm.application.evaluation.after_the_end import FinishRun
from propfirm.application.evaluation.appeals import (
    AnswerProposal,
    FileAppeal,
    ProposeDecision,
    SweepAppeals,
    WithdrawAppeal,
)
from propfirm.application.evaluation.export_proof import ExportProof
from propfirm.application.evaluation.follow_hold import FollowHold
from propfirm.application.evaluation.hold_account import HoldAccount
from propfirm.application.evaluation.progress import LookAtProgress
from propfirm.application.evaluation.provision_run import ProvisionRun
from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.evaluation.review_violation import ReviewViolation
from propfirm.application.evaluation.runs import Runs
from propfirm.application.evaluation.sweep_runs import SweepRuns
from propfirm.application.identity.appoint import Appoint
from propfirm.application.identity.authenticate import Authenticate
from propfirm.application.identity.register import Register
from propfirm.application.identity.sign_in import SignIn
from propfirm.application.market.keep_news import KeepNews, TouchedByNews
from propfirm.application.payouts.ask_what_if import AskOutlook
from propfirm.application.payouts.decide_payout import ApprovePayout, RejectPayout, ResendPayout
from propfirm.application.payouts.request_payout import CancelPayout, QuotePayout, RequestPayout, SeePayout
from propfirm.application.payouts.send_payout import FreePayouts, PutBack, SendPayout, SweepPayouts
from propfirm.application.payouts.survey import Survey
from propfirm.application.ports.signing import Signer
from propfirm.application.purchases.buy_challenge import OpenCheckout, PlaceOrder, SeePurchase
from propfirm.application.purchases.deliver_purchase import DeliverPurchase
from propfirm.application.purchases.receive_notice import ReceiveNotice
from propfirm.application.purchases.refund_payment import RefundPayment, RetryRefund, SweepRefunds, SweepTakings
from propfirm.application.purchases.settle import SettlePurchase
from propfirm.application.purchases.sweep import SweepPurchases
from propfirm.application.seeding.seed_firm import SeedFirm
from propfirm.application.seeding.seed_people import SeedPeople
from propfirm.application.support.forget_answers import ForgetAnswers
from propfirm.application.support.write_note import WriteNote
from propfirm.entrypoints.container import Container
from propfirm.entrypoints.http.app import create_app
from propfirm.entrypoints.http.health import health
from propfirm.entrypoints.http.idempotency import Once
from propfirm.entrypoints.http.pages import Cursors
from propfirm.entrypoints.http.routes.accounts import accounts as accounts_routes
from propfirm.entrypoints.http.routes.identity import identity
from propfirm.entrypoints.http.routes.ledger import books
from propfirm.entrypoints.http.routes.news import news_desk
from propfirm.entrypoints.http.routes.oversight import oversight
from propfirm.entrypoints.http.routes.payouts import payouts
from propfirm.entrypoints.http.routes.people import support_desk
from propfirm.entrypoints.http.routes.programs import program_desk
from propfirm.entrypoints.http.routes.programs import programs as programs_routes
from propfirm.entrypoints.http.routes.purchases import purchases
from propfirm.entrypoints.http.routes.refunds import refunds
from propfirm.entrypoints.http.sandbox import sandbox
from propfirm.entrypoints.settings import Secret, Settings
from propfirm.entrypoints.worker.tasks import sweeps_of, tasks_of


def shared_secret(given: Secret | None, derived: bytes) -> bytes:
    """Both ends of the sandbox are ours: where nobody names a secret, they share one that nobody else can know."""
    return derived if given is None else given.reveal().encode()


def revealed(secret: Secret | None) -> str:
    """What an adapter needs in the open. Whoever starts the service fills in what the surroundings left out."""
    if secret is None:
        msg = "the service was started without a secret that it needs"
        raise ValueError(msg)
    return secret.reveal()


def reading_engine(settings: Settings, writer: AsyncEngine) -> AsyncEngine:
    """For lists and reports: the reader where there is one, else the writer."""
    if settings.reader_url is None:
        return writer
    return make_engine(settings.reader_url.reveal(), connections=settings.connections, name="propfirm reader")


def signing(key: Path | None) -> Signer | None:
    """None: proofs and seals go out unsigned, and say so."""
    return None if key is None else load_key(key)


def embedded_server(folder: Path, system_folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, Ownership(folder), system_folder=system_folder)


class ServiceContainer(Container):
    """As ``Container``, with everything that needs settings and a database."""

    # ------------------------------------------------------------ before there are settings: what ``home`` fills in

    ownership = providers.Factory(Ownership)
    kept_secret = providers.Object(kept_secret)
    embedded_postgres = providers.Factory(embedded_server)
    migrate = providers.Object(upgrade)
    roll_back = providers.Object(downgrade)
    migrated_to = providers.Object(current)
    newest_migration = providers.Object(newest)
    kept_books = providers.Object(kept)
    passing = providers.Object(passes)
    following_clock = providers.Factory(FollowingClock)

    # ------------------------------------------------------------ the service: what every part of it shares

    settings = providers.Dependency(instance_of=Settings)
    clock = providers.Singleton(RealClock)
    wall = providers.Singleton(RealClock)
    ids = providers.Singleton(Uuid7s)
    calculator = providers.Singleton(OneThread)
    engine = providers.Singleton(
        make_engine,
        providers.Callable(revealed, settings.provided.database_url),
        connections=settings.provided.connections,
        name="propfirm",
    )
    work = providers.Singleton(PostgresUnitOfWork, engine=engine)

    # ------------------------------------------------------------ identity

    passwords = providers.Singleton(Argon2Passwords)
    key_ring = providers.Singleton(KeyRing, providers.Callable(revealed, settings.provided.jwt_secret))
    tokens = providers.Singleton(JwtTokens, key_ring)
    standings = providers.Singleton(PostgresStandings, engine)
    register = providers.Factory(Register, work=work, clock=clock, ids=ids, passwords=passwords)
    appoint = providers.Factory(Appoint, work=work, clock=clock, ids=ids, passwords=passwords)
    sign_in = providers.Factory(SignIn, work=work, passwords=passwords, tokens=tokens)
    authenticate = providers.Factory(Authenticate, tokens=tokens, standings=standings)

    # ------------------------------------------------------------ purchases

    sandbox_secret = providers.Callable(
        shared_secret, settings.provided.sandbox_secret, key_ring.provided.derive.call("sandbox")
    )
    checkouts = providers.Singleton(SandboxCheckouts, engine, clock, wall, settings.provided.site)
    notices = providers.Singleton(SandboxNotices, sandbox_secret)
    hook = providers.Singleton(
        HttpPost, providers.Callable("{}/hooks/sandbox".format, settings.provided.own_door), site=settings.provided.site
    )
    courier = providers.Singleton(SandboxCourier, engine, sandbox_secret, hook)
    place_order = providers.Factory(PlaceOrder, work=work, clock=clock, ids=ids, provider=checkouts.provided.name)
    open_checkout = providers.Factory(OpenCheckout, work=work, clock=clock, checkouts=checkouts)
    settle_purchase = providers.Factory(SettlePurchase, work=work, clock=clock, ids=ids)
    receive_notice = providers.Factory(ReceiveNotice, work=work, notices=notices, settle=settle_purchase)
    takings = providers.Singleton(SandboxTakings, engine, clock)
    refund_payment = providers.Factory(RefundPayment, work=work, clock=clock, ids=ids, takings=takings)
    retry_refund = providers.Factory(RetryRefund, work=work, clock=clock, ids=ids)
    deliver_purchase = providers.Factory(DeliverPurchase, work=work, clock=clock, ids=ids)

    # ------------------------------------------------------------ the demo: a clock of its own and a simulated platform

    seed: providers.Provider[int | None] = providers.Object(None)
    speed = providers.Object(DEFAULT_SPEED)
    promised_seed = providers.Object(DEFAULT_SEED)
    platform_files = providers.Object((ACTS, PROGRESS))
    stories = providers.Object(STORIES)
    recorded = providers.Singleton(load_recorded, Container.prices)
    virtual_clock = providers.Singleton(
        VirtualClock,
        providers.Callable(Path.joinpath, settings.provided.state, "clock"),
        first=providers.Callable(eve_of, wall.provided.now.call()),
        speed=speed,
    )
    simulator = providers.Singleton(
        SimulatedPlatform,
        providers.Callable(Path.joinpath, settings.provided.state, "platform"),
        recorded,
        contracts=Container.contracts.provided.contracts,
        table=Container.session_table,
        clock=clock,
        seed=seed,
    )

    # ------------------------------------------------------------ the life of accounts, and money out

    platform = simulator
    bank = providers.Singleton(SandboxBank, engine, clock)
    runs = providers.Singleton(
        Runs, contracts=Container.contracts.provided.contracts, sessions=Container.session_table, news=Container.news
    )
    provision_run = providers.Factory(
        ProvisionRun, work=work, clock=clock, platform=platform, contracts=Container.contracts.provided.contracts
    )
    finish_run = providers.Factory(FinishRun, work=work, clock=clock, platform=platform)
    follow_hold = providers.Factory(FollowHold, work=work, platform=platform)
    survey = providers.Factory(Survey, clock=clock, runs=runs, calculator=calculator)
    quote_payout = providers.Factory(QuotePayout, work=work, survey=survey)
    request_payout = providers.Factory(RequestPayout, work=work, clock=clock, ids=ids, survey=survey)
    cancel_payout = providers.Factory(CancelPayout, work=work, clock=clock, ids=ids)
    approve_payout = providers.Factory(ApprovePayout, work=work, clock=clock, ids=ids, survey=survey)
    reject_payout = providers.Factory(RejectPayout, work=work, clock=clock, ids=ids)
    resend_payout = providers.Factory(ResendPayout, work=work, clock=clock, ids=ids)
    see_payout = providers.Factory(SeePayout, work=work)
    payout_queries = providers.Singleton(PostgresPayoutQueries, engine)
    refund_queries = providers.Singleton(PostgresRefundQueries, engine)
    ledger_queries = providers.Singleton(PostgresLedgerQueries, engine)
    send_payout = providers.Factory(SendPayout, work=work, clock=clock, ids=ids, platform=platform, bank=bank)
    free_payouts = providers.Factory(FreePayouts, work=work)
    put_back = providers.Factory(PutBack, work=work, clock=clock, ids=ids, platform=platform)

    # ------------------------------------------------------------ the invariants; each transaction sees one moment

    still = engine.provided.execution_options.call(isolation_level="REPEATABLE READ")
    snapshot = providers.Singleton(PostgresUnitOfWork, engine=still)
    see_purchase = providers.Factory(SeePurchase, snapshot=snapshot)
    replay_runs = providers.Factory(ReplayRuns, work=snapshot, runs=runs, calculator=calculator)
    verify_money = providers.Factory(
        VerifyMoney,
        invariants=providers.Factory(PostgresInvariants, still, clock),
        histories=providers.Factory(PostgresHistories, still),
        bank=bank,
        takings=takings,
        wall=wall,
    )
    seal_days = providers.Factory(
        SealDays,
        work=work,
        snapshot=snapshot,
        clock=clock,
        signer=providers.Callable(signing, settings.provided.signing_key),
        calculator=calculator,
    )
    verify = providers.Factory(
        Verify,
        money=verify_money,
        journal=providers.Factory(
            VerifyJournal, work=snapshot, replay=replay_runs, signatures=Container.verifier, passes=passing, clock=clock
        ),
    )

    # ------------------------------------------------------------ the worker

    sweep_purchases = providers.Factory(
        SweepPurchases,
        work=work,
        wall=wall,
        checkouts=checkouts,
        settle=settle_purchase,
        deliver=deliver_purchase,
    )
    sweep_refunds = providers.Factory(SweepRefunds, work=work, wall=wall, refund=refund_payment)
    sweep_takings = providers.Factory(SweepTakings, work=work, wall=wall, takings=takings, settle=settle_purchase)
    sweep_appeals = providers.Factory(SweepAppeals, work=work, clock=clock)
    sweep_runs = providers.Factory(SweepRuns, work=work)
    forget_answers = providers.Factory(ForgetAnswers, work=work)
    sweep_payouts = providers.Factory(SweepPayouts, work=work, wall=wall, send=send_payout)
    worker = providers.Factory(
        JobWorker,
        providers.Callable(revealed, settings.provided.database_url),
        providers.Callable(
            tasks_of,
            deliver=deliver_purchase.provider,
            provision=provision_run.provider,
            finish=finish_run.provider,
            hold=follow_hold.provider,
            send=send_payout.provider,
            free=free_payouts.provider,
            put_back=put_back.provider,
            refund=refund_payment.provider,
        ),
        providers.Callable(
            sweeps_of,
            sweep_purchases,
            sweep_refunds,
            sweep_takings,
            sweep_payouts,
            sweep_appeals,
            sweep_runs,
            seal_days,
            forget_answers,
            courier,
            settings.provided.environment,
        ),
        passes=passing,
    )

    # ------------------------------------------------------------ what people look at, and the staff's acts

    reader = providers.Singleton(reading_engine, settings, engine)
    program_queries = providers.Singleton(PostgresProgramQueries, reader)
    account_queries = providers.Singleton(PostgresAccountQueries, reader)
    current_accounts = providers.Singleton(PostgresAccountQueries, engine)  # for whoever acts by what they see
    people_queries = providers.Singleton(PostgresPeopleQueries, reader)
    note_queries = providers.Singleton(PostgresNoteQueries, reader)
    news_queries = providers.Singleton(PostgresNewsQueries, reader)
    figure_queries = providers.Singleton(PostgresFigureQueries, reader)

    look_at_progress = providers.Factory(LookAtProgress, snapshot=snapshot, clock=clock, runs=runs)
    tell_activities = providers.Factory(TellActivities, queries=account_queries, work=work, runs=runs)
    export_proof = providers.Factory(
        ExportProof,
        work=snapshot,
        runs=runs,
        contracts_version=Container.contracts.provided.version,
        signer=providers.Callable(signing, settings.provided.signing_key),
        calculator=calculator,
    )
    ask_outlook = providers.Factory(AskOutlook, snapshot=snapshot, runs=runs, survey=survey)

    draft_program = providers.Factory(DraftProgram, work=work, clock=clock, check=Container.check_program)
    publish_program = providers.Factory(PublishProgram, work=work, clock=clock, check=Container.check_program)
    price_program = providers.Factory(PriceProgram, work=work, clock=clock)
    retire_program = providers.Factory(RetireProgram, work=work, clock=clock)
    write_note = providers.Factory(WriteNote, work=work, clock=clock, ids=ids)
    review_violation = providers.Factory(ReviewViolation, work=work, clock=clock)
    hold_account = providers.Factory(HoldAccount, work=work, clock=clock)
    file_appeal = providers.Factory(FileAppeal, work=work, clock=clock, ids=ids)
    withdraw_appeal = providers.Factory(WithdrawAppeal, work=work, clock=clock)
    propose_decision = providers.Factory(
        ProposeDecision,
        work=work,
        clock=clock,
        prove=export_proof,
        verify=Container.verify_proof,
        calculator=calculator,
    )
    answer_proposal = providers.Factory(AnswerProposal, work=work, clock=clock, runs=runs, calculator=calculator)
    keep_news = providers.Factory(
        KeepNews,
        work=work,
        clock=clock,
        ids=ids,
        touched=providers.Factory(TouchedByNews, queries=news_queries, work=work),
        feeds=providers.Factory(frozenset, providers.List(Container.news.provided.feed)),
    )

    # ------------------------------------------------------------ what a firm begins with, and how it is watched

    seed_firm = providers.Factory(
        SeedFirm, work=work, clock=clock, ids=ids, programs=Container.programs, news=Container.news
    )
    seed_people = providers.Factory(SeedPeople, work=work, clock=clock, ids=ids, passwords=passwords)
    look_at_board = providers.Factory(
        LookAtBoard, queries=account_queries, look=look_at_progress, activities=tell_activities, clock=clock
    )
    board = providers.Factory(TerminalBoard)

    # ------------------------------------------------------------ HTTP: each part adds its router to the list

    readiness = providers.Singleton(PostgresReadiness, engine)
    once = providers.Singleton(Once, work=work, secret=key_ring.provided.derive.call("idempotency"))
    cursors = providers.Singleton(Cursors, key_ring.provided.derive.call("cursors"))
    routers = providers.List(
        providers.Factory(health, readiness),
        providers.Factory(identity, register=register.provider, sign_in=sign_in.provider),
        providers.Factory(
            purchases,
            place_order=place_order.provider,
            open_checkout=open_checkout.provider,
            see_purchase=see_purchase.provider,
        ),
        providers.Factory(
            payouts,
            quote=quote_payout.provider,
            ask=request_payout.provider,
            see=see_payout.provider,
            cancel=cancel_payout.provider,
            approve=approve_payout.provider,
            reject=reject_payout.provider,
            resend=resend_payout.provider,
            queries=payout_queries.provider,
        ),
        providers.Factory(
            sandbox,
            checkouts.provider,
            bank.provider,
            receive_notice.provider,
            environment=settings.provided.environment,
        ),
        providers.Factory(programs_routes, program_queries.provider),
        providers.Factory(
            accounts_routes,
            queries=account_queries.provider,
            look=look_at_progress.provider,
            tell=tell_activities.provider,
            ask=ask_outlook.provider,
            prove=export_proof.provider,
            filing=file_appeal.provider,
            withdraw=withdraw_appeal.provider,
        ),
        providers.Factory(
            program_desk,
            queries=program_queries.provider,
            parse=providers.Object(parse_programs),
            check=Container.check_program.provider,
            drafting=draft_program.provider,
            publishing=publish_program.provider,
            pricing=price_program.provider,
            retiring=retire_program.provider,
        ),
        providers.Factory(
            oversight,
            accounts=account_queries.provider,
            hold=hold_account.provider,
            reviewing=review_violation.provider,
            proposing=propose_decision.provider,
            answering=answer_proposal.provider,
        ),
        providers.Factory(
            support_desk,
            figures=figure_queries.provider,
            people=people_queries.provider,
            notes=note_queries.provider,
            writing=write_note.provider,
            clock=clock.provider,
        ),
        providers.Factory(books, ledger_queries.provider),
        providers.Factory(refunds, queries=refund_queries.provider, retry=retry_refund.provider),
        providers.Factory(news_desk, news=news_queries.provider, keep=keep_news.provider),
    )
    http = providers.Factory(
        create_app,
        routers,
        authenticate=authenticate,
        once=once,
        cursors=cursors,
        allowed_hosts=settings.provided.allowed_hosts,
        new_id=ids.provided.new,
        passes=passing,
        pages=providers.Callable(documentation_files),
    )
