"""What tickstream costs, beside its peers: `python3 -m tests.bench` measures and prints one table.

Run by hand, not by pytest: ratios within one run, medians of alternating
rounds, so that a noisy machine does not decide. `[bench]` installs the peers.
"""
