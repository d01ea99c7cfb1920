"""Long work waits for its turn, keeps nobody else waiting, and no queue of it grows."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from propfirm.adapters.system.calculator import OneThread
from propfirm.application.ports.calculator import CalculatorBusy

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_is_worked_out_comes_back_or_its_failure() -> None:
    calculate = OneThread()
    assert await calculate(lambda: 6 * 7) == 42
    with pytest.raises(ZeroDivisionError):
        await calculate(lambda: 1 // 0)
    assert await calculate(threading.get_ident) != threading.get_ident()
    calculate.close()


async def test_the_loop_goes_on_meanwhile_and_one_is_worked_out_after_the_other() -> None:
    calculate, done, goes_on = OneThread(), list[int](), threading.Event()

    def first() -> None:
        assert goes_on.wait(10)
        done.append(1)

    both = asyncio.gather(calculate(first), calculate(lambda: done.append(2)))
    await asyncio.sleep(0.05)
    assert done == []
    goes_on.set()
    await both
    assert done == [1, 2]
    calculate.close()


async def test_so_many_have_a_turn_so_many_wait_for_theirs_and_who_comes_then_is_sent_away() -> None:
    calculate, inside, leave = OneThread(at_once=2, waiting_most=1), list[int](), asyncio.Event()

    async def work(n: int) -> None:
        async with calculate.turn():
            inside.append(n)
            await leave.wait()

    three = asyncio.gather(*(work(n) for n in range(3)))
    await asyncio.sleep(0)
    for _ in range(2):
        with pytest.raises(CalculatorBusy):
            await work(3)
    assert inside == [0, 1]
    leave.set()
    await three
    assert inside == [0, 1, 2]
    await work(4)


async def test_who_has_waited_for_too_long_is_sent_away_and_takes_no_turn_with_them() -> None:
    calculate = OneThread(at_once=1, wait_s=0.05)
    async with calculate.turn():
        began = time.monotonic()
        with pytest.raises(CalculatorBusy):
            async with calculate.turn():
                pass
        assert time.monotonic() - began >= 0.04
    async with calculate.turn():
        pass


async def test_a_turn_that_fails_is_given_back() -> None:
    calculate = OneThread(at_once=1, waiting_most=0)

    async def fail() -> None:
        async with calculate.turn():
            raise RuntimeError

    for _ in range(3):
        with pytest.raises(RuntimeError):
            await fail()
