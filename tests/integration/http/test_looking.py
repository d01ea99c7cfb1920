"""What people see over HTTP, whose it is, and what the staff does there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from dependency_injector.providers import Object
from msgspec.structs import replace

from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.domain.catalogue.document import to_document
from propfirm.domain.catalogue.toml_text import to_toml
from propfirm.domain.identity.people import Role
from propfirm.domain.ids import AccountId, PersonId
from propfirm.entrypoints.http.policy import POLICY
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.firm import join
from tests.integration.http.conftest import key
from tests.integration.http.problems import problem
from tests.integration.postgres.test_desk import Noon, desk_on, falling, trading
from tests.integration.postgres.test_queries import owner_of, three_trades
from tests.integration.postgres.test_stores import PROGRAM, person

pytestmark = pytest.mark.anyio
Headers = dict[str, str]


@dataclass(frozen=True)
class Firm:
    """A failed account, and one header for each who may ask."""

    account: AccountId
    trader: Headers
    stranger: Headers
    support: Headers
    admin: Headers
    second: Headers


def bearer(container: ServiceContainer, person_id: PersonId, role: Role) -> Headers:
    return {"Authorization": f"Bearer {container.tokens().issue(person_id, role)[0]}"}


async def hired(container: ServiceContainer, work: PostgresUnitOfWork, role: Role, email: str) -> Headers:
    someone = replace(person(email), role=role)
    async with work.begin() as tx:
        await join(tx, someone)
    return bearer(container, someone.id, role)


@pytest.fixture
async def firm(container: ServiceContainer) -> Firm:
    container.clock.override(Object(Noon()))
    work = container.work()
    account, desk = await trading(work), desk_on(work)
    for batch in falling():
        await desk.judge(batch)
    return Firm(
        account,
        bearer(container, await owner_of(work, account), "trader"),
        await hired(container, work, "trader", "stranger@example.com"),
        await hired(container, work, "support", "support@example.com"),
        await hired(container, work, "admin", "admin@example.com"),
        await hired(container, work, "admin", "second@example.com"),
    )


OF_AN_ACCOUNT: Final = ("", "/progress", "/activities", "/violations", "/statistics", "/days", "/trades", "/what-if")
MORE_OF_AN_ACCOUNT: Final = ("/proof", "/appeals")


@pytest.mark.parametrize("path", [*OF_AN_ACCOUNT, *MORE_OF_AN_ACCOUNT])
async def test_an_account_is_seen_by_its_owner_and_the_staff_and_by_nobody_else(
    client: httpx.AsyncClient, firm: Firm, path: str
) -> None:
    url = f"/v1/accounts/{firm.account}{path}"
    answers = [await client.get(url, headers=one) for one in (firm.trader, firm.support, firm.admin)]
    assert [one.status_code for one in answers] == [200, 200, 200], answers[0].text
    assert (await client.get(url, headers=firm.stranger)).status_code == 404
    assert (await client.get(url)).status_code == 401
    assert (await client.get(f"/v1/accounts/{uuid4()}{path}", headers=firm.admin)).status_code == 404


STAFF_READS: Final = (
    "/v1/admin/dashboard",
    "/v1/admin/users",
    "/v1/admin/accounts",
    "/v1/admin/accounts/to-close",
    "/v1/admin/violations",
    "/v1/admin/appeals",
    "/v1/admin/news",
    "/v1/admin/refunds",
    "/v1/admin/programs",
    f"/v1/admin/programs/{PROGRAM.id}/{PROGRAM.version}",
    f"/v1/admin/programs/{PROGRAM.id}/changes?before={PROGRAM.version}&after={PROGRAM.version}",
    "/v1/admin/accounts/{account}/notes",
)


@pytest.mark.parametrize("path", STAFF_READS)
async def test_the_staffs_lists_are_for_the_staff(client: httpx.AsyncClient, firm: Firm, path: str) -> None:
    url = path.format(account=firm.account)
    for one in (firm.support, firm.admin):
        answer = await client.get(url, headers=one)
        assert answer.status_code == 200, answer.text
    assert (await client.get(url, headers=firm.trader)).status_code == 403
    assert (await client.get(url)).status_code == 401


ACTS: Final[dict[str, tuple[str, str, dict[str, Any] | None]]] = {
    "admin.programs.draft": ("post", "/v1/admin/programs", {"toml": "x = 1"}),
    "admin.programs.write": ("put", "/v1/admin/programs/x/1", {"toml": "x = 1"}),
    "admin.programs.publish": ("post", "/v1/admin/programs/x/1/publish", None),
    "admin.programs.price": ("post", "/v1/admin/programs/x/1/price", {"price_minor": 1}),
    "admin.programs.retire": ("post", "/v1/admin/programs/x/1/retire", None),
    "admin.accounts.suspend": ("post", "/v1/admin/accounts/{id}/suspend", {"cause": "conduct", "reason": "x"}),
    "admin.accounts.resume": ("post", "/v1/admin/accounts/{id}/resume", {"cause": "conduct", "reason": "x"}),
    "admin.refunds.retry": ("post", "/v1/admin/refunds/{id}/retry", None),
    "admin.violations.review": (
        "post",
        "/v1/admin/violations/review",
        {"account": "{id}", "run": 1, "event": 1, "place": 0, "decision": "cleared", "reason": "x"},
    ),
    "admin.appeals.propose": ("post", "/v1/admin/appeals/{id}/propose", {"decision": "uphold", "reason": "x"}),
    "admin.appeals.confirm": ("post", "/v1/admin/appeals/{id}/confirm", None),
    "admin.appeals.decline": ("post", "/v1/admin/appeals/{id}/decline", {"reason": "x"}),
    "admin.news.add": (
        "post",
        "/v1/admin/news",
        {"feed": "x", "category": "x", "name": "x", "release_at": "2999-01-01T00:00:00Z"},
    ),
    "admin.news.move": ("put", "/v1/admin/news/{id}", {"release_at": "2999-01-01T00:00:00Z"}),
    "admin.news.cancel": ("post", "/v1/admin/news/{id}/cancel", None),
}
"""What only an admin may do; each is refused for reasons of its own once it is an admin who asks."""


def test_every_act_of_an_admin_is_tried() -> None:
    mine = {name for name, who in POLICY.items() if who == "admin" and not name.startswith("admin.payouts")}
    assert mine == ACTS.keys()


@pytest.mark.parametrize("operation", ACTS)
async def test_only_an_admin_decides(client: httpx.AsyncClient, firm: Firm, operation: str) -> None:
    method, path, body = ACTS[operation]
    id_ = str(uuid4())
    sent = None if body is None else {name: id_ if value == "{id}" else value for name, value in body.items()}

    async def ask(headers: Headers) -> int:
        answer = await client.request(method, path.format(id=id_), json=sent, headers={**headers, **key()})
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code

    assert await ask({}) == 401
    assert [await ask(firm.trader), await ask(firm.support)] == [403, 403]
    assert await ask(firm.admin) in {404, 422}


async def test_progress_names_every_rule_in_figures(client: httpx.AsyncClient, firm: Firm) -> None:
    answer = (await client.get(f"/v1/accounts/{firm.account}/progress", headers=firm.trader)).json()
    assert answer["state"] == "failed"
    loss = next(one for one in answer["rules"] if one["rule"] == "max_loss")
    assert (loss["standing"], loss["unit"], loss["resets_in_s"]) == ("hit", "usd", None)
    assert Decimal(loss["left"]) <= 0
    again = await client.post(f"/v1/accounts/{firm.account}/refresh", headers=firm.trader)
    assert again.status_code == 200
    assert again.json()["rules"] == answer["rules"]


async def test_lists_go_on_where_their_cursor_says_and_take_no_other(client: httpx.AsyncClient, firm: Firm) -> None:
    url = f"/v1/accounts/{firm.account}/activities"
    whole = (await client.get(url, headers=firm.trader)).json()["items"]
    got, cursor = [], ""
    while True:
        part = (await client.get(f"{url}?limit=2{cursor}", headers=firm.trader)).json()
        got += part["items"]
        if part["next"] is None:
            break
        cursor = f"&cursor={part['next']}"
        assert (await client.get(f"{url}?limit=2{cursor}", headers=firm.support)).status_code == 400
        assert (await client.get(f"/v1/accounts?{cursor[1:]}", headers=firm.trader)).status_code == 400
    assert got == whole
    for bad in ("0", "-1", "1e1", "201", "01"):
        assert (await client.get(f"{url}?limit={bad}", headers=firm.trader)).status_code == 422
    assert (await client.get("/v1/accounts?state=lost", headers=firm.trader)).status_code == 422
    assert (await client.get("/v1/accounts?order=id;drop", headers=firm.trader)).status_code == 422


async def test_trades_and_statistics_over_http(client: httpx.AsyncClient, container: ServiceContainer) -> None:
    work = container.work()
    account, desk = await trading(work), desk_on(work)
    for batch in three_trades():
        await desk.judge(batch)
    ann = bearer(container, await owner_of(work, account), "trader")
    listed = (await client.get("/v1/accounts", headers=ann)).json()["items"]
    assert [(one["id"], one["state"]) for one in listed] == [(str(account), "evaluating")]
    trades = (await client.get(f"/v1/accounts/{account}/trades", headers=ann)).json()["items"]
    assert [(one["side"], one["profit"]) for one in trades] == [("short", "-27.80"), ("long", "47.20")]
    figures = (await client.get(f"/v1/accounts/{account}/statistics?run=1", headers=ann)).json()
    assert (figures["win_rate"], figures["profit"]) == ("0.5", "19.40")
    assert (await client.get(f"/v1/accounts/{account}/statistics?run=2", headers=ann)).status_code == 404
    told = (await client.get(f"/v1/accounts/{account}/what-if", headers=ann)).json()
    assert told["payout"] is None
    assert [one["quantity"] for one in told["distances"]["positions"]] == [1]


async def test_programs_on_sale_are_seen_by_anyone(client: httpx.AsyncClient, firm: Firm) -> None:
    (offer,) = (await client.get("/v1/programs")).json()
    assert (offer["program"], offer["price_minor"], offer["starting_balance"]) == (PROGRAM.id, 14_900, "50000.00")
    shown = (await client.get(f"/v1/programs/{PROGRAM.id}")).json()
    assert shown["document"]["id"] == PROGRAM.id
    for nothing in ("nothing", "%00", "a" * 4_000, "A%20B"):
        assert (await client.get(f"/v1/programs/{nothing}")).status_code == 404


async def test_a_program_is_brought_to_sale_over_http(client: httpx.AsyncClient, firm: Firm) -> None:
    ours = replace(ShippedPrograms().get("propfirm-2step-50k"), id="ours-50k", version=1)
    document, once = {"toml": to_toml(to_document(ours))}, key()
    checked = await client.post("/v1/admin/programs/check", json=document, headers=firm.support)
    assert checked.json()[0]["contradictions"] == []
    drafted = await client.post("/v1/admin/programs", json=document, headers={**firm.admin, **once})
    assert drafted.status_code == 201, drafted.text
    again = await client.post("/v1/admin/programs", json=document, headers={**firm.admin, **once})
    assert (again.status_code, again.content) == (201, drafted.content)
    url = "/v1/admin/programs/ours-50k/1"
    assert (await client.put(url, json=document, headers=firm.admin)).status_code == 200
    assert (await client.post(f"{url}/publish", headers=firm.admin)).json()["status"] == "published"
    assert (await client.get("/v1/programs/ours-50k")).status_code == 404
    priced = await client.post(f"{url}/price", json={"price_minor": 9_900}, headers=firm.admin)
    assert priced.json()["price_minor"] == 9_900
    assert (await client.get("/v1/programs/ours-50k")).json()["version"] == 1
    assert (await client.put(url, json=document, headers=firm.admin)).status_code == 409
    bad = await client.post("/v1/admin/programs/check", json={"toml": "id = ["}, headers=firm.admin)
    assert (bad.status_code, bad.json()["type"]) == (422, "/problems/program-bad-file")


async def test_notes_reviews_and_the_dashboard(client: httpx.AsyncClient, firm: Firm) -> None:
    url = f"/v1/admin/accounts/{firm.account}/notes"
    written = await client.post(url, json={"text": "called"}, headers={**firm.support, **key()})
    assert written.status_code == 201
    assert (await client.get(url, headers=firm.admin)).json()["items"] == [written.json()]
    (found,) = (await client.get("/v1/admin/violations?review=waiting", headers=firm.admin)).json()["items"]
    hit = found["violation"]
    body = {name: hit[name] for name in ("account", "run", "event", "place")}
    body |= {"decision": "confirmed", "reason": "the tape is clear"}
    said = await client.post("/v1/admin/violations/review", json=body, headers={**firm.admin, **key()})
    assert said.status_code == 201, said.text
    twice = await client.post("/v1/admin/violations/review", json=body, headers={**firm.admin, **key()})
    assert twice.status_code == 409
    assert (await client.get("/v1/admin/violations?review=waiting", headers=firm.admin)).json()["items"] == []
    mine = (await client.get(f"/v1/accounts/{firm.account}/violations", headers=firm.trader)).json()["items"]
    assert mine[0]["review"] == {"decision": "confirmed", "at": said.json()["at"], "reason": None, "by": None}
    figures = (await client.get("/v1/admin/dashboard", headers=firm.support)).json()
    assert figures["accounts"] == {"failed": 1}
    users = (await client.get("/v1/admin/users?role=trader", headers=firm.support)).json()["items"]
    assert {one["email"] for one in users} == {"ann@example.com", "stranger@example.com"}
    assert "password" not in (await client.get("/v1/admin/users", headers=firm.support)).text


async def test_an_appeal_goes_through_two_people_over_http(client: httpx.AsyncClient, firm: Firm) -> None:
    url, body = f"/v1/accounts/{firm.account}/appeals", {"statement": "the price was wrong"}
    assert (await client.post(url, json=body, headers={**firm.stranger, **key()})).status_code == 404
    filed = await client.post(url, json=body, headers={**firm.trader, **key()})
    assert filed.status_code == 201, filed.text
    appeal = f"/v1/admin/appeals/{filed.json()['id']}"
    (waiting,) = (await client.get("/v1/admin/appeals", headers=firm.support)).json()["items"]
    assert waiting["due_at"] is not None
    proposal = {"decision": "overturn", "reason": "I believe the trader"}
    refused = await client.post(f"{appeal}/propose", json=proposal, headers=firm.admin)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/appeal-against-the-evidence")
    proposal["decision"] = "uphold"
    assert (await client.post(f"{appeal}/propose", json=proposal, headers=firm.admin)).json()["state"] == "underreview"
    alone = await client.post(f"{appeal}/confirm", headers=firm.admin)
    assert (alone.status_code, alone.json()["type"]) == (403, "/problems/evaluation-four-eyes")
    decided = (await client.post(f"{appeal}/confirm", headers=firm.second)).json()
    assert (decided["state"], decided["decision"]) == ("upheld", "uphold")
    assert (await client.get(url, headers=firm.trader)).json() == [decided]


async def test_every_list_refuses_a_cursor_that_it_did_not_give(client: httpx.AsyncClient, firm: Firm) -> None:
    paths = (await client.get("/docs/openapi.json")).json()["paths"]
    lists = {
        path for path, one in paths.items() if "cursor" in {p["name"] for p in one.get("get", {}).get("parameters", ())}
    }
    assert len(lists) >= 15
    for path in lists:
        headers = firm.trader if path in {"/v1/accounts", "/v1/payouts"} else firm.admin
        url = re.sub(r"\{\w+\}", str(firm.account), path)
        assert (await client.get(url, headers=headers)).status_code == 200, path
        for forged in ("", "A", "A" * 64, "A" * 600, "%C3%A4"):
            problem(await client.get(f"{url}?cursor={forged}", headers=headers), 400, "invalid-cursor")


async def test_a_draft_is_written_over_by_a_document_of_its_name(client: httpx.AsyncClient, firm: Firm) -> None:
    toml = to_toml(to_document(PROGRAM))
    url = f"/v1/admin/programs/{PROGRAM.id}/{PROGRAM.version + 1}"
    found = problem(await client.put(url, json={"toml": toml}, headers=firm.admin), 422, "other-document")
    assert (found["version"], found["programs"]) == (PROGRAM.version + 1, [f"{PROGRAM.id} {PROGRAM.version}"])


async def test_the_trader_hears_of_a_hold_and_the_staffs_words_stay_with_the_staff(
    client: httpx.AsyncClient, firm: Firm
) -> None:
    secret, acts = "INTERNAL: suspected ring with others", f"/v1/admin/accounts/{firm.account}"
    body = {"cause": "conduct", "reason": secret}
    assert (await client.post(f"{acts}/suspend", json=body, headers=firm.admin)).status_code == 200
    assert (await client.post(f"{acts}/resume", json=body, headers=firm.second)).status_code == 200
    for path in (*OF_AN_ACCOUNT, *MORE_OF_AN_ACCOUNT):
        answer = await client.get(f"/v1/accounts/{firm.account}{path}", headers=firm.trader)
        assert "INTERNAL" not in answer.text, path
        assert "conduct" not in answer.text, path
    url = f"/v1/accounts/{firm.account}/activities"
    heard = {one["kind"]: one for one in (await client.get(url, headers=firm.trader)).json()["items"]}
    assert heard["hold_placed"]["text"] == "the account is on hold: support can say more"
    assert heard["hold_placed"]["at"]
    assert heard["hold_lifted"]["text"] == "a hold was lifted"
    told = [one["text"] for one in (await client.get(url, headers=firm.support)).json()["items"]]
    assert sum(secret in one for one in told) == 2
