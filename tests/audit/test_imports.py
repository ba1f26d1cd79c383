"""Which extension modules an import is sure to load, as far as the text of a package shows."""

from pathlib import Path

import pytest
from elves import wheel
from shared import Symbol, library

from mltags.audit import imports, wheelfile

SUFFIX = ".cpython-312-x86_64-linux-gnu.so"
MODULES = ("a", "b", "sub/c", "sub/d")


def loaded(folder: Path, files: dict[str, str], project: str = "demo", limit: int = imports.MAX_SOURCES) -> list[str]:
    """The names of the extension modules that ``import demo`` loads; a, b, sub.c and sub.d are there."""
    name = f"{project}-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
    made = {f"demo/{one}{SUFFIX}": library([Symbol(f"PyInit_{one[-1]}")]) for one in MODULES}
    path = wheel(folder, name, {**{file: text.encode() for file, text in files.items()}, **made})
    found = imports.loaded(wheelfile.read_wheel(str(path)), limit)
    return [binary.place.removeprefix("demo/").removesuffix(SUFFIX) for binary in found]


class TestForms:
    """Absolute and relative imports, on the top level of a module."""

    @pytest.mark.parametrize(
        ("text", "result"),
        [
            pytest.param("import demo.a, demo.b", ["a", "b"], id="import"),
            pytest.param("import demo.a as x", ["a"], id="import as"),
            pytest.param("from demo import b", ["b"], id="from"),
            pytest.param("from . import b, a", ["b", "a"], id="relative"),
            pytest.param("from .a import x", ["a"], id="from the module"),
            pytest.param("from .sub import c", ["sub/d", "sub/c"], id="a package and its __init__"),
            pytest.param("import demo.sub.c", ["sub/d", "sub/c"], id="parents first"),
            pytest.param(
                "try:\n import demo.a\nexcept ImportError:\n import demo.b\nelse:\n import demo.sub\n", ["a", "sub/d"], id="try"
            ),
            pytest.param("try:\n pass\nfinally:\n import demo.b", ["b"], id="finally"),
            pytest.param("with x:\n import demo.a", ["a"], id="with"),
            pytest.param("if x:\n import demo.a", [], id="if"),
            pytest.param("def f():\n import demo.a", [], id="a function"),
            pytest.param("import os, numpy\nfrom numpy import *", [], id="others"),
            pytest.param("from . import other", ["b"], id="a module of Python"),
            pytest.param("from .other import x, y", ["b"], id="names that are no modules"),
            pytest.param("from ..... import a", [], id="beyond the top"),
            pytest.param("print 'Python 2'", [], id="another language"),
            pytest.param("x = '\\d'\nfrom . import a", ["a"], id="what Python warns of"),
            pytest.param("\0", [], id="no text"),
            pytest.param("(" * 5000, [], id="too deep"),
            pytest.param("import demo\nfrom . import a", ["a"], id="a circle"),
        ],
    )
    def test_of_the_package(self, tmp_path: Path, text: str, result: list[str]) -> None:
        files = {
            "demo/__init__.py": text,
            "demo/other.py": "from .b import x\nfrom demo import other",
            "demo/sub/__init__.py": "from .d import y\nfrom .. import z",
        }
        assert loaded(tmp_path, files) == result


class TestNames:
    """What is imported is the package of the project's name, or the only one."""

    def test_of_the_project(self, tmp_path: Path) -> None:
        files = {"demo/__init__.py": "from . import a", "tests/__init__.py": ""}
        assert loaded(tmp_path, files) == ["a"]
        assert loaded(tmp_path, files, "other") == []

    def test_the_only_one(self, tmp_path: Path) -> None:
        assert loaded(tmp_path, {"demo/__init__.py": "from . import a"}, "other") == ["a"]


class TestBounds:
    """So much text is looked at, and a file that has gone shows nothing."""

    def test_bytes(self, tmp_path: Path) -> None:
        files = {"demo/__init__.py": "from .one import a\nfrom . import b", "demo/one.py": "from . import a"}
        assert loaded(tmp_path, files) == ["a", "b"]
        assert loaded(tmp_path, files, limit=40) == []

    def test_a_file_that_has_gone(self, tmp_path: Path) -> None:
        path = wheel(tmp_path, "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", {"demo/__init__.py": b""})
        contents = wheelfile.read_wheel(str(path))
        path.unlink()
        assert imports.loaded(contents) == []
