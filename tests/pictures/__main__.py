"""Take the pictures of the README: python -m tests.pictures [NAME…] (all of them, or those named)."""

from __future__ import annotations

import sys

from tests.pictures.shots import FOLDER, SHOTS, shoot, simulated_then
from tests.pictures.svg import drawn


def main(names: list[str]) -> None:
    """Take them, and say where they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with simulated_then() as environment:
        for shot in SHOTS:
            if names and shot.name not in names:
                continue
            title = f"tickstream {shot.arguments[0]}"
            path = FOLDER / f"{shot.name}.svg"
            path.write_text(
                drawn(shoot(shot, environment), shot.columns, shot.lines, title, shot.name), "utf-8"
            )
            print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
