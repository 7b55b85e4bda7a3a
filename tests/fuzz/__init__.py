"""Fuzzing guided by coverage: `python -m tests.fuzz decode --seconds 30`. It takes atheris (group `ci`).

The corpus is kept in `corpus/`, a folder a target, and is ours: frames of the simulator and messages of the
protocol, bent by hand, and what fuzzing found from there. tests/fuzz/test_corpus.py tries all of it without
atheris. An input that fails is put into it together with what mends it.
"""
