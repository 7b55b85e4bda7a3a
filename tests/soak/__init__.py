"""The soak: all of tickstream as real processes, for as long as one likes, with a fault every minute.

`python -m tests.soak --minutes 30` runs a simulated Yahoo behind chaos proxies, two instances of
`tickstream serve` at one Redis (one without, where there is no redis-server), `watch` in terminals and
`watch --json` in pipes, of the simulator and of the servers, and plain clients of the servers. `--json`
prints what came of it as JSON. The rules:

Every tick is numbered: `day_volume` is the number of a symbol's push, its price follows from that. The
simulator writes each down before it sends it.

Who is promised each push (`watch --json`, clients with `every=0`) may miss those alone that were sent during
a gap that it said, or waited behind others in the link that was cut, and as many as it said it dropped. It
may be told a number twice only as the first of its symbol on a new link, which begins with the last known
state. Rows and tables may skip numbers, but never go back, and end with the last one.

One of these ends the run with exit code 1, and is named: a tick lost or doubled otherwise; one that goes
back, or whose price and number disagree; a consumer that does not come back; a traceback, or a bug that was
survived; a terminal that is not given back as it was; an exit code other than promised; gauges of a server
that are not 0 when all have left; descriptors or threads that grow; memory that grows by more than 1 MiB an
hour, where the samples leave no doubt (the whole interval of 95 % is above it). What a process needs for a
fault stays when it has struck, so each does within the warm-up, which is ten minutes, or a third of a short
run; those that need the most memory do twice.
"""
