"""Real wheels: the two of the old thread, and current ones beside ``auditwheel show``."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import wheels
from wheels import UnavailableError

from mltags import Platform
from mltags.audit.verdict import Kind, audit, audit_together

pytestmark = pytest.mark.real

NEW = Platform.parse("manylinux_2_40_x86_64")


def fetched(requirement: str, python: str, abi: str, *platforms: str) -> Path:
    try:
        return wheels.download(requirement, python, abi, *platforms)
    except UnavailableError as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def tensorflow() -> Path:
    return fetched("tensorflow==1.13.1", "36", "cp36m", "manylinux1_x86_64")


@pytest.fixture(scope="module")
def pyarrow() -> Path:
    return fetched("pyarrow==0.14.0", "36", "cp36m", "manylinux1_x86_64")


FRAMEWORK = "tensorflow-1.13.1.data/purelib/tensorflow/libtensorflow_framework.so"


def test_tensorflow_does_not_keep_manylinux1(tensorflow: Path) -> None:
    verdict = audit(tensorflow, NEW)
    assert [(finding.rule, finding.file, finding.need, finding.promise) for finding in verdict.findings] == [
        ("glibc", FRAMEWORK, "GLIBC_2.17", "GLIBC_2.5"),
        ("glibcxx", FRAMEWORK, "GLIBCXX_3.4.19", "GLIBCXX_3.4.8"),
        ("cxxabi", FRAMEWORK, "CXXABI_1.3.7", "CXXABI_1.3.1"),
        ("purelib", FRAMEWORK, "", ""),
    ]
    assert verdict.honest == "manylinux_2_17_x86_64"
    assert not verdict.keeps
    assert verdict.loads
    old = audit(tensorflow, Platform.parse("manylinux_2_12_x86_64"))
    assert str(old.findings[0]) == f"{FRAMEWORK} needs GLIBC_2.17; the target has glibc 2.12; 40 more files exceed that"


def test_pyarrow_needs_zlib_of_the_host(pyarrow: Path) -> None:
    verdict = audit(pyarrow, NEW)
    assert [(finding.rule, finding.file, finding.need, finding.promise) for finding in verdict.findings] == [
        ("zlib", "pyarrow/libarrow.so.14", "ZLIB_1.2.0", ""),
        ("state", "pyarrow/libgandiva.so.14", "_ZSt11__once_call, _ZSt15__once_callable", ""),
    ]
    assert verdict.honest == "manylinux_2_12_x86_64"


def test_the_two_of_the_old_thread(tensorflow: Path, pyarrow: Path) -> None:
    for pair in ([tensorflow, pyarrow], [pyarrow, tensorflow]):
        (conflict,) = audit_together(pair, NEW).conflicts
        assert conflict.kind is Kind.CONFLICT
        assert conflict.file == "pyarrow/libgandiva.so.14"
        assert conflict.need == "_ZSt11__once_call, _ZSt15__once_callable"
        assert str(conflict).startswith(
            "pyarrow/libgandiva.so.14 of pyarrow-0.14.0-cp36-cp36m-manylinux1_x86_64.whl exports std::__once_call, "
            "std::__once_callable (and the function __once_proxy), state of the C++ runtime that "
        )
        assert "of tensorflow-1.13.1-cp36-cp36m-manylinux1_x86_64.whl takes from the system's libstdc++.so.6" in str(conflict)


MEASURED = """
import sys
from mltags.audit import audit_together
def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
before = peak()
audit_together(sys.argv[1:])
print(peak() - before)
"""


def test_memory_stays_bounded(tensorflow: Path, pyarrow: Path) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc that tells the peak")
    done = subprocess.run([sys.executable, "-c", MEASURED, tensorflow, pyarrow], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 150 * 1024


_X86 = ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_28_x86_64", "manylinux_2_27_x86_64")
_ARM = ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_27_aarch64")


@pytest.mark.parametrize(
    ("requirement", "platforms", "honest", "theirs"),
    [
        pytest.param("numpy==2.5.5", _X86, "manylinux_2_27_x86_64", "manylinux_2_27_x86_64", id="C, C++ and Fortran: numpy"),
        pytest.param("scipy==1.18.1", _X86, "manylinux_2_27_x86_64", "manylinux_2_27_x86_64", id="Fortran: scipy"),
        pytest.param("pandas==3.1.1", _X86, "manylinux_2_24_x86_64", "manylinux_2_24_x86_64", id="Cython: pandas"),
        pytest.param("grpcio==1.85.1", _X86, "manylinux_2_17_x86_64", "manylinux_2_17_x86_64", id="C++: grpcio"),
        pytest.param("pyarrow==26.0.1", _X86, "manylinux_2_28_x86_64", "manylinux_2_28_x86_64", id="C++: pyarrow"),
        pytest.param("cryptography==50.0.2", _X86, "manylinux_2_17_x86_64", "manylinux_2_17_x86_64", id="Rust, abi3: cryptography"),
        pytest.param("ruff==0.17.6", _X86, "manylinux_2_17_x86_64", "manylinux_2_17_x86_64", id="a Rust program: ruff"),
        # These two need glibc 2.14 and 2.7. Between its policies auditwheel knows no tag, and so names the next one.
        pytest.param("lxml==6.1.3", _X86, "manylinux_2_14_x86_64", "manylinux_2_17_x86_64", id="C: lxml"),
        pytest.param("psutil==7.2.2", (*_X86, "manylinux2010_x86_64"), "manylinux_2_7_x86_64", "manylinux_2_12_x86_64", id="C, abi3: psutil"),
        pytest.param("numpy==2.5.5", _ARM, "manylinux_2_27_aarch64", "manylinux_2_27_aarch64", id="aarch64: numpy"),
        pytest.param("orjson==3.13.0", _ARM, "manylinux_2_17_aarch64", "manylinux_2_17_aarch64", id="Rust on aarch64: orjson"),
        pytest.param("pyyaml==6.0.3", ("musllinux_1_2_x86_64",), "musllinux_1_2_x86_64", "musllinux_1_2_x86_64", id="musllinux: pyyaml"),
        # musl has no symbol versions: auditwheel goes by the musl of the machine it runs on, and fails where there is none.
        pytest.param("pydantic-core==2.50.4", ("musllinux_1_1_x86_64",), "musllinux_1_1_x86_64", None, id="Rust on musllinux: pydantic-core"),
    ],
)  # fmt: skip
def test_current_wheels_beside_auditwheel(
    requirement: str, platforms: tuple[str, ...], honest: str, theirs: "str | None"
) -> None:
    path = fetched(requirement, "312", "cp312", *platforms)
    verdict = audit(path, NEW)
    assert (verdict.honest, verdict.keeps) == (honest, True), verdict.findings
    if theirs is None:
        return
    try:
        program = wheels.auditwheel()
    except UnavailableError as problem:
        pytest.skip(str(problem))
    folders = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    done = subprocess.run(
        [program, "show", path], capture_output=True, text=True, check=False, env={**os.environ, "PATH": folders}
    )
    found = re.search(r'following\s+platform\s+tag:\s+"(\w+)"', done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert found[1] == theirs


def test_current_wheels_do_one_another_no_harm() -> None:
    names = ["numpy==2.5.5", "scipy==1.18.1", "pandas==3.1.1", "pyarrow==26.0.1", "grpcio==1.85.1"]
    assert audit_together([fetched(name, "312", "cp312", *_X86) for name in names], NEW).conflicts == ()
