"""Work that goes on whatever happens to it."""

from __future__ import annotations

import asyncio

import pytest

from tickstream.server.keeping import keep


def test_work_goes_on_after_an_error_and_after_an_end_until_it_is_cancelled() -> None:
    async def main() -> None:
        rounds, told, third = [0], list[Exception](), asyncio.Event()

        async def work() -> None:
            rounds[0] += 1
            if rounds[0] == 1:
                raise ValueError("a bug")
            if rounds[0] == 3:
                third.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(keep(work, 0.0, told.append))
        await third.wait()
        assert [str(error) for error in told] == ["a bug"]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert rounds == [3]

    asyncio.run(main())
