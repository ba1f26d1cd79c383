"""The package itself: what it offers, what importing it costs, what it may depend on."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mltags

SOURCE = Path(mltags.__file__).parent

#: Modules that neither importing mltags nor probing may load.
HEAVY = [
    "re",
    "typing",
    "dataclasses",
    "enum",
    "functools",
    "contextlib",
    "logging",
    "platform",
    "subprocess",
    "argparse",
    "json",
    "pathlib",
    "importlib",
    "__future__",
    "ctypes",
    "typing_extensions",
    "packaging",
]

#: The rooms of the house, from the outside in: a module imports only from rooms before its own.
ROOMS = [
    ["_errors", "_core"],
    ["_host", "_run", "_elf"],
    ["_abi", "_override", "_elsewhere", "_wheel", "_listed", "_policies"],
    ["_probe", "_contents"],
    ["_root", "_interpreter", "testing"],
    ["_boundary"],
    ["pytest_plugin"],
    ["_declare", "_libraries"],
    ["_target"],
    ["_explain", "_floor"],
    ["_kept", "_report", "audit"],
    ["_output"],
    ["_audit_report"],
    ["_cli"],
    ["__main__"],
]
#: Imports that wait for their call and go the other way, each with its reason.
LATE = {
    ("_core", "_declare"),  # Platform.parse is where users look for it
    ("_core", "_elsewhere"),  # the pairs of other implementations are packaging's
    ("_target", "_kept"),  # JSON is for those who keep targets
    ("_target", "_explain"),  # so that a refusal costs nothing until it is asked about
    ("testing", "_boundary"),  # a fake as such needs none of it
    ("_output", "_cli"),  # only with arguments
}


def test_every_public_name_is_there_and_nothing_else() -> None:
    assert set(dir(mltags)) == set(mltags.__all__)
    assert sorted(mltags.__all__, key=lambda name: (name[0].islower(), name)) == mltags.__all__
    assert {name for names in mltags._HOMES.values() for name in names} == set(mltags.__all__)
    for name in mltags.__all__:
        assert getattr(mltags, name).__doc__
    for name in ("audit", "testing"):  # no import of their own
        assert getattr(mltags, name) is mltags.__getattr__(name) is sys.modules[f"mltags.{name}"]
    with pytest.raises(AttributeError, match="module 'mltags' has no attribute 'nonsense'"):
        mltags.nonsense  # noqa: B018


@pytest.mark.parametrize(
    "code", ["import mltags", "import mltags; mltags.platform_tags()", "import mltags; mltags.Target.current().triples"]
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    if sys.implementation.name != "cpython":
        pytest.skip("other implementations ask sysconfig, and packaging for their tags")
    probe = "import sys; before = set(sys.modules); {}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", probe.format(code)], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "mltags" in loaded
    assert not loaded & set(HEAVY)


def imports_of(path: Path) -> "list[tuple[str, bool]]":
    """What a module imports at run time: (name, whether at its top)."""
    found = []
    tree = ast.parse(path.read_text())
    skipped = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found += [(name, node in tree.body) for name in names]
    return found


MODULES = sorted(SOURCE.glob("*.py"))
assert len(MODULES) > 10


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_are_relative_or_packagings_or_the_standard_librarys(path: Path) -> None:
    for name, _ in imports_of(path):
        top = name.split(".")[0]
        # Whoever loads a plugin has what it plugs into, and who audits the extra.
        own = {"pytest_plugin": ["pytest"], "_contents": ["elftools"]}.get(path.stem, [])
        assert name.startswith(".") or top in ["packaging", *own] or top in sys.stdlib_module_names, name
        assert top != "typing_extensions"


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem != "__init__"], ids=lambda path: path.stem)
def test_imports_run_one_way(path: Path) -> None:
    floor = {name: number for number, room in enumerate(ROOMS) for name in room}
    assert path.stem in floor
    for name, _ in imports_of(path):
        other = name.lstrip(".")
        if name.startswith(".") and other in floor and (path.stem, other) not in LATE:
            assert floor[other] < floor[path.stem] or (other, path.stem) == ("_errors", "_core"), (path.stem, other)


def code_lines(path: Path) -> int:
    """Lines that are neither blank nor comment nor docstring."""
    told: set[int] = set()
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        first = node.body[0] if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            told.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    lines = enumerate(path.read_text().splitlines(), 1)
    return sum(bool(line.strip()) and not line.strip().startswith("#") and number not in told for number, line in lines)


def test_the_source_does_not_grow_unnoticed() -> None:
    assert sum(code_lines(path) for path in MODULES) < 4407


def test_the_source_names_no_machine() -> None:
    for path in MODULES:
        assert "/work/" not in path.read_text()
