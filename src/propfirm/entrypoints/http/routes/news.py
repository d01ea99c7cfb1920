"""The releases that news rules look at, kept up by the staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from propfirm.application.market.keep_news import KeepNews
from propfirm.application.market.queries import NewsQueries
from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.domain.calendar.news_events import NAME_MAX
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import NewsEventId
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.http.routes.views import Paging
from propfirm.entrypoints.views.news import ReleaseView, UpkeepView, release_view, upkeep_view

Moment = Annotated[datetime, Meta(tz=True, description="With its offset from UTC")]


class NewRelease(Struct, frozen=True, forbid_unknown_fields=True):
    feed: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[a-z0-9]+(-[a-z0-9]+)*\Z")]
    category: Annotated[str, Meta(min_length=1, max_length=32)]
    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]
    release_at: Moment


class NewTime(Struct, frozen=True, forbid_unknown_fields=True):
    release_at: Moment


@get("/news", operation_id="admin.news.list", summary="Releases, the furthest ahead first")
async def releases(
    news: Given[NewsQueries],
    paging: Given[Paging],
    feed: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> Page[ReleaseView]:
    return paging.page(await news.events(feed, paging.after, paging.limit), release_view)


@post(
    "/news",
    operation_id="admin.news.add",
    summary="List a release",
    responses={201: ResponseSpec(UpkeepView, description="Listed, and whom it touches")},
)
async def add(
    request: AnyRequest, data: JSONBody[NewRelease], staff: Given[Staff], once: Given[Once], keep: Given[KeepNews]
) -> Response[bytes]:
    async def act(work: UnitOfWork) -> Answer:
        done = await replace(keep, work=work).add(staff, data.feed, data.category, data.name, data.release_at)
        return created(upkeep_view(done))

    return respond(await once(request, staff.id, act))


@put("/news/{release:uuid}", operation_id="admin.news.move", summary="Move a release to another time")
async def move(
    release: FromPath[UUID], data: JSONBody[NewTime], staff: Given[Staff], keep: Given[KeepNews]
) -> UpkeepView:
    return upkeep_view(await keep.move(staff, NewsEventId(release), data.release_at))


@post("/news/{release:uuid}/cancel", operation_id="admin.news.cancel", summary="Call a release off", status_code=200)
async def call_off(release: FromPath[UUID], staff: Given[Staff], keep: Given[KeepNews]) -> UpkeepView:
    return upkeep_view(await keep.call_off(staff, NewsEventId(release)))


def news_desk(news: Callable[[], NewsQueries], keep: Callable[[], KeepNews]) -> Router:
    return Router(
        "/v1/admin",
        route_handlers=[releases, add, move, call_off],
        dependencies={"news": provided(news), "keep": provided(keep)},
        tags=["Staff: news"],
    )
