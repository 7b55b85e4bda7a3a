"""The pictures of the README, taken of the program itself: python -m tests.pictures."""
