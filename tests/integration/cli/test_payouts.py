"""``propfirm payouts`` on a real Postgres: asked for, decided, and refused with every reason."""

from __future__ import annotations

from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.views.payouts import PayoutView, QuoteView
from tests.integration.cli.conftest import ADMIN, ANN, SUPPORT, TRADER, Command, Funded, audited, contents, unknown


def requested(command: Command, funded: Funded, dollars: str = "500") -> str:
    ended = command("payouts", "request", funded.account, dollars, "--yes", "--as", ANN, "--json")
    assert ended.code == exits.OK, ended.err
    ended.holds(PayoutView)
    return str(ended.json["id"])


def test_a_quote_says_what_may_be_taken_and_what_stands_in_the_way(command: Command, funded: Funded) -> None:
    machines = command("payouts", "quote", funded.account, "--json")
    machines.holds(QuoteView)
    assert (machines.json["eligible"], machines.json["available_minor"]) == (True, 1_999_99)
    assert "1,999.99" in command("payouts", "quote", funded.account).out
    too_much = command("payouts", "quote", funded.account, "--amount", "5000")
    assert too_much.code == exits.OK
    assert "not met: asked_too_much: " in too_much.out


def test_a_payout_is_asked_for_by_its_trader_and_approved_by_the_staff(
    command: Command, at_the_firm: str, funded: Funded
) -> None:
    before = contents(at_the_firm)
    assert command("payouts", "request", funded.account, "500", "--yes", "--as", TRADER).code == exits.BAD_INPUT
    too_much = command("payouts", "request", funded.account, "5000", "--yes", "--as", ANN)
    assert (too_much.code, "does not meet every condition" in too_much.err) == (exits.BAD_INPUT, True)
    assert contents(at_the_firm) == before
    payout = requested(command, funded)
    shown = command("payouts", "show", payout)
    assert (shown.code, "requested" in shown.out, "500.00" in shown.out) == (exits.OK, True, True)
    command("payouts", "show", payout, "--json").holds(PayoutView)
    approved = command("payouts", "approve", payout, "--yes", "--as", ADMIN, "--json")
    approved.holds(PayoutView)
    assert (approved.code, approved.json["state"], approved.json["trader_minor"]) == (exits.OK, "approved", 450_00)
    assert audited(at_the_firm)[-2:] == [("payout_requested", ANN), ("payout_approved", ADMIN)]
    assert command("payouts", "resend", payout, "--yes", "--as", ADMIN).code == exits.BAD_INPUT


def test_a_request_is_taken_back_or_rejected_by_a_rule(command: Command, at_the_firm: str, funded: Funded) -> None:
    taken_back = command("payouts", "cancel", requested(command, funded), "--yes", "--as", ANN)
    assert (taken_back.code, "cancelled" in taken_back.out) == (exits.OK, True)
    payout = requested(command, funded)
    no = ("payouts", "reject", payout, "--reason", "traded the release", "--yes", "--as", ADMIN)
    nonsense = command(*no, "--rule", "mood")
    assert (nonsense.code, "mood" in nonsense.err) == (exits.BAD_INPUT, True)
    rejected = command(*no, "--rule", "news", "--json")
    assert (rejected.json["state"], rejected.json["rule"]) == ("rejected", "news")
    assert command("payouts", "approve", payout, "--yes", "--as", ADMIN).code == exits.BAD_INPUT
    assert audited(at_the_firm)[-1] == ("payout_rejected", ADMIN)


def test_payouts_are_listed_by_state_and_owner(command: Command, funded: Funded) -> None:
    payout = requested(command, funded)

    def listed(*filters: str) -> list[str]:
        answer = command("payouts", "list", "--json", *filters)
        answer.holds(Page[PayoutView])
        return [one["id"] for one in answer.json["items"]]

    assert listed() == listed("--state", "requested") == listed("--owner", ANN) == [payout]
    assert listed("--state", "sent") == listed("--owner", SUPPORT) == []
    assert payout in command("payouts", "list").out


def test_a_payout_that_there_is_not_is_told(command: Command, staff: None) -> None:
    for name, *more in (("show",), ("approve", "--yes", "--as", ADMIN), ("resend", "--yes", "--as", ADMIN)):
        ended = command("payouts", name, unknown(), *more)
        assert (ended.code, ended.out, ended.err) == (exits.BAD_INPUT, "", "There is no such thing\n"), name


def test_what_is_no_amount_is_refused(command: Command) -> None:
    for amount in ("0", "-5", "1.001", "1e3", "ten", "99999999999999"):
        ended = command("payouts", "request", unknown(), amount, "--yes", "--as", ANN)
        assert (ended.code, ended.out) == (exits.BAD_INPUT, ""), amount
