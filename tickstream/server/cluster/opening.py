"""From settings to a cluster."""

from __future__ import annotations

from collections.abc import Callable

from tickstream.core.ports import Source
from tickstream.server.cluster.cluster import Cluster, Terms
from tickstream.server.cluster.connect import open_redis
from tickstream.server.log import Log
from tickstream.server.settings import Settings

__all__ = ["open_cluster"]

_VERSION = 1
"""Of what instances say to each other; those of another version are strangers."""


def open_cluster(
    settings: Settings,
    ticks: Source,
    sent: Callable[[], int],
    log: Log,
    failed: Callable[[Exception], None],
) -> Cluster:
    """The cluster at `settings.redis_url`; opening it connects to nothing.

    Instances with another source, or in another database, are another cluster:
    pub/sub knows no databases, and what is simulated must not get among what is real.

    Raises:
        UsageError: the URL cannot be used, or redis-py is not installed.
    """
    client, database = open_redis(settings.redis_url)
    prefix = f"{{tickstream:{_VERSION}:{database}:{settings.source}}}"
    terms = Terms(prefix=prefix, interval=settings.interval, rate=settings.upstream_rate)
    return Cluster(client, terms, ticks, sent, log, failed=failed)
