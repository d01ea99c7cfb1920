"""What every "no" must look like."""

from __future__ import annotations

from typing import Any

import httpx

OF_THE_INPUT = {"validation", "unknown-field", "too-long", "invalid-text"}
"""These say what is wrong where."""


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem that was answered, after it was found to be one in every respect."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"/problems/{slug}", body
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    if slug in OF_THE_INPUT:
        assert body["errors"]
    return body
