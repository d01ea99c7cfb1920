"""How operations get what they work with: by the name of an argument, built anew for each request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

T = TypeVar("T")
Given: TypeAlias = NamedDependency[SkipValidation[T]]
"""An argument of an operation that ``provided`` gives: ``register: Given[Register]``."""


def provided(make: Callable[[], Any]) -> Provide:
    def give() -> Any:  # noqa: ANN401 - whatever ``make`` makes
        return make()

    return Provide(give, sync_to_thread=False)
