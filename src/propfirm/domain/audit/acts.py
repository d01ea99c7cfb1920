"""What the audit says was done: a closed list, so that whoever looks for an act knows what to look for.

A name is never changed: rows are kept for good. Rows from before this list may say it in other words.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Act: TypeAlias = Literal[
    # people
    "registered",
    "appointed",
    "note_written",
    # programs and releases
    "program_drafted",
    "program_published",
    "program_priced",
    "program_retired",
    "release_listed",
    "release_moved",
    "release_called_off",
    # money in, and back
    "ordered",
    "paid_again",
    "amount_mismatched",
    "payment_contradicted",
    "notice_contradicted",
    "notice_unreadable",
    "notice_orphaned",
    "notice_ignored",
    "refund_retried",
    # accounts and verdicts
    "account_suspended",
    "account_left_open",
    "hold_lifted",
    "violation_reviewed",
    "appeal_filed",
    "decision_proposed",
    "decision_declined",
    "appeal_upheld",
    "appeal_overturned",
    "appeal_withdrawn",
    "appeal_escalated",
    "appeal_lapsed",
    # money out
    "payout_requested",
    "payout_cancelled",
    "payout_approved",
    "payout_rejected",
    "payout_resent",
]
