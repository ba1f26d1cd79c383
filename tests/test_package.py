"""The package itself: its rooms, what it offers, what importing it costs, what it may depend on."""

import ast
import doctest
import importlib
import inspect
import pathlib
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from elves import wheel

import mltags

SOURCE = pathlib.Path(mltags.__file__).parent
FILES = {path.relative_to(SOURCE).with_suffix("").as_posix(): path for path in sorted(SOURCE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
assert len(FILES) > 20

#: The rooms from the ground up: each imports only what stands above it in this list. ``__init__`` is everybody's first import, and
#: loads whatever is asked for; that of a wing stands at its end.
PLAN: "Sequence[str]" = """
__init__
_errors _core _mistakes _wheel _ranks _triples
_host _process _local
_elf _abi _override _elsewhere
_probe
_machines _declare _markers
_root _interpreter _question
_explain
_saved
_target
audit/archive audit/findings audit/elffile audit/policies audit/wheelfile audit/imports audit/loader audit/libraries audit/demands
audit/conflicts audit/captures audit/checks audit/loading audit/verdict audit/__init__
check/report check/locks check/pages check/graphs check/pylock check/uvlock check/poetrylock check/requirements check/formats
check/index check/folders check/installed check/systems check/loads check/together check/environment check/screen check/verdict check/__init__
testing/elf testing/fakes testing/boundary testing/plugin testing/__init__
cli/output cli/progress cli/options cli/names cli/report cli/auditing cli/checking cli/commands cli/__init__
__main__
""".split()  # noqa: SIM905 -- lines of a plan
WINGS = {name.partition("/")[0] for name in PLAN if "/" in name}


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def runtime_nodes(name: str) -> Iterator[ast.AST]:
    """The syntax of a module without what only type checkers read."""
    waiting: list[ast.AST] = [TREES[name]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and is_type_checking(node):
            waiting += node.orelse
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def room_of(folder: str, words: "list[str]") -> "tuple[str, list[str]]":
    """The file that dotted *words* lead to from *folder*, and the words that are names in it."""
    place = folder
    for count, word in enumerate(words):
        path = f"{place}/{word}".lstrip("/")
        if path in FILES:
            return path, words[count + 1 :]
        if path not in WINGS:
            return f"{place}/__init__".lstrip("/"), words[count:]
        place = path
    return f"{place}/__init__".lstrip("/"), []


def own_imports(name: str) -> "list[tuple[str, list[str], int]]":
    """The files of this package that a file imports, wherever it does, the names that it takes out of them, and the line."""
    found = []
    for node in runtime_nodes(name):
        if isinstance(node, ast.ImportFrom) and node.level:
            level, words = node.level, [(node.module.split(".") if node.module else []) + [alias.name] for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "__import__" and len(node.args) == 5:
            level, words = ast.literal_eval(node.args[4]), [[ast.literal_eval(node.args[0])]]
        else:
            continue
        folder = "/".join(name.split("/")[:-level])
        found += [(*room_of(folder, path), node.lineno) for path in words]
    return found


class TestRooms:
    """Imports run one way, those inside functions included."""

    def test_every_file_has_a_room(self) -> None:
        assert set(FILES) <= set(PLAN)
        assert len(set(PLAN)) == len(PLAN)

    @pytest.mark.parametrize("name", [name for name in FILES if name != "__init__" and not name.endswith("testing/__init__")])
    def test_a_room_imports_only_what_stands_above_it(self, name: str) -> None:
        place = PLAN.index(name)
        up = [f"line {line}: {other}" for other, _, line in own_imports(name) if PLAN.index(other) >= place]
        assert up == []

    def test_the_question_imports_nothing_of_ours(self) -> None:
        assert own_imports("_question") == []

    @pytest.mark.parametrize("name", [name for name in FILES if not name.endswith("__init__")])
    def test_modules_are_imported_and_never_names_out_of_them(self, name: str) -> None:
        """So nothing that somebody does to sys.modules makes a second copy of a class."""
        # The package itself is loaded before all of them.
        rows = [row for row in own_imports(name) if row[0] != "__init__"]
        assert [f"line {line}: {', '.join(names)} out of {other}" for other, names, line in rows if names] == []

    @pytest.mark.parametrize("wing", sorted(WINGS & {name.partition("/")[0] for name in FILES if "/" in name}))
    def test_a_wing_that_was_loaded_before_is_put_back(self, wing: str) -> None:
        body = [
            node
            for node in TREES[f"{wing}/__init__"].body
            if not isinstance(node, ast.Expr) or isinstance(node.value, ast.Call)
        ]
        assert [ast.unparse(node) for node in body[:2]] == ["from .. import _restore", "_restore(__name__)"]


def docstring_lines(tree: ast.AST) -> "set[int]":
    found: set[int] = set()
    for node in ast.walk(tree):
        first = node.body[0] if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            found.update(range(first.lineno, (first.end_lineno or 0) + 1))
    return found


def table_lines(tree: ast.Module) -> "set[int]":
    """The lines of tables at a module's top: literals of more than three lines that compute nothing."""
    found: set[int] = set()
    literals = (ast.Dict, ast.Tuple, ast.List, ast.Set, ast.Constant, ast.BinOp, ast.Call)
    computing = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.JoinedStr)
    for node in tree.body:
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if not isinstance(value, literals) or (value.end_lineno or 0) - value.lineno < 3:
            continue
        calls = {ast.unparse(inner.func) for inner in ast.walk(value) if isinstance(inner, ast.Call)}
        if calls <= {"frozenset", "dict.fromkeys"} and not any(isinstance(inner, computing) for inner in ast.walk(value)):
            found.update(range(node.lineno, (node.end_lineno or 0) + 1))
    return found


def code_lines(name: str) -> "set[int]":
    """The lines of a file that are neither blank nor comments, docstrings or tables."""
    lines = FILES[name].read_text(encoding="utf-8").splitlines()
    code = {number for number, line in enumerate(lines, 1) if line.strip() and not line.strip().startswith("#")}
    return code - docstring_lines(TREES[name]) - table_lines(TREES[name])


#: Functions and classes that read better whole, each with the reason.
LONG: "dict[str, str]" = {}


class TestSize:
    """The package does not grow unnoticed: it is larger than it was meant to be (2,800 lines for installers, 6,500 in all)."""

    def test_what_an_installer_vendors_is_small(self) -> None:
        assert sum(len(code_lines(name)) for name in FILES if name.partition("/")[0] not in WINGS) <= 3472

    def test_everything_is_small(self) -> None:
        assert sum(len(code_lines(name)) for name in FILES) <= 11413

    @pytest.mark.parametrize("name", FILES)
    def test_no_function_and_no_class_is_long(self, name: str) -> None:
        code = code_lines(name)
        long = []
        for node in ast.walk(TREES[name]):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                size = len(code.intersection(range(node.lineno, (node.end_lineno or 0) + 1)))
                if size > (60 if isinstance(node, ast.FunctionDef) else 200) and f"{name}:{node.name}" not in LONG:
                    long.append(f"{node.name}: {size}")
        assert long == []


class TestPublicNames:
    """Every public name is in one sorted list, and says with an example what it is for."""

    def test_the_list_is_complete_and_sorted(self) -> None:
        assert set(dir(mltags)) == set(mltags.__all__)
        assert sorted(mltags.__all__, key=lambda name: (name[0].islower(), name)) == mltags.__all__
        assert len(set(mltags.__all__)) == len(mltags.__all__)

    @pytest.mark.parametrize("name", mltags.__all__)
    def test_a_public_name_is_what_its_module_defines(self, name: str) -> None:
        value = getattr(mltags, name)
        assert value.__name__ == name
        if isinstance(value, type):
            assert value.__module__ == "mltags"

    def test_another_name_is_an_attribute_error(self) -> None:
        with pytest.raises(AttributeError, match=r"^module 'mltags' has no attribute 'nonsense'$"):
            mltags.nonsense  # noqa: B018

    @pytest.mark.parametrize("wing", ["audit", "check", "testing"])
    def test_wings_need_no_import_of_their_own(self, wing: str) -> None:
        assert getattr(mltags, wing) is sys.modules[f"mltags.{wing}"]

    @pytest.mark.parametrize("name", mltags.__all__)
    def test_a_public_name_has_an_example(self, name: str) -> None:
        value = getattr(mltags, name)
        methods = [member for title, member in vars(value).items() if title[0] != "_"] if name == "Target" else []
        asked = [value, *[method for method in methods if inspect.isroutine(method)]]
        without = [each.__name__ for each in asked if "xample" not in str(each.__doc__) and ">>>" not in str(each.__doc__)]
        assert without == []


class TestLoading:
    """Modules are the package's own attributes: whatever somebody does to ``sys.modules``, there is one of each."""

    def test_everything_is_loaded_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        mltags.load()
        monkeypatch.setattr(sys, "platform", "freebsd14")  # where packaging's tags are loaded, too
        mltags.load()
        assert {"_core", "_saved", "_interpreter"} <= set(vars(mltags))

    def test_pickles_find_their_way_back(self) -> None:
        target = mltags.Target.from_tags(["py3-none-any"])
        assert pickle.loads(pickle.dumps(target)) == target

    def test_a_wing_is_loaded_when_it_is_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        check = mltags.check
        monkeypatch.delattr(mltags, "check")
        assert mltags.check is check

    def test_a_wing_that_was_taken_out_is_put_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        audit: Any = mltags.audit
        for name in [name for name in sys.modules if name.startswith("mltags.audit")]:
            monkeypatch.delitem(sys.modules, name)
        assert importlib.import_module("mltags.audit").Audit is audit.Audit
        assert sys.modules["mltags.audit"] is audit


def documented() -> "dict[str, doctest.DocTest]":
    """The docstrings with examples of all public names and of their methods."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = {}
    for name in mltags.__all__:
        for test in finder.find(getattr(mltags, name), name=name, module=False, globs={}):
            if test.examples:
                found[test.name] = test
    return found


@pytest.mark.parametrize("name", documented())
def test_the_examples_of_a_docstring_run(name: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    assert runner.run(documented()[name]).failed == 0


#: Modules that neither importing mltags nor probing may load.
HEAVY = (
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
)


@pytest.mark.skipif(sys.implementation.name != "cpython" or sys.platform != "linux", reason="elsewhere packaging is asked")
@pytest.mark.parametrize(
    "code",
    [
        "import mltags",
        "import mltags; mltags.platform_tags()",
        "import mltags; mltags.Target.current().triples",
        "import mltags; mltags.Target.current().best(['a-1-py3-none-any.whl', 'a-1-cp312-cp312-win32.whl'])",
        "import mltags; mltags.parse_platform('manylinux_2_28_x86_64')",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    probe = f"import sys; before = set(sys.modules); {code}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "mltags" in loaded
    assert sorted(loaded.intersection(HEAVY)) == []


#: What else may be imported: by the wings, when they are asked for; by the question, in another interpreter.
EXTRAS = {
    "audit": {"elftools", "rich"},
    "check": {"keyring", "pypi_simple", "requests", "rich", "tomli", "tomllib"},
    "cli": {"rich"},
    "testing": {"pytest"},
    "_question": {"_manylinux"},
}


class TestVendoring:
    """The package works under any other name, with nothing but packaging beside it."""

    @pytest.mark.parametrize("name", FILES)
    def test_imports_are_relative_or_packagings_or_the_standard_librarys(self, name: str) -> None:
        wing = name.partition("/")[0]
        known = {"packaging", *EXTRAS.get(wing, ()), *sys.stdlib_module_names}
        for node in runtime_nodes(name):
            asked = [str(node.module)] if isinstance(node, ast.ImportFrom) and not node.level else []
            if isinstance(node, ast.Import):
                asked = [alias.name for alias in node.names]
                # Vendoring rewrites "from packaging ..." alone.
                assert "packaging" not in [text.partition(".")[0] for text in asked]
            assert [text for text in asked if text.partition(".")[0] not in known] == []
            if wing not in WINGS:  # nothing that reads data files
                assert [text for text in asked if text.partition(".")[0] in {"importlib", "pkgutil"}] == []

    @pytest.mark.parametrize("name", FILES)
    def test_no_module_knows_under_which_name_it_is_imported(self, name: str) -> None:
        """Modules ask for one another relatively, never by the text ``mltags``; ``_manylinux`` alone is asked for by its name."""
        for node in runtime_nodes(name):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__" and node.args:
                is_relative = len(node.args) == 5 and ast.literal_eval(node.args[4]) > 0
                asked = node.args[0]
                assert is_relative or isinstance(asked, ast.Name) or ast.literal_eval(asked) == "_manylinux"
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            module = str(node.module) if isinstance(node, ast.ImportFrom) and not node.level else ""
            assert not any(text.partition(".")[0] == "mltags" for text in [*names, module])

    def test_there_are_no_data_files(self) -> None:
        found = {path.name for path in SOURCE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        assert {name for name in found if not name.endswith(".py")} == {"py.typed"}


WITHOUT_EXTRAS = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"rich", "pypi_simple", "requests", "keyring", "tomli", "tomllib"}:
            name = name.replace("tomllib", "tomli")  # as on a Python that has none of its own
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
sys.meta_path.insert(0, Blocked())
import mltags.audit, mltags.check
import mltags.cli.commands, mltags.cli.auditing, mltags.cli.checking
from mltags.__main__ import main
sys.argv = ["mltags", *sys.argv[1:]]
sys.exit(main())
"""


class TestExtras:
    """What is not installed is missed where it is used, and no earlier."""

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            pytest.param(["audit", "DIRECTORY"], 0, "demo-1.0-py3-none-any.whl: tags are correct", id="audit"),
            pytest.param(["rank", "DIRECTORY"], 0, "demo-1.0-py3-none-any.whl\n", id="rank"),
            pytest.param(["check", "LOCK"], 2, "mltags: this needs tomli, which is not installed: pip install 'mltags[check]'", id="a lock"),
            pytest.param(["check", "WHEEL"], 2, "mltags: this needs rich, which is not installed: pip install 'mltags[audit]'", id="check"),
            pytest.param(["check", "WHEEL", "--json"], 0, '{"mltags": 1, ', id="check as JSON"),
        ],
    )  # fmt: skip
    def test_without_any(self, tmp_path: pathlib.Path, words: "list[str]", code: int, said: str) -> None:
        path = wheel(tmp_path, "demo-1.0-py3-none-any.whl", {"demo.py": b""})
        (tmp_path / "uv.lock").write_text("version = 1\n")
        places = {"DIRECTORY": tmp_path, "LOCK": tmp_path / "uv.lock", "WHEEL": path}
        command = [sys.executable, "-c", WITHOUT_EXTRAS, *[str(places.get(word, word)) for word in words]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, (done.stdout + done.stderr)[: len(said)]) == (code, said)


def test_the_source_names_no_machine() -> None:
    for path in FILES.values():
        assert "/work/" not in path.read_text(encoding="utf-8")
