"""Which connection streams which symbol, where a connection carries only so many."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["share_out"]


def share_out(wanted: frozenset[str], held: Sequence[frozenset[str]], *, most: int) -> list[frozenset[str]]:
    """A set of at most `most` symbols for each connection, together `wanted`.

    A symbol stays where it is in `held`, so that changing the wish disturbs no
    one else; free places are filled first, then connections are added. A
    connection that nobody needs any more is left an empty set.
    """
    shares = [set(symbols & wanted) for symbols in held]
    new = sorted(wanted.difference(*held))
    for share in shares:
        free = max(0, most - len(share)) if share else 0
        share.update(new[:free])
        del new[:free]
    for share in shares:
        if not share:
            share.update(new[:most])
            del new[:most]
    shares.extend(set(new[start : start + most]) for start in range(0, len(new), most))
    return [frozenset(share) for share in shares]
