"""The sandbox's pages: the checkout, where a purchase is paid, declined, delayed, doubled or lost, and the bank, which
pays a trader or does not; and the door for what the provider tells of its own accord. None is there in production."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Final, TypeVar, get_args
from urllib.parse import parse_qs
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Redirect

from propfirm.application.ports.sandbox import BankDesk, Button, CheckoutDesk, CheckoutView, Mood
from propfirm.application.purchases.receive_notice import ReceiveNotice
from propfirm.domain.ids import PersonId, PurchaseId
from propfirm.domain.money import from_cents, show
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.refusals import Fault, Invalid
from propfirm.entrypoints.http.requests import RAW_BODY, AnyRequest

T = TypeVar("T")
SIGNATURE: Final = "Sandbox-Signature"
FORM_MAX: Final = 100
BUTTONS: Final[dict[str, Button]] = {one: one for one in get_args(Button)}
CONTENT_POLICY: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}

WORDS: Final[dict[Button, tuple[str, str]]] = {
    "pay": ("Pay", "and tell the firm at once"),
    "delay": ("Pay, tell late", "the message comes after ten seconds"),
    "double": ("Pay, tell twice", "the same message comes two times"),
    "lose": ("Pay, tell nobody", "the firm has to find out by looking"),
    "twice": ("Pay twice", "two payments: the firm sends one of them back"),
    "decline": ("Decline the card", "the page stays open for another try"),
    "leave": ("Leave without paying", "the page is closed for good"),
}

MOODS: Final[dict[Mood, tuple[str, str]]] = {
    "pay": ("Pays", "and says so"),
    "refuse": ("Refuses", "as if the account were closed"),
    "late": ("Answers late", "pays, and says so after two seconds"),
    "lose": ("Loses its answer", "pays, and nobody hears of it"),
    "down": ("Is down", "pays nothing and answers nothing"),
}
REFUND_MOODS: Final[dict[Mood, tuple[str, str]]] = {
    "pay": ("Sent back", "and the firm is told so"),
    "refuse": ("Refused", "as if the card were closed"),
    "late": ("Answered late", "sent back, and said so after two seconds"),
    "lose": ("Answer lost", "sent back, and nobody hears of it"),
    "down": ("No answer", "nothing is sent back and nothing is answered"),
}
MOOD_BUTTONS: Final[dict[str, Mood]] = {one: one for one in get_args(Mood)}

PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ink: #16202c; --paper: #fff; --soft: #f2f5f9; --line: #d7dee8; --go: #1456b8; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e8edf4; --paper: #151b23; --soft: #0d1219; --line: #303b49; --go: #6aa5ff; }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--soft); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }}
main {{ width: min(27rem, 100% - 2rem); margin: 2rem 0; padding: 2rem; box-sizing: border-box; background: var(--paper);
  border: 1px solid var(--line); border-radius: 12px; }}
.note {{ margin: 0 0 1.5rem; font-size: .8rem; letter-spacing: .04em; text-transform: uppercase; opacity: .75; }}
h1 {{ margin: 0; font-size: 1rem; font-weight: 500; }}
.price {{ margin: .25rem 0 1.5rem; font-size: 2.25rem; font-weight: 650; font-variant-numeric: tabular-nums; }}
.told {{ padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--soft); }}
form {{ display: grid; gap: .5rem; margin-top: 1.5rem; }}
button {{ padding: .65rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: none; color: inherit;
  font: inherit; text-align: left; cursor: pointer; }}
button small {{ display: block; opacity: .75; }}
button:first-child {{ background: var(--go); border-color: var(--go); color: var(--paper); }}
button:focus-visible {{ outline: 3px solid var(--go); outline-offset: 2px; }}
</style>
<main>
<p class="note">{title}: no real money moves</p>
<h1>{subject}</h1>
<p class="price">{figure}</p>
{told}
{form}
</main>
</html>
"""


def page(view: CheckoutView) -> str:
    told = {
        "open": f"The last card was refused ({view.reason}). Try another one." if view.reason else "",
        "paid": _paid(view),
        "over": "This checkout is over, and nothing was paid.",
    }[view.state]
    refunds = f"How a refund ends: {REFUND_MOODS[view.refunds][0]}"
    return PAGE.format(
        title="Sandbox checkout",
        subject=escape(view.description),
        figure=escape(f"{show(from_cents(view.amount))} {view.currency}"),
        told=f'<p class="told" role="status">{escape(told)}</p>' if told else "",
        form={
            "open": _form(WORDS),
            "paid": f"<details><summary>{escape(refunds)}</summary>\n"
            f"{_form(REFUND_MOODS, f'/sandbox/checkout/{view.purchase}/refunds')}</details>",
            "over": "",
        }[view.state],
    )


