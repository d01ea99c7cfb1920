"""The two life-cycles as tables for people. docs/life-of-an-account.md is drawn from them; tests hold them equal to
what ``decide`` and ``evolve`` do.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final, TypeAlias

Edge: TypeAlias = tuple[str, str, str]
"""State before (``-``: there is none yet), event, state after."""

ACCOUNT_EDGES: Final[tuple[Edge, ...]] = (
    ("-", "AccountOpened", "Pending"),
    ("Pending", "AccountRebilled", "Pending"),
    ("Pending", "OfferAccepted", "Pending"),
    ("Pending", "ProgramVersionMoved", "Pending"),
    ("Pending", "AccountActivated", "Evaluating"),
    ("Pending", "AccountFunded", "Funded"),
    ("Pending", "AccountSuspended", "Suspended"),
    ("Pending", "AccountClosed", "Closed"),
    ("Pending", "OfferLapsed", "Closed"),
    ("Evaluating", "AccountRebilled", "Evaluating"),
    ("Evaluating", "ProgramVersionMoved", "Evaluating"),
    ("Evaluating", "StagePassed", "Passed"),
    ("Evaluating", "AccountSuspended", "Suspended"),
    ("Evaluating", "AccountBreached", "Failed"),
    ("Evaluating", "AccountExpired", "Failed"),
    ("Evaluating", "AccountClosed", "Closed"),
    ("Passed", "StageGranted", "Pending"),
    ("Passed", "ProgramVersionMoved", "Passed"),
    ("Passed", "AccountSuspended", "Suspended"),
    ("Passed", "AccountClosed", "Closed"),
    ("Funded", "AccountGrown", "Pending"),
    ("Funded", "AccountTransferred", "Pending"),
    ("Funded", "StagePassed", "Passed"),
    ("Funded", "AccountRebilled", "Funded"),
    ("Funded", "ProgramVersionMoved", "Funded"),
    ("Funded", "AccountSuspended", "Suspended"),
    ("Funded", "AccountBreached", "Failed"),
    ("Funded", "AccountExpired", "Failed"),
    ("Funded", "AccountClosed", "Closed"),
    ("Suspended", "AccountResumed", "Pending"),
    ("Suspended", "AccountResumed", "Evaluating"),
    ("Suspended", "AccountResumed", "Passed"),
    ("Suspended", "AccountResumed", "Funded"),
    ("Suspended", "HoldLifted", "Suspended"),
    ("Suspended", "HoldPlaced", "Suspended"),
    ("Suspended", "StagePassed", "Suspended"),
    ("Suspended", "AccountBreached", "Failed"),
    ("Suspended", "AccountExpired", "Failed"),
    ("Suspended", "AccountClosed", "Closed"),
    ("Failed", "AccountReset", "Pending"),
    ("Failed", "AccountRestarted", "Pending"),
    ("Failed", "AccountReinstated", "Evaluating"),
    ("Failed", "AccountReinstated", "Funded"),
    ("Failed", "AccountReinstated", "Suspended"),
    ("Failed", "AppealSettled", "Failed"),
    ("Failed", "HoldLifted", "Failed"),
    ("Failed", "HoldPlaced", "Failed"),
    ("Failed", "VerdictAppealed", "Failed"),
    ("Failed", "AccountClosed", "Closed"),
)
APPEAL_EDGES: Final[tuple[Edge, ...]] = (
    ("-", "AppealFiled", "Filed"),
    ("Filed", "AppealEscalated", "Filed"),
    ("Filed", "DecisionProposed", "UnderReview"),
    ("Filed", "AppealWithdrawn", "Withdrawn"),
    ("Filed", "AppealLapsed", "Lapsed"),
    ("UnderReview", "DecisionDeclined", "Filed"),
    ("UnderReview", "AppealEscalated", "UnderReview"),
    ("UnderReview", "AppealUpheld", "Upheld"),
    ("UnderReview", "AppealOverturned", "Overturned"),
    ("UnderReview", "AppealWithdrawn", "Withdrawn"),
    ("UnderReview", "AppealLapsed", "Lapsed"),
)

Answers: TypeAlias = dict[str, dict[str, str]]
"""Command, state: every answer that the pair can give. Event names, ``already so`` for an empty list, refusal names."""

ACCOUNT_ANSWERS: Final[Answers] = {
    "Open": {
        "-": "AccountOpened",
        "Pending": "already so, AlreadyOpen",
        "Evaluating": "already so, AlreadyOpen",
        "Passed": "already so, AlreadyOpen",
        "Funded": "already so, AlreadyOpen",
        "Suspended": "already so, AlreadyOpen",
        "Failed": "already so, AlreadyOpen",
        "Closed": "already so, AlreadyOpen",
    },
    "Accept": {
        "-": "NoSuchAccount",
        "Pending": "OfferAccepted, already so, FeeNotPaid, NotInThisState, OfferOver",
        "Evaluating": "already so, NotInThisState",
        "Passed": "already so, NotInThisState",
        "Funded": "already so, NotInThisState",
        "Suspended": "already so, NotInThisState",
        "Failed": "already so, NotInThisState",
        "Closed": "already so, NotInThisState",
    },
    "Activate": {
        "-": "NoSuchAccount",
        "Pending": "AccountActivated, OfferNotAccepted, StageOfOtherKind",
        "Evaluating": "already so, NotInThisState",
        "Passed": "NotInThisState",
        "Funded": "NotInThisState",
        "Suspended": "already so, NotInThisState",
        "Failed": "already so, NotInThisState",
        "Closed": "NotInThisState",
    },
    "Fund": {
        "-": "NoSuchAccount",
        "Pending": "AccountFunded, OfferNotAccepted, StageOfOtherKind",
        "Evaluating": "NotInThisState",
        "Passed": "NotInThisState",
        "Funded": "already so, NotInThisState",
        "Suspended": "already so, NotInThisState",
        "Failed": "already so, NotInThisState",
        "Closed": "NotInThisState",
    },
    "RecordBreach": {
        "-": "NoSuchAccount",
        "Pending": "already so, NoSuchRun, NotInThisState",
        "Evaluating": "AccountBreached, AccountExpired, already so, NoSuchRun, NotABreach",
        "Passed": "already so, NoSuchRun, VerdictStands",
        "Funded": "AccountBreached, AccountExpired, already so, NoSuchRun, NotABreach",
        "Suspended": (
            "AccountBreached, AccountExpired, already so, NoSuchRun, NotABreach, NotInThisState, VerdictStands"
        ),
        "Failed": "already so, NoSuchRun, VerdictStands",
        "Closed": "already so, NoSuchRun",
    },
    "RecordPass": {
        "-": "NoSuchAccount",
        "Pending": "already so, NoSuchRun, NotInThisState",
        "Evaluating": "StagePassed, already so, NoSuchRun",
        "Passed": "already so, NoSuchRun, VerdictStands",
        "Funded": "StagePassed, already so, NoSuchRun",
        "Suspended": "StagePassed, already so, NoSuchRun, NotInThisState, VerdictStands",
        "Failed": "already so, NoSuchRun, VerdictStands",
        "Closed": "already so, NoSuchRun",
    },
    "Advance": {
        "-": "NoSuchAccount",
        "Pending": "already so, NotInThisState, RunMovedOn",
        "Evaluating": "already so, NotInThisState, RunMovedOn",
        "Passed": "StageGranted, already so, LastStage, RunMovedOn, StageMissing",
        "Funded": "already so, NotInThisState, RunMovedOn",
        "Suspended": "already so, NotInThisState, RunMovedOn",
        "Failed": "already so, NotInThisState, RunMovedOn",
        "Closed": "already so, NotInThisState, RunMovedOn",
    },
    "Suspend": {
        "-": "NoSuchAccount",
        "Pending": "AccountSuspended, ReasonMissing",
        "Evaluating": "AccountSuspended, ReasonMissing",
        "Passed": "AccountSuspended, ReasonMissing",
        "Funded": "AccountSuspended, ReasonMissing",
        "Suspended": "HoldPlaced, already so, ReasonMissing",
        "Failed": "HoldPlaced, already so, ReasonMissing",
        "Closed": "NotInThisState",
    },
    "Resume": {
        "-": "NoSuchAccount",
        "Pending": "already so",
        "Evaluating": "already so",
        "Passed": "already so",
        "Funded": "already so",
        "Suspended": "AccountResumed, HoldLifted, already so, FourEyes, ReasonMissing",
        "Failed": "HoldLifted, already so, FourEyes, ReasonMissing",
        "Closed": "NotInThisState",
    },
    "Reset": {
        "-": "NoSuchAccount",
        "Pending": "already so, NotInThisState, RunMovedOn",
        "Evaluating": "already so, NotInThisState, RunMovedOn",
        "Passed": "already so, NotInThisState, RunMovedOn",
        "Funded": "already so, NotInThisState, RunMovedOn",
        "Suspended": "already so, NotInThisState, RunMovedOn",
        "Failed": (
            "AccountReset, already so, AppealOpen, FeeNotPaid, NoReset, NoResetsLeft, OnHold, OtherProgram, "
            "RunMovedOn, StageMissing"
        ),
        "Closed": "already so, NotInThisState, RunMovedOn",
    },
    "Rebill": {
        "-": "NoSuchAccount",
        "Pending": "AccountRebilled, already so, FeeNotPaid, NotASubscription",
        "Evaluating": "AccountRebilled, already so, FeeNotPaid, NotASubscription",
        "Passed": "already so, NotInThisState",
        "Funded": "AccountRebilled, already so, FeeNotPaid, NotASubscription",
        "Suspended": "already so, NotInThisState",
        "Failed": (
            "AccountRestarted, already so, AppealOpen, FeeNotPaid, NotASubscription, OnHold, RebillDoesNotRestart"
        ),
        "Closed": "already so, NotInThisState",
    },
    "Expire": {
        "-": "NoSuchAccount",
        "Pending": "OfferLapsed, already so, TooEarly",
        "Evaluating": "already so",
        "Passed": "already so",
        "Funded": "already so",
        "Suspended": "already so",
        "Failed": "already so",
        "Closed": "already so",
    },
    "Close": {
        "-": "NoSuchAccount",
        "Pending": "AccountClosed, ReasonMissing",
        "Evaluating": "AccountClosed, ReasonMissing",
        "Passed": "AccountClosed, ReasonMissing",
        "Funded": "AccountClosed, ReasonMissing",
        "Suspended": "AccountClosed, ReasonMissing",
        "Failed": "AccountClosed, AppealOpen, ReasonMissing",
        "Closed": "already so",
    },
    "GrowTo": {
        "-": "NoSuchAccount",
        "Pending": "already so, NotInThisState, RunMovedOn",
        "Evaluating": "NotInThisState, RunMovedOn",
        "Passed": "already so, NotInThisState, RunMovedOn",
        "Funded": (
            "AccountGrown, already so, ConsentMissing, GrowthNotEarned, NoGrowth, OtherProgram, RunMovedOn, "
            "StageMissing"
        ),
        "Suspended": "already so, NotInThisState, RunMovedOn",
        "Failed": "already so, NotInThisState, RunMovedOn",
        "Closed": "already so, NotInThisState, RunMovedOn",
    },
    "Transfer": {
        "-": "NoSuchAccount",
        "Pending": "already so, NotInThisState, RunMovedOn",
        "Evaluating": "NotInThisState, RunMovedOn",
        "Passed": "already so, NotInThisState, RunMovedOn",
        "Funded": (
            "AccountTransferred, already so, BalanceByRule, BalanceMissing, BalancesMiscounted, LastStage, "
            "NoTransfer, NotAmongTransferred, ReasonMissing, RunMovedOn, TransferNotEarned"
        ),
        "Suspended": "already so, NotInThisState, RunMovedOn",
        "Failed": "already so, NotInThisState, RunMovedOn",
        "Closed": "already so, NotInThisState, RunMovedOn",
    },
    "MoveProgramVersion": {
        "-": "NoSuchAccount",
        "Pending": (
            "ProgramVersionMoved, already so, ConsentMissing, OtherProgram, ReasonMissing, StageMissing, WrongProgram"
        ),
        "Evaluating": (
            "ProgramVersionMoved, already so, ConsentMissing, OtherProgram, ReasonMissing, StageMissing, WrongProgram"
        ),
        "Passed": (
            "ProgramVersionMoved, already so, ConsentMissing, OtherProgram, ReasonMissing, StageMissing, WrongProgram"
        ),
        "Funded": (
            "ProgramVersionMoved, already so, ConsentMissing, OtherProgram, ReasonMissing, StageMissing, WrongProgram"
        ),
        "Suspended": "already so, NotInThisState",
        "Failed": "already so, NotInThisState",
        "Closed": "already so, NotInThisState",
    },
    "HoldForAppeal": {
        "-": "NoSuchAccount",
        "Pending": "NotInThisState",
        "Evaluating": "NotInThisState",
        "Passed": "NotInThisState",
        "Funded": "NotInThisState",
        "Suspended": "NotInThisState",
        "Failed": "VerdictAppealed, already so, AppealOpen, VerdictFinal",
        "Closed": "NotInThisState",
    },
    "SettleAppeal": {
        "-": "NoSuchAccount",
        "Pending": "NotInThisState",
        "Evaluating": "NotInThisState",
        "Passed": "NotInThisState",
        "Funded": "NotInThisState",
        "Suspended": "NotInThisState",
        "Failed": "AppealSettled, already so, NotTheOpenAppeal",
        "Closed": "already so",
    },
    "Reinstate": {
        "-": "NoSuchAccount",
        "Pending": "NotInThisState",
        "Evaluating": "already so, NotInThisState",
        "Passed": "NotInThisState",
        "Funded": "NotInThisState",
        "Suspended": "already so, NotInThisState",
        "Failed": "AccountReinstated, CorrectedStateTooOld, FourEyes, NotTheOpenAppeal",
        "Closed": "NotInThisState",
    },
}
APPEAL_ANSWERS: Final[Answers] = {
    "File": {
        "-": "AppealFiled, AppealTooLate, NotTheOwner, ReasonMissing",
        "Filed": "already so, AlreadyFiled",
        "UnderReview": "already so, AlreadyFiled",
        "Upheld": "already so, AlreadyFiled",
        "Overturned": "already so, AlreadyFiled",
        "Withdrawn": "already so, AlreadyFiled",
        "Lapsed": "already so, AlreadyFiled",
    },
    "Propose": {
        "-": "NoSuchAppeal",
        "Filed": "DecisionProposed, AgainstTheEvidence, FourEyes, OtherSemantics, ReasonMissing",
        "UnderReview": "already so, ProposalPending",
        "Upheld": "NotInThisState",
        "Overturned": "NotInThisState",
        "Withdrawn": "NotInThisState",
        "Lapsed": "NotInThisState",
    },
    "Confirm": {
        "-": "NoSuchAppeal",
        "Filed": "NotInThisState",
        "UnderReview": "AppealOverturned, AppealUpheld, FourEyes, ProposalChanged",
        "Upheld": "already so, NotInThisState",
        "Overturned": "already so, NotInThisState",
        "Withdrawn": "NotInThisState",
        "Lapsed": "NotInThisState",
    },
    "Decline": {
        "-": "NoSuchAppeal",
        "Filed": "already so, NotInThisState",
        "UnderReview": "DecisionDeclined, FourEyes, ProposalChanged, ReasonMissing",
        "Upheld": "NotInThisState",
        "Overturned": "NotInThisState",
        "Withdrawn": "NotInThisState",
        "Lapsed": "NotInThisState",
    },
    "Withdraw": {
        "-": "NoSuchAppeal",
        "Filed": "AppealWithdrawn, NotTheOwner",
        "UnderReview": "AppealWithdrawn, NotTheOwner",
        "Upheld": "NotInThisState",
        "Overturned": "NotInThisState",
        "Withdrawn": "already so",
        "Lapsed": "NotInThisState",
    },
    "Escalate": {
        "-": "NoSuchAppeal",
        "Filed": "AppealEscalated, already so, TooEarly",
        "UnderReview": "AppealEscalated, already so, TooEarly",
        "Upheld": "already so",
        "Overturned": "already so",
        "Withdrawn": "already so",
        "Lapsed": "already so",
    },
    "Lapse": {
        "-": "NoSuchAppeal",
        "Filed": "AppealLapsed, StillMatters",
        "UnderReview": "AppealLapsed, StillMatters",
        "Upheld": "NotInThisState",
        "Overturned": "NotInThisState",
        "Withdrawn": "NotInThisState",
        "Lapsed": "already so",
    },
}


def diagram(edges: tuple[Edge, ...], *, last: tuple[str, ...]) -> str:
    """A Mermaid state diagram of the edges that lead to another state. last: states that nothing leads out of."""
    lines = ["stateDiagram-v2"]
    ways = sorted((_node(before), _node(after), event) for before, event, after in edges if before != after)
    for (before, after), group in groupby(ways, key=lambda way: way[:2]):
        lines.append(f"    {before} --> {after}: " + "<br/>".join(event for _, _, event in group))
    lines += [f"    {state} --> [*]" for state in last]
    return "\n".join(lines)


def _node(state: str) -> str:
    return "[*]" if state == "-" else state


def stays(edges: tuple[Edge, ...]) -> str:
    """A Markdown table of the events that change a fact of a state, not the state."""
    rows = ["| state | stays itself at |", "|---|---|"]
    loops = sorted((before, event) for before, event, after in edges if before == after)
    for state, group in groupby(loops, key=lambda loop: loop[0]):
        rows.append(f"| {state} | " + ", ".join(event for _, event in group) + " |")
    return "\n".join(rows)


def answers(table: Answers) -> str:
    """A Markdown table of every (command, state) pair; states with the same answers share a row."""
    rows = ["| command | in state | answers |", "|---|---|---|"]
    for command, by_state in table.items():
        together: dict[str, list[str]] = {}
        for state, said in by_state.items():
            together.setdefault(said, []).append("no account" if state == "-" else state)
        rows += [f"| {command} | {', '.join(states)} | {said} |" for said, states in together.items()]
    return "\n".join(rows)
