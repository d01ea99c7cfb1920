"""The journal: quotes once per symbol, an account's own events, and where the engine stands. By the plain driver, since
these are the rows that there are millions of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.documents import dump
from propfirm.adapters.postgres.tables import risk_states
from propfirm.application.ports.work import Entry, Quoted, Risk
from propfirm.application.proofs import chain, codec
from propfirm.domain.evaluation.facts import AccountId
from propfirm.domain.rules.findings import Finding, Hit
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import ENGINE_SEMANTICS

_STATE = msgspec.msgpack.Decoder(State)


def risk_from_row(row: Mapping[str, Any]) -> Risk:
    return Risk(AccountId(row["account_id"]), row["run"], _STATE.decode(row["state"]), row["seen"], row["head"])
