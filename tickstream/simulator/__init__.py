"""A simulated Yahoo on a loopback port: `--demo`, the tests and the benchmarks run against it.

async with Simulator(Options(rate=50)).serving() as address:
    ...  # any client of Yahoo's streamer connects to address.ws_url
"""

from tickstream.simulator.faults import Fault, FaultKind
from tickstream.simulator.market import Session
from tickstream.simulator.simulator import Address, Options, Simulator

__all__ = ["Address", "Fault", "FaultKind", "Options", "Session", "Simulator"]
