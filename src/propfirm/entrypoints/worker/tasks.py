"""Which job is which use case. The arguments are those with which ``tx.jobs`` enqueued it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from propfirm.application.audit.seal_days import SealDays
from propfirm.application.evaluation.after_the_end import FinishRun
from propfirm.application.evaluation.appeals import SweepAppeals
from propfirm.application.evaluation.desk import ENDED
from propfirm.application.evaluation.follow_hold import FollowHold
from propfirm.application.evaluation.moves import FREED, HOLD, PROVISION
from propfirm.application.evaluation.provision_run import ProvisionRun
from propfirm.application.evaluation.sweep_runs import SweepRuns
from propfirm.application.payouts.moves import PUT_BACK, SEND
from propfirm.application.payouts.send_payout import FreePayouts, PutBack, SendPayout, SweepPayouts
from propfirm.application.ports.jobs import Sweep, Task
from propfirm.application.purchases.deliver_purchase import DeliverPurchase
from propfirm.application.purchases.owe import REFUND
from propfirm.application.purchases.refund_payment import RefundPayment, SweepRefunds, SweepTakings
from propfirm.application.purchases.settle import DELIVER
from propfirm.application.purchases.sweep import SweepPurchases
from propfirm.application.support.forget_answers import ForgetAnswers
from propfirm.domain.ids import AccountId, PayoutId, PurchaseId, RefundId

HEAL_EVERY_S = 10.0
LOOK_EVERY_S = 60.0
CARRY_EVERY_S = 0.25
FORGET_EVERY_S = 600.0


def tasks_of(
    deliver: Callable[[], DeliverPurchase],
    provision: Callable[[], ProvisionRun],
    finish: Callable[[], FinishRun],
    hold: Callable[[], FollowHold],
    send: Callable[[], SendPayout],
    free: Callable[[], FreePayouts],
    put_back: Callable[[], PutBack],
    refund: Callable[[], RefundPayment],
) -> dict[str, Task]:
    async def do_deliver(given: Mapping[str, str]) -> None:
        await deliver()(PurchaseId(UUID(given["purchase"])))

    async def do_provision(given: Mapping[str, str]) -> None:
        await provision()(AccountId(UUID(given["account"])))

    async def do_finish(given: Mapping[str, str]) -> None:
        await finish()(AccountId(UUID(given["account"])), int(given["run"]), given["platform_account"])

    async def do_hold(given: Mapping[str, str]) -> None:
        await hold()(AccountId(UUID(given["account"])))

    async def do_send(given: Mapping[str, str]) -> None:
        await send()(PayoutId(UUID(given["payout"])), int(given["attempt"]))

    async def do_free(given: Mapping[str, str]) -> None:
        await free()(AccountId(UUID(given["account"])))

    async def do_put_back(given: Mapping[str, str]) -> None:
        await put_back()(PayoutId(UUID(given["payout"])))

    async def do_refund(given: Mapping[str, str]) -> None:
        await refund()(RefundId(UUID(given["refund"])), int(given["attempt"]))

    return {
        DELIVER: do_deliver,
        PROVISION: do_provision,
        ENDED: do_finish,
        HOLD: do_hold,
        SEND: do_send,
        FREED: do_free,
        PUT_BACK: do_put_back,
        REFUND: do_refund,
    }


def sweeps_of(  # noqa: PLR0913, PLR0917 - one argument a sweep
    purchases: SweepPurchases,
    refunds: SweepRefunds,
    takings: SweepTakings,
    payouts: SweepPayouts,
    appeals: SweepAppeals,
    runs: SweepRuns,
    seals: SealDays,
    answers: ForgetAnswers,
    courier: Callable[[], Awaitable[object]],
    environment: str,
) -> tuple[Sweep, ...]:
    """courier: of the sandbox, which is no part of production."""
    heal = (
        Sweep("purchases", HEAL_EVERY_S, purchases),
        Sweep("refunds", HEAL_EVERY_S, refunds),
        Sweep("takings", LOOK_EVERY_S, takings),
        Sweep("payouts", HEAL_EVERY_S, payouts),
        Sweep("appeals", HEAL_EVERY_S, appeals),
        Sweep("runs", HEAL_EVERY_S, runs),
        Sweep("seals", HEAL_EVERY_S, seals),
        Sweep("answers", FORGET_EVERY_S, answers),
    )
    return heal if environment == "production" else (*heal, Sweep("sandbox_messages", CARRY_EVERY_S, courier))