def _paid(view: CheckoutView) -> str:
    match view.payments, view.refunded:
        case 1, 0:
            return "Paid. You may close this page: the firm gives you what you bought."
        case 1, 1:
            return "Refunded: nothing was given for it, and the payment went back."
        case payments, refunded:
            return f"Paid {payments} times; refunded: {refunded}."


def bank_page(payee: UUID, mood: Mood) -> str:
    return PAGE.format(
        title="Sandbox bank",
        subject=f"How payouts to trader {payee} end",
        figure=escape(MOODS[mood][0]),
        told="",
        form=_form(MOODS),
    )


def _form(words: Mapping[Button, tuple[str, str]] | Mapping[Mood, tuple[str, str]], action: str = "") -> str:
    """action: where it goes; "" for the page itself."""
    buttons = "".join(
        f'<button name="button" value="{name}">{title}<small>{meaning}</small></button>\n'
        for name, (title, meaning) in words.items()
    )
    where = f' action="{action}"' if action else ""
    return f'<form method="post"{where}>\n{buttons}</form>'


async def _pressed(request: AnyRequest, buttons: Mapping[str, T]) -> T:
    """Raises Invalid where no button of the page was pressed."""
    form = parse_qs((await request.body())[:FORM_MAX].decode("ascii", "replace"))
    button = buttons.get(form.get("button", [""])[0])
    if button is None:
        raise Invalid((Fault("none of the page's buttons", pointer="/button"),))
    return button


@get("/sandbox/checkout/{purchase:uuid}", operation_id="sandbox.checkout", include_in_schema=False)
async def show_checkout(purchase: FromPath[UUID], desk: Given[CheckoutDesk]) -> Response[str]:
    view = await desk.show(PurchaseId(purchase))
    return Response(page(view), media_type=MediaType.HTML, headers=CONTENT_POLICY)


@post("/sandbox/checkout/{purchase:uuid}", operation_id="sandbox.press", include_in_schema=False, opt={RAW_BODY: True})
async def press(request: AnyRequest, purchase: FromPath[UUID], desk: Given[CheckoutDesk]) -> Redirect:
    await desk.press(PurchaseId(purchase), await _pressed(request, BUTTONS))
    return Redirect(f"/sandbox/checkout/{purchase}", status_code=303)


@post(
    "/sandbox/checkout/{purchase:uuid}/refunds",
    operation_id="sandbox.refunds",
    include_in_schema=False,
    opt={RAW_BODY: True},
)
async def treat_refunds(request: AnyRequest, purchase: FromPath[UUID], desk: Given[CheckoutDesk]) -> Redirect:
    await desk.treat_refunds(PurchaseId(purchase), await _pressed(request, MOOD_BUTTONS))
    return Redirect(f"/sandbox/checkout/{purchase}", status_code=303)


@get("/sandbox/bank/{payee:uuid}", operation_id="sandbox.bank", include_in_schema=False)
async def show_bank(payee: FromPath[UUID], bank: Given[BankDesk]) -> Response[str]:
    content = bank_page(payee, await bank.mood(PersonId(payee)))
    return Response(content, media_type=MediaType.HTML, headers=CONTENT_POLICY)


@post("/sandbox/bank/{payee:uuid}", operation_id="sandbox.instruct", include_in_schema=False, opt={RAW_BODY: True})
async def instruct(request: AnyRequest, payee: FromPath[UUID], bank: Given[BankDesk]) -> Redirect:
    await bank.instruct(PersonId(payee), await _pressed(request, MOOD_BUTTONS))
    return Redirect(f"/sandbox/bank/{payee}", status_code=303)


@post(
    "/hooks/sandbox",
    operation_id="hooks.sandbox",
    summary="What the sandbox's provider tells of its own accord",
    description=f"Signed over the raw body in the header `{SIGNATURE}`. Told again, it changes nothing.",
    status_code=204,
    opt={RAW_BODY: True},
    tags=["Sandbox"],
)
async def hear(request: AnyRequest, receive: Given[ReceiveNotice]) -> None:
    await receive(await request.body(), request.headers.get(SIGNATURE, ""))


def sandbox(
    desk: Callable[[], CheckoutDesk],
    bank: Callable[[], BankDesk],
    receive: Callable[[], ReceiveNotice],
    environment: str,
) -> Router:
    handlers = [show_checkout, press, treat_refunds, show_bank, instruct, hear]
    return Router(
        "/",
        route_handlers=[] if environment == "production" else handlers,
        dependencies={"desk": provided(desk), "bank": provided(bank), "receive": provided(receive)},
    )
