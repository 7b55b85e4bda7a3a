"""Files that are written whole or not at all: a crash leaves the old one or the new one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["write_whole"]

OWNER_ALONE = 0o600


def write_whole(
    path: Path,
    content: bytes,
    *,
    mode: int = OWNER_ALONE,
    owner: tuple[int, int] | None = None,
    durable: bool = False,
) -> None:
    """Write `content` to a file beside `path`, and put it in its place; a folder is made where there is none.

    Until then only its owner can read it. `owner` is the user and the group that it
    is given to, where the system knows them; `durable` waits until it is on the
    disk. Two that do so at once: either of them wins.

    Raises:
        OSError: it could not be written, or not be given to `owner`. What was there is untouched.
    """
    # Whoever writes no file, or a table its last symbols, does not wait for what this loads.
    import tempfile

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    new = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor, not a path
            if owner is not None and hasattr(os, "fchown"):
                os.fchown(descriptor, *owner)
            file.write(content)
            file.flush()
            if durable:
                os.fsync(descriptor)
        new.chmod(mode)
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise
