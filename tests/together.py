"""Wheels that are installed side by side, and a system beside them; all files are made."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from elves import wheel
from shared import TLS, Symbol, library, needs

import mltags
from mltags.audit import loader, wheelfile

CALL, CALLABLE = "_ZSt11__once_call", "_ZSt15__once_callable"
STATE = [Symbol(CALL, TLS), Symbol(CALLABLE, TLS, value=8)]
LIBSTDCXX = library(
    [Symbol(name, TLS, version="GLIBCXX_3.4.11") for name in (CALL, CALLABLE)],
    soname="libstdc++.so.6",
    relocations=[(16, CALL), (17, CALL), (16, CALLABLE), (17, CALLABLE)],
)
SUFFIX = ".cpython-312-x86_64-linux-gnu.so"


def module(name: str, *symbols: Symbol, needed: Sequence[str] = ("libstdc++.so.6",), **options: Any) -> bytes:
    """An extension module."""
    return library([Symbol(f"PyInit_{name}"), *symbols], needed=needed, rpath="$ORIGIN", **options)


def user(name: str) -> bytes:
    """An extension module that uses the state of libstdc++."""
    return module(name, needs(CALL, "libstdc++.so.6", "GLIBCXX_3.4.11", kind=TLS))


class Wheels:
    """Wheels in a folder, judged together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, project: str, files: dict[str, bytes], requires: Sequence[str] = ()) -> wheelfile.Contents:
        name = f"{project}-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
        path = wheel(self.folder, name, files)
        contents = wheelfile.read_wheel(str(path))
        return contents if not requires else dataclasses.replace(contents, requires=tuple(requires))

    def torn(self) -> wheelfile.Contents:
        """A wheel whose library defines the state, and comes before libstdc++."""
        files = {f"torn/m{SUFFIX}": module("m", needed=["libstate.so", "libstdc++.so.6"]), "torn/libstate.so": library(STATE)}
        return self.make("torn", files)

    def taking(self, project: str = "taking") -> wheelfile.Contents:
        return self.make(project, {f"{project}/n{SUFFIX}": user("n")})

    def system(self, libstdcxx: bytes = LIBSTDCXX, *, is_whole: bool = False) -> loader.RootFiles:
        root = self.folder / "root"
        (root / "lib").mkdir(parents=True, exist_ok=True)
        (root / "lib/libstdc++.so.6.0.30").write_bytes(libstdcxx)
        (root / "lib/libstdc++.so.6").unlink(missing_ok=True)
        (root / "lib/libstdc++.so.6").symlink_to("libstdc++.so.6.0.30")
        return loader.RootFiles(mltags.RootHost(root), lambda library, key: f"/lib/{library}", is_whole=is_whole)
