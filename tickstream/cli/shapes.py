"""The documents of the views, field by field, read from where they are declared (core/documents)."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

__all__ = ["shapes"]

_KINDS = (
    (r"\bNone\b", "null"),
    (r"\bstr\b", "string"),
    (r"\bfloat\b", "number"),
    (r"\bint\b", "integer"),
    (r" \| ", " or "),
    (r"NotRequired\[(.*)\]", r"\1; left out where there is none"),
    (r"list\[(\w+)Document\]", r"array of \1"),
    (r"dict\[string, (.*)\]", r"object, from part to \1"),
    (r"(\w+)Document\b", r"\1"),
)


def shapes() -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """What each document is, and its fields: name, and kind with what is said of it."""
    from tickstream.core import documents

    for node in ast.parse(inspect.getsource(documents)).body:
        if isinstance(node, ast.ClassDef):
            bases = [_kind(ast.unparse(base)) for base in node.bases if ast.unparse(base) != "TypedDict"]
            of = f", with all of {bases[0]} and" if bases else ""
            name = node.name.removesuffix("Document")
            yield f"{name}{of}: {ast.get_docstring(node)}", tuple(_fields(node.body))


def _fields(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign):
            said = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                said = f": {str(after.value.value).rstrip('.')}"
            yield ast.unparse(node.target), " ".join(f"{_kind(ast.unparse(node.annotation))}{said}".split())


def _kind(text: str) -> str:
    for pattern, instead in _KINDS:
        text = re.sub(pattern, instead, text)
    return text
