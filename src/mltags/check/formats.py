"""The kinds of locks: which function reads each, and how to tell them apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import locks, poetrylock, pylock, requirements, uvlock

if TYPE_CHECKING:
    from collections.abc import Callable


READERS: dict[str, Callable[..., locks.Lock]] = {
    "pylock.toml": pylock.read_pylock,
    "uv.lock": uvlock.read_uv,
    "poetry.lock": poetrylock.read_poetry,
    "requirements": requirements.read_requirements,
}


#: Files that are not read -> the command that makes a lock or a requirement file of them.
_MAKERS = {
    "pyproject.toml": "uv lock",
    "pdm.lock": "pdm export -o requirements.txt",
    "Pipfile": "pipenv lock && pipenv requirements > requirements.txt",
    "Pipfile.lock": "pipenv requirements > requirements.txt",
}


def kind_of(name: str, text: str) -> str:
    """The kind of lock that *text* is, by the file's name, or else by its content; ``"page"`` for a page of an index."""
    if re.fullmatch(r"pylock(\.[^.]+)?\.toml", name):
        return "pylock.toml"
    if name in READERS:
        return name
    if name in _MAKERS:
        locks.refuse(name, "file", f"check does not read this kind of file; `{_MAKERS[name]}` makes one that it reads")
    start = text[:200].lstrip()
    if name.endswith((".html", ".htm", ".json")) or start.startswith(("<", "{")):
        return "page"
    if name.endswith((".lock", ".toml")):
        table = locks.parse_toml(text, name)
        if "packages" in table and "lock-version" in table:
            return "pylock.toml"
        if "package" in table:
            return "poetry.lock" if "metadata" in table else "uv.lock"
        locks.refuse(name, "file", "expected a pylock.toml, a uv.lock or a poetry.lock")
    return "requirements"
