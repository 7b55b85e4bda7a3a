"""The line to Redis: three connections, each with a task of its own, none of which anybody waits for.

One asks Redis each second (script), one publishes what is posted, one hears the
channels. redis-py retries nothing and waits a second at most: what fails is
tried again here, with pauses. Whether Redis answers is proven by what is heard:
a beat is published each second, and read back where the others read it. A PING
proves nothing of that connection, and a connection that is half open is not
noticed by it (faults.md, section 0, 9).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    InvalidResponse,
    NoPermissionError,
    RedisError,
)

from tickstream.core.text import clean
from tickstream.server.cluster.leases import LIFE, SHARDS
from tickstream.server.cluster.messages import MOST, Beat, TicksMessage, encode
from tickstream.server.cluster.script import ASK, LEAVE, Answer, Question, arguments, read_answer
from tickstream.sources.trouble import judge

__all__ = ["Line", "Post"]


BEAT = 1.0
"""Seconds between two questions, and two beats."""
ECHO = 3.0
"""Seconds without hearing our own beat after which Redis does not answer."""
FLUSH = 0.03
"""Seconds for which ticks are gathered into one message."""
_MOST_POSTS, _MOST_TICKS = 1_000, 10_000
_TOGETHER = 500
"""Ticks in a message, at most."""
_PART, _TICKS = "part", "ticks"
"""What a command says that is no post."""
_KICK = 0.1
"""Seconds between two questions at the least, however much there is to ask."""
# A connection that is closed is a RuntimeError to uvloop, whoever writes to it.
_FAILED = (RedisError, OSError, TimeoutError, asyncio.IncompleteReadError, RuntimeError)


class Post:
    """Something to be published on the bus, with the parts to be kept for late comers.

    With `again` it is tried until it is published: nothing said later makes up for it.
    """

    __slots__ = ("again", "kept", "payload")

    def __init__(
        self, payload: bytes, kept: Mapping[str, tuple[bytes, int]] | None = None, *, again: bool = False
    ) -> None:
        self.payload, self.again = payload, again
        self.kept = kept or {}
        """By key: the part as it is kept, and for how many ms."""


class Line:
    """Asks, publishes and hears for as long as its `works` run.

    `question` is called before each question, `answered` with each answer, `hear` with each
    message: the shard, or None for the bus, and its bytes.
    """

    def __init__(
        self,
        client: Redis,
        prefix: str,
        instance: str,
        budget: tuple[int, int],
        *,
        question: Callable[[], Question],
        answered: Callable[[Question, Answer | None, float], None],
        hear: Callable[[int | None, bytes], None],
        beat: Callable[[int], Beat],
        monotonic: Callable[[], float] = time.monotonic,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._client, self._prefix, self._instance, self._budget = client, prefix, instance, budget
        self._question, self._answered, self._hear, self._beat = question, answered, hear, beat
        self._monotonic, self._uniform = monotonic, uniform
        self._ask, self._leave = client.register_script(ASK), client.register_script(LEAVE)
        self.trouble = ""
        """Why it last failed, in words; empty since it last answered in every way."""
        self.lost = 0
        """Messages that could not be published."""
        self.sent = 0
        self.reached = asyncio.Event()
        """Set once Redis has answered for the first time."""
        self._echoed = self._asked = float("-inf")
        self._kicked = asyncio.Event()
        self._posts: deque[Post] = deque()
        self._ticks: dict[tuple[int, int, str], list[dict[str, Any]]] = {}
        self._waiting = 0
        self._posted = asyncio.Event()
        self._number = 0
        self.missed: Callable[[float], None] = lambda seconds: None
        """Called when ticks could not be published for so many seconds, and can be again."""
        self.deaf: Callable[[float], None] = lambda seconds: None
        """Called when the channels are heard again, before the first message, after so many seconds."""
        self._heard: float | None = None
        """When a message was last heard; monotonic."""
        self._missing: float | None = None
        """Since when there are ticks that could not be published; monotonic."""
        self._refused = False
        """Whether Redis answered that it does not take these."""

    @property
    def answers(self) -> bool:
        """Whether Redis answers: our beats come back, and what we ask is done."""
        now = self._monotonic()
        return now - self._echoed < ECHO and now - self._asked < LIFE

    def echo(self) -> None:
        """One of our own beats came back."""
        self._echoed = self._monotonic()
        if self.answers:
            # The next outage has its own reason, or none.
            self.trouble = ""
        self.reached.set()

    def kick(self) -> None:
        """Ask Redis at once."""
        self._kicked.set()

    def post(self, post: Post) -> None:
        """Publish this on the bus, soon; the oldest are lost first where Redis takes none."""
        if len(self._posts) >= _MOST_POSTS:
            self._posts.popleft()
            self.lost += 1
        self._posts.append(post)
        self._posted.set()

    def post_tick(self, shard: int, epoch: int, said: dict[str, Any], to: str = "") -> None:
        """Publish a push on the channel of its shard, with the others that come within a moment."""
        if self._waiting >= _MOST_TICKS:
            self.lost += 1
            self._miss(self._monotonic())
            return
        self._ticks.setdefault((shard, epoch, to), []).append(said)
        self._waiting += 1
        self._posted.set()

    async def parts(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The newest of these parts that are kept; none where Redis does not say."""
        try:
            values = await self._client.mget([f"{self._prefix}:part:{key}" for key in keys])
        except _FAILED as error:
            self._note(error)
            return {}
        return {key: value for key, value in zip(keys, values, strict=True) if isinstance(value, bytes)}

    @property
    def works(self) -> tuple[Callable[[], Coroutine[Any, Any, None]], ...]:
        """What has to run all the time, each for itself; each ends by itself only by a bug."""
        return self._ask_often, self._publish, self._listen

    async def close(self) -> None:
        """Close the connections."""
        with suppress(*_FAILED):
            async with asyncio.timeout(1.0):
                await self._client.aclose()

    async def leave(self, leases: Sequence[str]) -> None:
        """Give up all that is ours, so that others need not wait for it to run out."""
        keys = [f"{self._prefix}:wishes", f"{self._prefix}:granted"]
        keys += [f"{self._prefix}:lease:{name}" for name in leases]
        try:
            async with asyncio.timeout(1.0):
                await self._leave(keys=keys, args=[self._instance])
        except _FAILED as error:
            self._note(error)

    async def _ask_often(self) -> None:
        due = self._monotonic()
        while True:
            began = self._monotonic()
            question = self._question()
            answer = await self._ask_once(question)
            if answer is not None:
                self._asked = began
            self._answered(question, answer, began)
            if began >= due:
                due = max(due + BEAT, began)
                self._number += 1
                self.post(Post(encode(self._beat(self._number))))
            await asyncio.sleep(_KICK)
            left = due - self._monotonic()
            if left > 0 and (answer is None or not self._kicked.is_set()):
                await _within(left, self._kicked)
            self._kicked.clear()

    async def _ask_once(self, question: Question) -> Answer | None:
        keys, rest = arguments(self._prefix, self._instance, question, *self._budget)
        try:
            return read_answer(question, await self._ask(keys=keys, args=rest))
        except _FAILED as error:
            self._note(error)
            return None

    async def _publish(self) -> None:
        while True:
            await self._posted.wait()
            began = self._monotonic()
            await asyncio.sleep(FLUSH)
            self._posted.clear()
            posts, self._posts = [self._short_enough(post) for post in self._posts], deque()
            ticks, self._ticks, self._waiting = self._ticks, {}, 0
            said: list[Post | str] = []
            async with self._client.pipeline(transaction=False) as pipe:
                for post in posts:
                    if post.payload:
                        pipe.publish(f"{self._prefix}:bus", post.payload)
                        said.append(post)
                    for key, (value, life) in post.kept.items():
                        pipe.set(f"{self._prefix}:part:{key}", value, px=life)
                        said.append(_PART)
                for (shard, epoch, to), pushes in ticks.items():
                    for start in range(0, len(pushes), _TOGETHER):
                        some = pushes[start : start + _TOGETHER]
                        payload = encode(TicksMessage(self._instance, epoch, some, to))
                        pipe.publish(f"{self._prefix}:ticks:{shard}", payload)
                        said.append(_TICKS)
                lost = await self._execute(pipe, said)
            self.lost += len(lost)
            self.sent += sum(1 for one in said if one != _PART) - len(lost)
            self._posts.extendleft(one for one in reversed(lost) if isinstance(one, Post) and one.again)
            if _TICKS in lost:
                self._miss(began)
            elif _TICKS in said or not self._refused:
                self._say_missed()
            if lost:
                await asyncio.sleep(self._uniform(0.1, 0.5))

    async def _execute(self, pipe: Pipeline, said: Sequence[Post | str]) -> list[Post | str]:
        """Execute what says this, a command each; what could not be published."""
        try:
            replies = await pipe.execute(raise_on_error=False)
        except _FAILED as error:
            self._note(error)
            return [one for one in said if one != _PART]
        # A Redis that is full keeps no part, and publishes all the same.
        refused = []
        for one, reply in zip(said, replies, strict=True):
            if isinstance(reply, Exception):
                self._note(reply)
                refused.append(one)
        if _TICKS in said:
            self._refused = _TICKS in refused
        return [one for one in refused if one != _PART]

    def _short_enough(self, post: Post) -> Post:
        """The same; of what is too long for the bus the parts alone, and it counts as lost."""
        if len(post.payload) <= MOST:
            return post
        self.lost += 1
        return Post(b"", post.kept, again=post.again)

    def _miss(self, since: float) -> None:
        """Ticks of since then cannot be published."""
        if self._missing is None:
            self._missing = since

    def _say_missed(self) -> None:
        """They can be again. After a longer time nobody has relied on us, and all have said so themselves."""
        if self._missing is None:
            return
        seconds, self._missing = self._monotonic() - self._missing, None
        if seconds < LIFE:
            self.missed(seconds)

    async def _listen(self) -> None:
        channels = {f"{self._prefix}:ticks:{shard}".encode(): shard for shard in range(SHARDS)}
        while True:
            began = self._monotonic()
            try:
                async with self._client.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(f"{self._prefix}:bus", *channels)
                    anew = True
                    # Without an echo this connection is no better than none.
                    while self._monotonic() - max(began, self._echoed) < ECHO:
                        message = await pubsub.get_message(timeout=0.5)
                        if message is not None:
                            self._hear_again(anew)
                            anew = False
                            self._hear(channels.get(message["channel"]), message["data"])
            except _FAILED as error:
                self._note(error)
            await asyncio.sleep(self._uniform(0.1, 0.5))

    def _hear_again(self, anew: bool) -> None:
        """A message came; others may have been published before the first one on a connection."""
        now = self._monotonic()
        if anew and self._heard is not None:
            self.deaf(now - self._heard)
        self._heard = now

    def _note(self, error: BaseException) -> None:
        # The address is known to whoever runs this, and its password is to stand nowhere.
        cause = error.__cause__ or error.__context__
        match error:
            case AuthenticationError() | AuthorizationError() | NoPermissionError():
                self.trouble = "it wants another user or password"
            case InvalidResponse():
                self.trouble = "what answers there is no Redis"
            case TimeoutError():
                self.trouble = "no answer in time"
            case _ if isinstance(cause, OSError):
                # redis-py's text is that of the event loop, and each of those has its own.
                self.trouble = judge(cause, "it").reason
            case _:
                self.trouble = clean(str(error) or type(error).__name__, 120)


async def _within(seconds: float, event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
