"""The loader on paper beside the real one: every binding that LD_DEBUG shows, and crashes that were predicted, run."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import wheels

import mltags
from mltags.audit import Kind, audit_together, conflicts, libraries, loader

pytestmark = [pytest.mark.real, pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the loader is that of Linux")]

_SEGMENTATION_FAULT = -11


def python(version: str) -> str:
    """The Python of a version; the test is skipped where there is none."""
    folders = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [shutil.which(f"python{version}"), *map(str, sorted(folders.glob(f"{version}*/bin/python{version}")))]
    for path in filter(None, found):
        done = subprocess.run([path, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return os.path.realpath(done.stdout.strip())
    pytest.skip(f"no Python {version}")


OLD = ("manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64")
NEW = ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_24_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux2010_x86_64")  # fmt: skip


def fetched(version: str, requirement: str) -> Path:
    number = version.replace(".", "")
    abi = f"cp{number}m" if version in {"3.6", "3.7"} else f"cp{number}"
    try:
        return wheels.download(requirement, number, abi, *(OLD if version in {"3.6", "3.7"} else NEW))
    except wheels.UnavailableError as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Sites]":
    made = Sites(tmp_path_factory.mktemp("sites"))
    yield made
    shutil.rmtree(made.folder)


class Sites:
    """Wheels unpacked side by side, a folder for each set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def unpacked(self, version: str, requirements: Sequence[str]) -> Path:
        site = self.folder / re.sub("[^0-9a-z]+", "_", f"{version} {sorted(requirements)}")
        if not site.exists():
            for requirement in requirements:
                with zipfile.ZipFile(fetched(version, requirement)) as archive:
                    archive.extractall(site)
            for data in [*site.glob("*.data/purelib"), *site.glob("*.data/platlib")]:
                shutil.copytree(data, site, dirs_exist_ok=True, copy_function=os.link)
            (site / "google/__init__.py").touch() if (site / "google").is_dir() else None
        return site

    def run(
        self, version: str, requirements: Sequence[str], code: str, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run *code* with these wheels in a process of its own."""
        command = [
            python(version),
            "-c",
            f"import sys; sys.path.insert(0, {str(self.unpacked(version, requirements))!r})\n{code}",
        ]
        threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            timeout=300,
            env={**os.environ, **threads, **environment},
        )


# Bindings

_BINDING = re.compile(r"binding file (\S+) \[0\] to (\S+) \[0\]: \w+ symbol `(.*?)'(?: \[(.*)\])?$")
_OPENED = re.compile(r"file=(\S+) \[0\];  dynamically loaded by")

_LOADERS_OWN = {"malloc", "calloc", "realloc", "free"}  # the loader looks them up for itself once the program is relocated


class Comparison:
    """What LD_DEBUG shows of a process, and what the model has."""

    def __init__(self, folder: Path, program: str) -> None:
        (output,) = sorted(folder.glob("debug.*"), key=lambda path: path.stat().st_size)[-1:]
        self.shown: dict[tuple[str, str, str], set[str]] = {}
        opened: list[str] = []
        self._program = program
        self._real: dict[str, str] = {}
        with output.open(errors="replace") as lines:
            for line in lines:
                if found := _BINDING.search(line):
                    key = (self.real(found[1]), found[3], found[4] or "")
                    self.shown.setdefault(key, set()).add(self.real(found[2]))
                elif found := _OPENED.search(line):
                    opened.append(found[1])
        root = mltags.RootHost("/")
        files = loader.RootFiles(root, libraries.Libraries(root).path, is_whole=True)
        self.process = loader.Process(files, program)
        self.modelled: dict[tuple[str, str, str], set[str]] = {}
        self._bind(self.process.objects)
        for path in opened:
            self._bind(self.process.open(path))
        files.close()

    def real(self, path: str) -> str:
        if path not in self._real:
            is_program = not path.startswith("/") and os.path.basename(self._program).startswith(path[:8])
            self._real[path] = os.path.realpath(self._program if is_program else path) if path != "linux-vdso.so.1" else path
        return self._real[path]

    def _bind(self, new: "Sequence[loader.Object]") -> None:
        for one in self.process.in_order(new):
            for row in self.process.bindings(one):
                if row.target is not None:
                    key = (self.real(one.path), row.name.decode(), row.version)
                    self.modelled.setdefault(key, set()).add(self.real(row.target.path))

    def different(self) -> dict[tuple[str, str, str], tuple[set[str], set[str]]]:
        both = self.shown.keys() & self.modelled.keys()
        return {key: (self._relocated(key), self.modelled[key]) for key in both if self._relocated(key) != self.modelled[key]}

    def _relocated(self, key: tuple[str, str, str]) -> set[str]:
        """Where the relocations of *key* are bound.

        The loader also looks up its own malloc, in the program's name and as an address, not as a call. Where a program that is not
        position-independent takes the address of malloc, that lookup finds the program's stub (its PLT entry); the program's
        own call does not.
        """
        targets = self.shown[key]
        is_loaders = key[0] == self._program and key[1] in _LOADERS_OWN
        return targets - {self._program} or targets if is_loaders else targets

    def unexplained(self) -> list[tuple[str, str, str]]:
        """What is shown and not modelled, but for what nothing in a file asks for: dlsym, the loader's own malloc, the vdso."""
        asked = ("PyInit_", "PyInitU_", "init")
        rows = self.shown.keys() - self.modelled.keys()
        return [
            row for row in rows if not row[1].startswith(asked) and row[0] != "linux-vdso.so.1" and row[1] not in _LOADERS_OWN
        ]


_PAIR = ["numpy==1.16.4", "six==1.16.0", "protobuf==3.6.1", "pyarrow==0.14.0", "tensorflow==1.13.1"]
_ONNX = ["numpy==1.16.4", "six==1.16.0", "protobuf==3.6.1", "onnxruntime==0.4.0"]
_TENSORFLOW = """
try:
    import tensorflow
except ImportError:  # something of Python's that is not installed
    assert "tensorflow.python._pywrap_tensorflow_internal" in sys.modules or "_pywrap_tensorflow_internal" in sys.modules
"""


@pytest.mark.parametrize(
    ("version", "requirements", "code", "status"),
    [
        pytest.param("3.6", _ONNX, "import google.protobuf.pyext._message, onnxruntime", _SEGMENTATION_FAULT, id="protobuf, onnxruntime on 3.6"),
        pytest.param("3.7", _ONNX, "import google.protobuf.pyext._message, onnxruntime", _SEGMENTATION_FAULT, id="protobuf, onnxruntime on 3.7"),
        pytest.param("3.6", _PAIR, f"import pyarrow\n{_TENSORFLOW}", _SEGMENTATION_FAULT, id="the thread's pair on 3.6"),
        pytest.param("3.7", _PAIR, f"{_TENSORFLOW}\nimport pyarrow", 0, id="the thread's pair, turned round, on 3.7"),
        pytest.param("3.12", ["numpy==2.5.5", "scipy==1.18.1"], "import numpy, scipy.linalg, scipy.optimize, scipy.stats", 0, id="numpy and scipy"),
        pytest.param("3.12", ["numpy==2.5.5", "pyarrow==26.0.1", "lxml==6.1.3"], "import pyarrow, pyarrow.parquet, lxml.etree", 0, id="pyarrow and lxml"),
        pytest.param("3.12", ["typing-extensions==4.15.0", "grpcio==1.85.1", "orjson==3.13.0", "psutil==7.2.2"], "import grpc, orjson, psutil", 0, id="grpcio, orjson and psutil"),
    ],
)  # fmt: skip
def test_bindings_equal_those_of_the_loader(
    sites: Sites, tmp_path: Path, version: str, requirements: list[str], code: str, status: int
) -> None:
    debug = {"LD_DEBUG": "bindings,files", "LD_DEBUG_OUTPUT": str(tmp_path / "debug"), "LD_BIND_NOW": "1"}
    done = sites.run(version, requirements, code, **debug)
    assert done.returncode == status, done.stderr
    compared = Comparison(tmp_path, python(version))
    assert len(compared.shown) > 3000
    assert compared.different() == {}
    assert sorted(compared.modelled.keys() - compared.shown.keys()) == []
    assert compared.unexplained() == []
    assert (compared.process.missing, compared.process.unknown) == ([], set())


# Predictions, and what happens

_HDF = ["numpy==1.16.4", "six==1.16.0", "affine==2.3.1", "attrs==22.2.0", "click==8.0.4", "cligj==0.7.2", "click-plugins==1.1.1.2", "snuggs==1.4.7", "pyparsing==3.0.7", "cftime==1.0.3.4"]  # fmt: skip
_RASTERIO = """
import rasterio
with rasterio.open("/vsimem/x.tif", "w", driver="GTiff", height=1, width=1, count=1, dtype="uint8"): pass
"""
_NETCDF = """
import netCDF4, tempfile
with tempfile.NamedTemporaryFile(suffix=".nc") as file:
    made = netCDF4.Dataset(file.name, "w", format="NETCDF4")
    made.createDimension("x", 2)
    made.createVariable("v", "f4", ("x",))[:] = 1
    made.close()
"""
_PANDAS = ["pandas==0.25.3", "pytz==2022.1", "python-dateutil==2.8.2"]
_OLD_ONNX = ["pyarrow==0.12.1", "onnxruntime==0.4.0"]
_REST = ["numpy==1.16.4", "six==1.16.0", "protobuf==3.6.1"]


@pytest.mark.parametrize(
    ("judged", "others", "code", "rule"),
    [
        pytest.param(["pyarrow==0.14.0", "tensorflow==1.13.1"], _REST, f"import pyarrow\n{_TENSORFLOW}", "state", id="the thread's pair"),
        pytest.param(["tensorflow==1.13.1", "pyarrow==0.14.0"], _REST, f"{_TENSORFLOW}\nimport pyarrow", "", id="the thread's pair, turned round"),
        pytest.param(_OLD_ONNX, _REST, "import pyarrow, onnxruntime", "state", id="pyarrow and onnxruntime"),
        pytest.param([_PANDAS[0], *_OLD_ONNX], [*_REST, *_PANDAS[1:]], "import pandas, pyarrow, onnxruntime", "", id="pandas first"),
        pytest.param([_PANDAS[0], *_OLD_ONNX], [*_REST, *_PANDAS[1:]], "import pyarrow, onnxruntime", "", id="pandas installed, which pyarrow imports"),
        pytest.param(["rasterio==1.0.21", "netCDF4==1.5.1.2"], _HDF, _RASTERIO + _NETCDF, "soname", id="two HDF5"),
    ],
)  # fmt: skip
def test_what_is_predicted_happens(sites: Sites, judged: list[str], others: list[str], code: str, rule: str) -> None:
    rows = audit_together([fetched("3.6", requirement) for requirement in judged]).conflicts
    assert [row.rule for row in rows if row.kind is Kind.CONFLICT] == [rule] * bool(rule)
    done = sites.run("3.6", [*judged, *others], code)
    outcome = {"state": _SEGMENTATION_FAULT, "soname": 1, "": 0}[rule]
    assert done.returncode == outcome, done.stderr
    assert ("HDF error" in done.stderr) == (rule == "soname")


def test_captures_are_those_of_the_loader(sites: Sites, tmp_path: Path) -> None:
    """What of libstdc++ binds to pyarrow, beside the thread-local state that R18 judges."""
    debug = {"LD_DEBUG": "bindings,files", "LD_DEBUG_OUTPUT": str(tmp_path / "debug"), "LD_BIND_NOW": "1"}
    done = sites.run("3.6", [*_REST, "pyarrow==0.14.0"], "import pyarrow", **debug)
    assert done.returncode == 0, done.stderr
    rows = Comparison(tmp_path, python("3.6")).shown
    shown = {
        symbol
        for (file, symbol, _), targets in rows.items()
        if "libstdc++" in file and any("/pyarrow/" in path for path in targets)
    }
    captured = audit_together([fetched("3.6", "pyarrow==0.14.0")], list_captures=True).captures
    chains = [row.chain for row in captured if isinstance(row, conflicts.Conflict) and row.need == "libstdc++.so.6"]
    assert shown - {step.symbol for chain in chains for step in chain} == {"_ZSt11__once_call", "_ZSt15__once_callable"}
    assert {step.symbol for chain in chains for step in chain} <= shown


def test_the_chain_of_the_thread() -> None:
    paths = [fetched("3.6", requirement) for requirement in ("pyarrow==0.14.0", "tensorflow==1.13.1")]
    (row,) = [row for row in audit_together(paths).conflicts if row.kind is Kind.CONFLICT]
    assert isinstance(row, conflicts.Conflict)
    tensorflow = "tensorflow-1.13.1.data/purelib/tensorflow/python/_pywrap_tensorflow_internal.so"
    assert str(row) == (
        "pyarrow/libgandiva.so.14 of pyarrow crashes Python when pyarrow is imported before tensorflow (the other order is safe), unless "
        "something has loaded libstdc++.so.6 first: it defines std::__once_call, std::__once_callable and is searched before "
        "libstdc++.so.6 where that is first loaded (by pyarrow/lib.cpython-36m-x86_64-linux-gnu.so), so libstdc++.so.6 uses this copy, "
        f"while {tensorflow} of tensorflow uses the one in libstdc++.so.6"
    )
    torn, *taken = row.chain
    assert (torn.file, torn.target, torn.loads) == (
        "libstdc++.so.6", "pyarrow/libgandiva.so.14", "pyarrow/lib.cpython-36m-x86_64-linux-gnu.so"
    )  # fmt: skip
    assert {(step.file, step.symbol, step.target) for step in taken} == {
        (tensorflow, "_ZSt11__once_call", "libstdc++.so.6"),
        (tensorflow, "_ZSt15__once_callable", "libstdc++.so.6"),
    }
    assert "pyarrow/libgandiva.so.14" in torn.scope
    assert "libstdc++.so.6" not in torn.scope


# Small libraries, compiled: each rule by itself

SOURCES = {
    # The library that is shared: it refers to state of its own, and something reads that for its caller.
    "shared.c": "__thread int *state; int shared(void) { return *state; } int who(void) { return 0; } int call_who(void) { return who(); }",
    "tear.c": "__thread int *state; int tear(void) { return 1; } int who(void) { return 1; }",
    "module.c": "extern int shared(void), tear(void); int module(void) { return tear(); } void *unused = shared;",
    "taking.c": "extern __thread int *state; extern int shared(void), call_who(void); int value = 7;"
    " int taking(void) { state = &value; return shared(); } int asking(void) { return call_who(); }",
    "weak.c": "__attribute__((weak)) int who(void) { return 2; } int weak(void) { return who(); }",
    "protected.c": '__attribute__((visibility("protected"))) int who(void) { return 3; } int protected_(void) { return who(); }',
    "versions.c": '__asm__(".symver old_who, who@V_1"); __asm__(".symver new_who, who@@V_2");'
    " int old_who(void) { return 4; } int new_who(void) { return 5; }",
    "versioned.c": '__asm__(".symver who, who@V_1"); extern int who(void); int versioned(void) { return who(); }',
    "everything.c": "extern int weak(void), protected_(void), versioned(void), shared(void), tear(void);"
    " int everything(void) { return weak() + protected_() + versioned() + tear(); } void *unused = shared;",
}
MAP = "V_1 { global: who; }; V_2 { global: who; } V_1;"


class Built:
    """The small libraries, compiled into folders: those of the system, and those of two wheels."""

    def __init__(self, folder: Path, compiler: str) -> None:
        self.folder, self.compiler = folder, compiler
        root = mltags.RootHost("/")
        self.files = loader.RootFiles(root, libraries.Libraries(root).path, is_whole=True)
        for name, text in SOURCES.items():
            (folder / name).write_text(text)
        (folder / "versions.map").write_text(MAP)
        for name in ("system", "one", "two"):
            (folder / name).mkdir()
        one, system = f"-Wl,-rpath,{folder}/one", f"-Wl,-rpath,{folder}/system"
        self.build("system/libshared.so", "shared.c", "-Wl,-soname,libshared.so.1")
        (folder / "system/libshared.so.1").symlink_to("libshared.so")
        (folder / "one/libshared.so.1").symlink_to("../system/libshared.so")
        self.build("one/libtear.so", "tear.c")
        self.build("one/module.so", "module.c", "-L", "one", "-ltear", "system/libshared.so", "-Wl,--disable-new-dtags", one)
        self.build("two/taking.so", "taking.c", "system/libshared.so", "-Wl,--enable-new-dtags", system)
        self.build("one/libweak.so", "weak.c")
        self.build("one/libprotected.so", "protected.c", "-Wl,-Bsymbolic-functions")
        self.build("one/libversions.so", "versions.c", "-Wl,--version-script=versions.map")
        self.build("one/libversioned.so", "versioned.c", "-L", "one", "-lversions", one)
        names = ("weak", "protected", "versioned", "versions", "tear")
        self.build(
            "one/everything.so", "everything.c", "-L", "one", *[f"-l{name}" for name in names], "system/libshared.so", one
        )
        self.build("one/symbolic.so", "everything.c", "-L", "one", "-Wl,-Bsymbolic", *[f"-l{name}" for name in reversed(names)], "system/libshared.so", one)  # fmt: skip

    def build(self, output: str, *words: str) -> None:
        command = [self.compiler, "-shared", "-fPIC", "-O0", "-Wl,--no-as-needed", "-o", output, *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{self.compiler} does not build a library: {done.stderr[-300:]}")

    def process(self, *opened: str) -> loader.Process:
        process = loader.Process(self.files)
        for path in opened:
            process.open(str(self.folder / path))
        return process

    def bound(self, file: str, symbol: str, *opened: str) -> set[str]:
        """The files that the references to *symbol* in a file bind to, where these are opened in order."""
        process = self.process(*opened)
        (one,) = [one for one in process.objects if one.path == str(self.folder / file)]
        rows = [*process.bindings(one, lambda name: name == symbol.encode())]
        return {os.path.relpath(row.target.real, self.folder) for row in rows if row.target is not None}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    if shutil.which("gcc") is None:
        pytest.skip("no gcc")
    made = Built(tmp_path_factory.mktemp("built"), "gcc")
    yield made
    made.files.close()


CTYPES = """
import ctypes, sys
loaded = [ctypes.CDLL(path) for path in sys.argv[2:]]
print([getattr(one, sys.argv[1])() for one in loaded if sys.argv[2] and hasattr(one, sys.argv[1])])
"""


def run(built: Built, function: str, *paths: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", CTYPES, function, *[str(built.folder / path) for path in paths]]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


class TestCompiled:
    """Torn state by itself, crash included."""

    def test_torn(self, built: Built) -> None:
        assert built.bound("one/libshared.so.1", "state", "one/module.so", "two/taking.so") == {"one/libtear.so"}
        assert built.bound("two/taking.so", "state", "one/module.so", "two/taking.so") == {"system/libshared.so"}
        assert run(built, "taking", "one/module.so", "two/taking.so").returncode == _SEGMENTATION_FAULT

    def test_turned_round(self, built: Built) -> None:
        assert built.bound("system/libshared.so.1", "state", "two/taking.so", "one/module.so") == {"system/libshared.so"}
        done = run(built, "taking", "two/taking.so", "one/module.so")
        assert (done.returncode, done.stdout) == (0, "[7]\n")

    @pytest.mark.parametrize(
        ("opened", "answer", "target"),
        [
            (["one/module.so", "two/taking.so"], "[1]\n", "one/libtear.so"),
            (["two/taking.so", "one/module.so"], "[0]\n", "system/libshared.so"),
        ],
        ids=["torn", "turned round"],
    )
    def test_functions_are_captured_alike(self, built: Built, opened: list[str], answer: str, target: str) -> None:
        shared = "one/libshared.so.1" if opened[0].startswith("one") else "system/libshared.so.1"
        assert built.bound(shared, "who", *opened) == {target}
        assert run(built, "asking", *opened).stdout == answer

    @pytest.mark.parametrize(
        "opened",
        [
            ["one/everything.so"],
            ["one/symbolic.so"],
            ["one/module.so", "one/everything.so"],
            ["two/taking.so", "one/symbolic.so", "one/everything.so"],
            ["one/libversioned.so", "one/libweak.so", "one/symbolic.so"],
        ],
        ids=" ".join,
    )
    def test_all_rules_beside_the_loader(self, built: Built, tmp_path: Path, opened: list[str]) -> None:
        debug = {"LD_DEBUG": "bindings,files", "LD_DEBUG_OUTPUT": str(tmp_path / "debug"), "LD_BIND_NOW": "1"}
        done = run(built, "everything", *opened, **debug)
        assert done.returncode == 0, done.stderr
        compared = Comparison(tmp_path, os.path.realpath(sys.executable))
        own = {key: value for key, value in compared.shown.items() if key[0].startswith(str(built.folder))}
        assert len(own) > 5
        assert compared.different() == {}
        asked = ("everything", "Py", "init", "_Py")
        assert [key for key in own if key not in compared.modelled and key[1] not in asked] == []


PROGRAM = """
#include <dlfcn.h>
int main(int count, char **words) {
    for (int i = 1; i < count; i++) if (!dlopen(words[i], RTLD_NOW)) return 1;
    return 0;
}
"""


@pytest.mark.parametrize(
    ("compiler", "emulator", "folder"),
    [
        pytest.param("aarch64-linux-gnu-gcc", "qemu-aarch64", "/usr/aarch64-linux-gnu", id="aarch64"),
        pytest.param("i686-linux-gnu-gcc", "qemu-i386", "/usr/i686-linux-gnu", id="i686, DT_REL"),
    ],
)
def test_other_architectures_beside_the_loader(tmp_path: Path, compiler: str, emulator: str, folder: str) -> None:
    for program in (compiler, emulator):
        if shutil.which(program) is None:
            pytest.skip(f"no {program}")
    built = Built(tmp_path, compiler)
    (tmp_path / "program.c").write_text(PROGRAM)
    subprocess.run([compiler, "-o", tmp_path / "program", tmp_path / "program.c", "-ldl"], check=True)
    opened = [str(tmp_path / path) for path in ("one/module.so", "two/taking.so", "one/everything.so", "one/symbolic.so")]
    debug = {"LD_DEBUG": "bindings", "LD_BIND_NOW": "1", "LD_DEBUG_OUTPUT": str(tmp_path / "debug")}
    words = [word for name, value in debug.items() for word in ("-E", f"{name}={value}")]
    done = subprocess.run(
        [emulator, "-L", folder, *words, tmp_path / "program", *opened], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (output,) = tmp_path.glob("debug.*")
    shown = {
        (os.path.realpath(found[1]), found[3], found[4] or ""): os.path.realpath(found[2])
        for found in map(_BINDING.search, output.read_text().splitlines())
        if found is not None and found[1].startswith(str(tmp_path / "one"))
    }
    assert len(shown) > 5
    process = built.process(*opened)
    modelled = {
        (one.real, row.name.decode(), row.version): row.target.real
        for one in process.in_order(process.objects)
        for row in process.bindings(one)
        if row.target is not None
    }
    assert {key: modelled.get(key, "") for key in shown if shown[key].startswith(str(tmp_path))} == {
        key: value for key, value in shown.items() if value.startswith(str(tmp_path))
    }
    assert process.unknown == set()
    built.files.close()
