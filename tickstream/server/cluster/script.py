"""The one question that Redis is asked each second, as a script that it answers in one round trip.

It renews the wish of this instance and the leases that it holds, takes those
that are free, says who holds the others and what other instances wish for, and
grants requests out of the budget that all share. Whatever is not renewed is gone
after six seconds. All keys have one hash tag, so that they are in one slot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tickstream.server.cluster.leases import LIFE
from tickstream.server.cluster.messages import read_wish, wish_text

__all__ = ["ASK", "LEAVE", "Answer", "Question", "arguments", "read_answer"]

# KEYS: wishes, epoch, budget, granted, spent, a key for each lease that is wanted, one for each given up.
# ARGV: instance, wish, life (ms), requests a minute, at once, used since the last time, wanted in hand,
#       and the number of leases that are wanted.
ASK = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local me, life = ARGV[1], tonumber(ARGV[3])
local rate, burst = tonumber(ARGV[4]), tonumber(ARGV[5])
local used, wanted = tonumber(ARGV[6]), tonumber(ARGV[7])

redis.call('HSET', KEYS[1], me, string.format('%d', now + life) .. '|' .. ARGV[2])
local others = {}
local wishes = redis.call('HGETALL', KEYS[1])
for at = 1, #wishes, 2 do
  local ends = tonumber(string.match(wishes[at + 1], '^(%d+)|'))
  if not ends or ends <= now then
    redis.call('HDEL', KEYS[1], wishes[at])
    redis.call('HDEL', KEYS[4], wishes[at])
  elseif wishes[at] ~= me then
    others[#others + 1] = wishes[at]
    others[#others + 1] = string.match(wishes[at + 1], '^%d+|(.*)$')
  end
end

local leases, last = {}, 5 + tonumber(ARGV[8])
for at = last + 1, #KEYS do
  local held = redis.call('GET', KEYS[at])
  if held and string.match(held, '^([^|]*)|') == me then redis.call('DEL', KEYS[at]) end
end
for at = 6, last do
  local holder, epoch
  local held = redis.call('GET', KEYS[at])
  if held then holder, epoch = string.match(held, '^([^|]*)|(%d+)$') end
  if not holder then
    -- By the clock, so that a Redis that has forgotten everything does not begin again.
    epoch = math.max(now, (tonumber(redis.call('GET', KEYS[2])) or 0) + 1)
    epoch = string.format('%d', epoch)
    redis.call('SET', KEYS[2], epoch)
    redis.call('SET', KEYS[at], me .. '|' .. epoch, 'PX', life)
    leases[#leases + 1] = epoch
  elseif holder == me then
    redis.call('PEXPIRE', KEYS[at], life)
    leases[#leases + 1] = epoch
  else
    leases[#leases + 1] = '|' .. holder
  end
end

local second, spent = math.floor(now / 1000), 0
if used > 0 then redis.call('HINCRBY', KEYS[5], second, used) end
local seconds = redis.call('HGETALL', KEYS[5])
for at = 1, #seconds, 2 do
  if tonumber(seconds[at]) <= second - 60 then
    redis.call('HDEL', KEYS[5], seconds[at])
  else
    spent = spent + tonumber(seconds[at + 1])
  end
end
local unspent = math.max(0, (tonumber(redis.call('HGET', KEYS[4], me)) or 0) - used)
local out = 0
local granted = redis.call('HGETALL', KEYS[4])
for at = 1, #granted, 2 do
  if granted[at] ~= me then out = out + tonumber(granted[at + 1]) end
end
local tokens = tonumber(redis.call('HGET', KEYS[3], 'tokens')) or burst
local filled = tonumber(redis.call('HGET', KEYS[3], 'at')) or now
tokens = math.min(burst, tokens + unspent + math.max(0, now - filled) * rate / 60000)
-- What was used beyond what was granted, as when a crumb is renewed, is taken too.
tokens = tokens - math.max(0, used - (tonumber(redis.call('HGET', KEYS[4], me)) or 0))
local free = math.min(math.floor(tokens), rate - spent - out)
if #others > 0 and wanted > 1 then free = math.ceil(free / 2) end
local grant = math.max(0, math.min(wanted, free))
redis.call('HSET', KEYS[3], 'tokens', tokens - grant, 'at', string.format('%d', now))
redis.call('HSET', KEYS[4], me, grant)
return {leases, others, grant, now}
"""

# KEYS: wishes, granted, and a key for each lease. ARGV: instance.
LEAVE = """
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
for at = 3, #KEYS do
  local held = redis.call('GET', KEYS[at])
  if held and string.match(held, '^([^|]*)|') == ARGV[1] then redis.call('DEL', KEYS[at]) end
end
return 0
"""


class Question(NamedTuple):
    """What an instance tells Redis of itself, and asks."""

    wish: frozenset[str]
    """The parts and the streamed symbols (as `tick:SYMBOL`) that its clients need."""
    leases: Sequence[str]
    """The leases that it wants to have or to keep."""
    given_up: Sequence[str] = ()
    """Those that it holds and does not want any more."""
    used: int = 0
    wanted: int = 0


class Answer(NamedTuple):
    """What Redis says."""

    mine: Mapping[str, int]
    """The leases that we hold, and their epochs."""
    holders: Mapping[str, str]
    wishes: Mapping[str, frozenset[str]]
    """What each other instance wishes for."""
    granted: int
    time: float
    """What time it is by the clock of Redis, in seconds since the epoch."""


def arguments(
    prefix: str, instance: str, question: Question, rate: int, burst: int
) -> tuple[list[str], list[Any]]:
    """The keys and arguments of ASK."""
    keys = [f"{prefix}:{name}" for name in ("wishes", "epoch", "budget", "granted", "spent")]
    keys += [f"{prefix}:lease:{name}" for name in (*question.leases, *question.given_up)]
    about = [instance, wish_text(question.wish), int(LIFE * 1000)]
    return keys, [*about, rate, burst, question.used, question.wanted, len(question.leases)]


def read_answer(question: Question, reply: Sequence[Any]) -> Answer:
    """What Redis replied to ASK."""
    leases, others, granted, now = reply
    mine: dict[str, int] = {}
    holders: dict[str, str] = {}
    for name, held in zip(question.leases, leases, strict=True):
        text = held.decode("utf-8", "replace")
        if text.startswith("|"):
            holders[name] = text[1:]
        else:
            mine[name] = int(text)
    wishes = {
        name.decode("utf-8", "replace"): read_wish(wish)
        for name, wish in zip(others[::2], others[1::2], strict=True)
    }
    return Answer(mine, holders, wishes, int(granted), int(now) / 1000)
