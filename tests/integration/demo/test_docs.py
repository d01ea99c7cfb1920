"""What a stranger is told to type is typed: the lines of the API's page and those that ``propfirm dev`` prints."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from propfirm.entrypoints.cli.dev import READY
from propfirm.entrypoints.demo.firm import ADMIN, DOMAIN, SUPPORT
from tests.integration.demo.processes import SOURCES
from tests.integration.demo.started import Started, Visitor, started
from tests.integration.http.conftest import PASSWORD

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="the lines are for bash and curl"),
]
PAGE: Final = Path(__file__).parents[3] / "docs" / "http-api.md"
BLOCKS: Final = ("story", "payout")
ANN: Final = "ann@example.com"
DAYS: Final = 30
"""From purchase to payout are 16 at most."""
TYPED_S: Final = 240.0
"""Until a shell has ended."""
OPENED: Final = """
select count(*) from accounts join users on users.id = accounts.owner_id
where users.email = :email and accounts.state = 'evaluating'
"""


def lines_of(page: str, block: str) -> str:
    """Of the ``sh`` block between a block's two marks."""
    found = re.search(rf"<!-- {block}:start -->\n```sh\n(.*?)```\n<!-- {block}:end -->", page, re.DOTALL)
    assert found is not None, block
    return found[1]


async def typed(lines: str, folder: Path, **variables: str) -> asyncio.subprocess.Process:
    """Into one shell, which ends at the first line that fails."""
    commands = folder / "bin"
    commands.mkdir()
    command = commands / "propfirm"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m propfirm "$@"\n')
    command.chmod(0o755)
    surroundings = {"PATH": f"{commands}:{os.environ['PATH']}", "HOME": str(folder), "PYTHONPATH": str(SOURCES)}
    return await asyncio.create_subprocess_exec(
        *("bash", "-eu", "-c", lines),
        cwd=folder,
        env=surroundings | variables,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def told(shell: asyncio.subprocess.Process) -> str:
    """All that it said; it went well."""
    said, _ = await asyncio.wait_for(shell.communicate(), TYPED_S)
    assert shell.returncode == 0, said.decode()
    return said.decode()


async def test_the_pages_lines_lead_from_registering_to_a_payout_and_a_proof(database: str, tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    async with started(database, tmp_path) as firm:
        lines = "\n".join(lines_of(page, block) for block in BLOCKS)
        shell = await typed(lines, tmp_path, API=firm.container.settings().site, PASSWORD=PASSWORD)
        saying = asyncio.create_task(told(shell))
        try:
            await _time_passes_until_a_payout(firm, saying)
            said = await saying
        finally:
            if shell.returncode is None:
                shell.kill()
                await shell.wait()
        await _paid_and_proven(await firm.signed_in(ANN), said, tmp_path)
        assert await firm.verified() == []


async def test_what_dev_prints_shows_an_account_to_its_trader(database: str, tmp_path: Path) -> None:
    async with started(database, tmp_path) as firm:
        site = firm.container.settings().site
        names = {"domain": DOMAIN, "support": SUPPORT, "admin": ADMIN, "password": PASSWORD}
        printed = READY.format(site=site, **names, watch="", week="", seed=0, speed=0, state="")
        lines = re.search(r"by the API:\n(.*?)\n  3\.", printed, re.DOTALL)
        assert lines is not None, printed
        said = json.loads(await told(await typed(lines[1], tmp_path)))
        grace = await firm.signed_in(f"grace@{DOMAIN}")
        assert said == await grace.get("/v1/accounts")
        assert len(said["items"]) == 1


async def _time_passes_until_a_payout(firm: Started, saying: asyncio.Task[str]) -> None:
    """The evening stands while the account is bought; then the days pass until it may be paid out."""

    async def opened() -> bool:
        return saying.done() or bool(await firm.scalar(OPENED, email=ANN))

    await firm.until(opened)
    if saying.done():
        return
    ann = await firm.signed_in(ANN)
    (account,) = (await ann.get("/v1/accounts"))["items"]

    async def payable() -> bool:
        quote = await ann.ask(f"/v1/accounts/{account['id']}/payout-quote")
        return saying.done() or (quote.status_code == 200 and bool(quote.json()["eligible"]))

    await firm.days_pass(payable, most=DAYS)


async def _paid_and_proven(ann: Visitor, said: str, folder: Path) -> None:
    (payout,) = (await ann.get("/v1/payouts"))["items"]
    assert payout["state"] == "sent"
    assert payout["trader_minor"] > 0
    (account,) = (await ann.get("/v1/accounts"))["items"]
    assert account["state"] == "funded"
    for business in ("payout_approved", "payout_sent"):
        assert business in said
    assert json.loads((folder / "proof.json").read_text("utf-8"))
    assert "the proof holds" in said
