"""Registering and signing in."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.http.conftest import registered

pytestmark = pytest.mark.anyio


async def test_who_registers_can_sign_in(client: httpx.AsyncClient) -> None:
    ann = await registered(client)
    assert ann.person["email"] == "ann@example.com"
    assert ann.person["role"] == "trader"
    assert "password" not in str(ann.person)
