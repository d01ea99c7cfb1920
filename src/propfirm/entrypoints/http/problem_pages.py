"""The pages to which ``type`` of a problem leads: what each code means, in the words of the code that says it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from html import escape
from http import HTTPStatus
from typing import Final

from litestar import Response, Router, get
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Struct

from propfirm.domain.errors import Refused
from propfirm.entrypoints.http.documentation import ALWAYS, CONTENT_POLICY
from propfirm.entrypoints.http.problems import code_of, fact_name, slug_of, status_for

PATH: Final = "/problems"
_QUOTED: Final = re.compile(r"``(.+?)``", re.DOTALL)
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }}
section {{ border-top: 1px solid; padding: .5rem 0; }}
h2 {{ font-size: 1.05rem; margin: .5rem 0; }}
</style>
<h1>{title}</h1>
<p>{lead}</p>
{sections}
</html>
"""


class Explained(Struct, frozen=True):
    """text: why, where the title does not say it all. facts: the members that a problem of this code has beside the
    standard ones."""

    code: str
    title: str
    status: int
    text: str
    facts: tuple[str, ...]


def explained() -> Mapping[str, Explained]:
    """Every code that the service can say, by its slug."""
    known = {code_of(status): _of_status(status) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST}
    known |= {slug_of(kind.code): _of_refusal(kind) for kind in _below(Refused)}
    return dict(sorted(known.items()))


def _below(kind: type[Refused]) -> Iterator[type[Refused]]:
    yield kind
    for sub in kind.__subclasses__():
        yield from _below(sub)


def _of_refusal(kind: type[Refused]) -> Explained:
    written = kind.__doc__ or ""
    text = "" if written.startswith(f"{kind.__name__}(") else inspect.cleandoc(written)  # a dataclass writes its own
    return Explained(kind.code, kind.title, status_for(kind), text, tuple(map(fact_name, fields(kind))))


def _of_status(status: HTTPStatus) -> Explained:
    text = ALWAYS.get(str(status.value), status.description)
    return Explained(code_of(status), status.phrase, status.value, text, ())


def page(title: str, lead: str, shown: Iterable[tuple[str, Explained]]) -> str:
    """lead: HTML. shown: each with its slug, which is its anchor too."""
    return _PAGE.format(title=escape(title), lead=lead, sections="\n".join(_section(slug, one) for slug, one in shown))


def _section(slug: str, one: Explained) -> str:
    text = _QUOTED.sub(r"<code>\1</code>", escape(one.text)).replace("\n\n", "</p><p>")
    facts = ", ".join(f"<code>{escape(name)}</code>" for name in one.facts)
    return (
        f'<section id="{slug}"><h2>{escape(one.title)}</h2>'
        f'<p><a href="{PATH}/{slug}"><code>{PATH}/{slug}</code></a>, status {one.status}</p>'
        + (f"<p>{text}</p>" if text else "")
        + (f"<p>Its members: {facts}.</p>" if facts else "")
        + "</section>"
    )


@get("/", sync_to_thread=False)
def every_problem() -> Response[str]:
    """All of them, by code."""
    lead = "Every way in which the API says no. <code>type</code> of a problem leads to its own page."
    return _html(page("Problems", lead, explained().items()))


@get("/{slug:str}", sync_to_thread=False)
def one_problem(slug: FromPath[str]) -> Response[str]:
    found = explained().get(slug)
    if found is None:
        raise NotFoundException
    return _html(page(found.title, f'One of <a href="{PATH}#{slug}">all problems</a>.', [(slug, found)]))


def _html(content: str) -> Response[str]:
    return Response(content, media_type=MediaType.HTML, headers={"content-security-policy": CONTENT_POLICY})


def problem_pages() -> Router:
    return Router(
        PATH,
        route_handlers=[every_problem, one_problem],
        include_in_schema=False,
        opt={"operation": "docs.read"},
        dto=None,
    )
