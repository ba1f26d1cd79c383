"""Verdicts on wheels, by wheels made up for the purpose; the real ones are in test_audit_real."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from elves import FUNCTION, TLS, Symbol, elf, wheel

import mltags
import mltags.audit
from mltags import MltagsError, Platform, RootHost, _audit_report, _libraries, _output
from mltags import audit as audit_module
from mltags._errors import InvalidWheel, InvalidWheelName
from mltags.audit import Audit, Finding, Kind, audit, audit_together

NEW = Platform.parse("manylinux_2_40_x86_64")
TAGS = "cp312-cp312-manylinux_2_17_x86_64"
OURS = "demo/x.cpython-312-x86_64-linux-gnu.so"


def judged(folder: Path, data: "bytes | dict[str, bytes]", tags: str = TAGS, *, target: Any = NEW, **options: Any) -> Audit:
    files = data if isinstance(data, dict) else {OURS: data}
    root = options.pop("root", None)
    return audit(wheel(folder, f"demo-1.0-{tags}.whl", files, **options), target, root=root)


def found(verdict: Audit) -> list[tuple[str, str, str]]:
    return [(str(finding.kind), finding.rule, str(finding)) for finding in verdict.findings]


def test_a_wheel_that_keeps_its_promise(tmp_path: Path) -> None:
    verdict = judged(tmp_path, elf(versions={"libc.so.6": ["GLIBC_2.2.5", "GLIBC_2.17"]}))
    assert verdict == Audit(
        f"demo-1.0-{TAGS}.whl", ("manylinux_2_17_x86_64",), "manylinux_2_17_x86_64", mltags.Glibc(2, 17), ()
    )
    assert verdict
    assert verdict.keeps
    assert verdict.loads
    assert str(verdict) == (
        "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl: keeps its promise (claims manylinux_2_17_x86_64, needs glibc 2.17, "
        "honest tag manylinux_2_17_x86_64); loads here"
    )


def test_a_wheel_without_elf_files_is_for_any_platform(tmp_path: Path) -> None:
    verdict = judged(tmp_path, {"demo.py": b""}, "py3-none-any")
    assert verdict
    assert (verdict.honest, verdict.glibc, found(verdict)) == ("any", None, [])


@pytest.mark.parametrize(
    ("tags", "data", "honest", "sentences"),
    [
        pytest.param(
            TAGS,
            elf(versions={"libc.so.6": ["GLIBC_2.2.5", "GLIBC_2.28", "GLIBC_2.25"]}),
            "manylinux_2_28_x86_64",
            [f"{OURS} needs GLIBC_2.28; manylinux_2_17_x86_64 promises GLIBC_2.17 at most"],
            id="glibc",
        ),
        pytest.param(
            "cp312-cp312-manylinux_2_28_x86_64.manylinux2014_x86_64",
            elf(versions={"libc.so.6": ["GLIBC_2.27"]}),
            "manylinux_2_27_x86_64",
            [f"{OURS} needs GLIBC_2.27; manylinux_2_28_x86_64.manylinux2014_x86_64 promises GLIBC_2.17 at most"],
            id="the oldest of several tags counts",
        ),
        pytest.param(
            TAGS,
            elf(needed=["libstdc++.so.6", "libz.so.1"], versions={"libstdc++.so.6": ["GLIBCXX_3.4.20", "CXXABI_1.3"], "libz.so.1": ["ZLIB_1.2.9"]}),
            "manylinux_2_27_x86_64",
            [
                f"{OURS} needs GLIBCXX_3.4.20; manylinux_2_17_x86_64 promises GLIBCXX_3.4.19 at most",
                f"{OURS} needs ZLIB_1.2.9; manylinux_2_17_x86_64 promises ZLIB_1.2.5.2 at most",
            ],
            id="the libraries of the generation",
        ),
        pytest.param(
            "cp312-cp312-manylinux1_x86_64",
            elf(needed=["libz.so.1"], versions={"libz.so.1": ["ZLIB_1.2.0"]}),
            "manylinux_2_12_x86_64",
            [f"{OURS} needs ZLIB_1.2.0; manylinux1_x86_64 promises no ZLIB"],
            id="a generation without versions",
        ),
        pytest.param(
            TAGS,
            elf(needed=["libstdc++.so.6"], versions={"libstdc++.so.6": ["GLIBCXX_3.4.99"], "libc.so.6": ["GLIBC_PRIVATE"]}),
            "linux_x86_64",
            [
                f"{OURS} needs GLIBCXX_3.4.99; manylinux_2_17_x86_64 promises GLIBCXX_3.4.19 at most",
                f"{OURS} needs GLIBC_PRIVATE; manylinux_2_17_x86_64 promises GLIBC_2.17 at most",
            ],
            id="versions that no generation has",
        ),
        pytest.param(
            TAGS,
            elf(needed=["libssl.so.3", "libc.so.6", "ld-linux-x86-64.so.2"], versions={"libssl.so.3": ["OPENSSL_3.0.0"]}),
            "linux_x86_64",
            [f"{OURS} needs libssl.so.3, which is neither in the wheel nor promised by manylinux_2_17_x86_64"],
            id="a library that is on no list",
        ),
        pytest.param(
            TAGS,
            elf(needed=["libmvec.so.1"]),
            "manylinux_2_24_x86_64",
            [f"{OURS} needs libmvec.so.1, which is neither in the wheel nor promised by manylinux_2_17_x86_64"],
            id="a library that later generations have",
        ),
        pytest.param("cp312-cp312-linux_x86_64", elf(needed=["libssl.so.3"], versions={"libc.so.6": ["GLIBC_2.38"]}), "linux_x86_64", [], id="a linux tag promises the machine alone"),
        pytest.param("cp312-cp312-linux_x86_64", elf(versions={"libc.so.6": ["GLIBC_2.38"]}), "manylinux_2_38_x86_64", [], id="a linux tag may be too modest"),
        pytest.param("cp312-cp312-manylinux_3_1_x86_64", elf(versions={"libc.so.6": ["GLIBC_2.60"]}), "manylinux_2_60_x86_64", [], id="glibc 3 promises all of glibc 2"),
        pytest.param(
            "cp312-cp312-manylinux_3_1_x86_64",
            elf(versions={"libc.so.6": ["GLIBC_PRIVATE"]}),
            "linux_x86_64",
            [f"{OURS} needs GLIBC_PRIVATE; manylinux_3_1_x86_64 promises GLIBC_3.1 at most"],
            id="but not what nobody promises",
        ),
        pytest.param(
            TAGS,
            elf("aarch64"),
            "manylinux_2_17_aarch64",
            [f"{OURS} is for aarch64, and the tag says manylinux_2_17_x86_64"],
            id="another architecture",
        ),
        pytest.param(
            TAGS,
            {"a.so": elf(), "b.so": elf("i686"), "c.so": elf("i686")},
            "",
            ["b.so (and 1 more) is for i686, and the tag says manylinux_2_17_x86_64"],
            id="two architectures",
        ),
        pytest.param("py3-none-manylinux_2_17_armv7l", {"a": elf("armv7l")}, "manylinux_2_17_armv7l", [], id="32-bit ARM"),
        pytest.param("py3-none-linux_armv6l", {"a": elf("armv7l")}, "manylinux_2_17_armv7l", [], id="a header does not tell the version of ARM"),
        pytest.param(
            TAGS,
            elf(needed=["libc.musl-x86_64.so.1"]),
            "linux_x86_64",
            [f"{OURS} needs musl, and the tag says manylinux_2_17_x86_64"],
            id="musl in a manylinux wheel",
        ),
        pytest.param(
            "cp312-cp312-musllinux_1_2_x86_64",
            elf(versions={"libc.so.6": ["GLIBC_2.28"]}),
            "manylinux_2_28_x86_64",
            [f"{OURS} needs glibc, and the tag says musllinux_1_2_x86_64"],
            id="glibc in a musllinux wheel",
        ),
        pytest.param("cp312-cp312-musllinux_1_2_x86_64.musllinux_1_1_x86_64", elf(needed=["libc.so", "libz.so.1"]), "musllinux_1_1_x86_64", [], id="musl"),
        pytest.param(
            "cp312-cp312-musllinux_1_2_x86_64",
            elf(needed=["libc.so", "libstdc++.so.6"]),
            "linux_x86_64",
            [f"{OURS} needs libstdc++.so.6, which is neither in the wheel nor promised by musllinux_1_2_x86_64"],
            id="musl and a library that is on no list",
        ),
        pytest.param("py3-none-musllinux_1_2_x86_64", {"tool": elf(needed=[])}, "musllinux_1_2_x86_64", [], id="a static program for musl"),
        pytest.param("py3-none-manylinux_2_28_x86_64", {"tool": elf(needed=[])}, "manylinux_2_5_x86_64", [], id="a static program for glibc"),
        pytest.param(
            "py3-none-any",
            {"a.so": elf(), "b.so": elf()},
            "manylinux_2_5_x86_64",
            ["a.so (and 1 more) is for one machine, and the tag says any"],
            id="ELF files in a wheel for any platform",
        ),
        pytest.param("cp312-cp312-win_amd64", {"a.py": b""}, "any", [], id="no ELF files in a wheel for Windows"),
        pytest.param(
            "cp312-cp312-win_amd64",
            {"a.so": elf()},
            "manylinux_2_5_x86_64",
            ["a.so is for x86_64, and the tag says win_amd64"],
            id="ELF files in a wheel for Windows",
        ),
        pytest.param(
            "cp312-cp312-manylinux1_aarch64",
            elf("aarch64"),
            "manylinux_2_17_aarch64",
            ["invalid platform tag 'manylinux1_aarch64': alias: manylinux1 exists for x86_64 and i686 only"],
            id="a tag that no machine has",
        ),
        pytest.param(
            TAGS,
            {"x.cpython-311-x86_64-linux-gnu.so": elf(), "y.cpython-311-x86_64-linux-gnu.so": elf(), "z.abi3.so": elf(), "w.so": elf()},
            "manylinux_2_5_x86_64",
            ["x.cpython-311-x86_64-linux-gnu.so (and 1 more) says ABI cp311, and the tag says cp312"],
            id="extension modules for another Python",
        ),
        pytest.param(
            "cp38-abi3-manylinux_2_17_x86_64",
            {"x.cpython-38-x86_64-linux-gnu.so": elf(), "y.abi3.so": elf()},
            "manylinux_2_5_x86_64",
            ["x.cpython-38-x86_64-linux-gnu.so says ABI cp38, and the tag says abi3"],
            id="one Python's module in a wheel of the stable ABI",
        ),
        pytest.param("py3-none-manylinux_2_17_x86_64", {f"x.cpython-{n}-x86_64-linux-gnu.so": elf() for n in (311, "312t")}, "manylinux_2_5_x86_64", [], id="one module for each of several Pythons"),
        pytest.param(
            "py3-none-manylinux_2_17_x86_64",
            {"x.pypy311-pp73-x86_64-linux-gnu.so": elf()},
            "manylinux_2_5_x86_64",
            ["x.pypy311-pp73-x86_64-linux-gnu.so says ABI pypy311_pp73, and the tag says none"],
            id="one Python's module in a wheel for all",
        ),
        pytest.param(
            TAGS,
            {"demo-1.0.data/purelib/x.so": elf(), "demo-1.0.data/purelib/y.so": elf(), "z.so": elf()},
            "manylinux_2_5_x86_64",
            ["demo-1.0.data/purelib/x.so (and 1 more) is in purelib, which is for files of any platform"],
            id="ELF files in purelib",
        ),
    ],
)  # fmt: skip
def test_claims_against_contents(tmp_path: Path, tags: str, data: Any, honest: str, sentences: list[str]) -> None:
    verdict = judged(tmp_path, data, tags)
    broken = [str(finding) for finding in verdict.findings if finding.kind is Kind.PROMISE]
    assert [broken[place].startswith(text) for place, text in enumerate(sentences)] == [True] * len(broken)
    assert verdict.honest == honest
    assert verdict.keeps == (not sentences)


def test_each_finding_names_file_need_and_promise(tmp_path: Path) -> None:
    files = {
        f"{name}.so": elf(versions={"libc.so.6": [version]})
        for name, version in zip("abc", ("GLIBC_2.18", "GLIBC_2.28", "GLIBC_2.5"), strict=True)
    }
    text = "b.so needs GLIBC_2.28; manylinux_2_17_x86_64 promises GLIBC_2.17 at most; 1 more file exceeds that"
    assert judged(tmp_path, files).findings == (Finding(Kind.PROMISE, "glibc", "b.so", "GLIBC_2.28", "GLIBC_2.17", text),)
    files["d.so"] = elf(versions={"libc.so.6": ["GLIBC_2.19"]})
    assert str(judged(tmp_path, files).findings[0]).endswith("; 2 more files exceed that")


def test_the_worst_comes_first(tmp_path: Path) -> None:
    verdict = judged(tmp_path, elf(needed=["libq.so"]), "cp312-cp312-manylinux_2_99_x86_64", record=[])
    assert [finding.kind for finding in verdict.findings] == [Kind.LOAD, Kind.PROMISE, Kind.FILE]
    assert not verdict.keeps
    assert not verdict.loads
    assert "does not keep its promise" in str(verdict)
    assert str(verdict).endswith("does not load here")


def test_the_name_against_the_metadata(tmp_path: Path) -> None:
    verdict = judged(tmp_path, elf(), tags="cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64", record=[])
    assert found(verdict) == [("file", "record", f"{OURS} is not in RECORD")]
    verdict = audit(wheel(tmp_path, "demo-1.0-py2.py3-none-any.whl", {}, tags=["py3-none-any", "cp312-none-any"]), NEW)
    assert found(verdict) == [
        ("file", "tags", "the Tag lines of WHEEL lack py2-none-any of the name, and add cp312-none-any"),
    ]  # fmt: skip
    assert not verdict.keeps
    assert verdict.loads


def test_libraries_in_the_wheel_are_not_the_systems(tmp_path: Path) -> None:
    versions = {"libq-0123abcd.so.1": ["Q_9"], "libstdc++.so.6": ["GLIBCXX_3.4.99"]}
    files = {
        "demo/x.so": elf(needed=["libq-0123abcd.so.1", "libstdc++.so.6", "libplain.so"], versions=versions, runpath="$ORIGIN/../demo.libs:${ORIGIN}/lib"),
        "demo.libs/libq-0123abcd.so.1": elf(soname="libq-0123abcd.so.1"),
        "demo/lib/libstdc++.so.6": elf(soname="libstdc++.so.6"),
        "demo/libplain.so": elf(),
        "demo/y.so": elf(needed=["libplain.so"]),
    }  # fmt: skip
    verdict = judged(tmp_path, files, root=RootHost(tmp_path))
    assert found(verdict)[-1] == (
        "remark",
        "rpath",
        "demo/x.so (and 1 more) finds libplain.so of this wheel only where it is loaded already",
    )
    assert verdict.keeps
    assert verdict.honest == "manylinux_2_5_x86_64"


def test_a_hostile_wheel_does_not_make_a_hostile_report(tmp_path: Path) -> None:
    names = [f"lib{number}\x1b[2J.so" for number in range(1200)]
    verdict = judged(tmp_path, elf(needed=names), root=RootHost(tmp_path))
    assert len(verdict.findings) == 2000
    assert all(str(finding).isprintable() and "\\x1b" in str(finding) for finding in verdict.findings)


#: A system: glibc's libraries, an old libstdc++, and the loader's configuration.
SYSTEM = {
    "etc/ld.so.conf": b"include ld.so.conf.d/*.conf # ours\n/missing\ninclude /etc/ld.so.conf\n",
    "etc/ld.so.conf.d/own.conf": b"/opt/own/lib\n",
    "lib/x86_64-linux-gnu/libc.so.6": elf(soname="libc.so.6", defines=["GLIBC_2.4", "GLIBC_PRIVATE"]),
    "usr/lib/libstdc++.so.6": elf("i686", soname="libstdc++.so.6"),
    "usr/lib/x86_64-linux-gnu/libstdc++.so.6": elf(
        soname="libstdc++.so.6",
        defines=["GLIBCXX_3.4", "GLIBCXX_3.4.1"],
        symbols=[Symbol("_ZSt4cout"), Symbol("_ZSt11__once_call", TLS)],
    ),
    "opt/own/lib/libown.so": elf(),
    "usr/lib/libz.so.1": elf(defines=["ZLIB_1.2.0"]),
    "usr/lib/libbroken.so": elf()[:200],
}


@pytest.fixture
def system(tmp_path: Path) -> RootHost:
    for name, data in SYSTEM.items():
        path = tmp_path / "system" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return RootHost(tmp_path / "system")


def test_the_systems_libraries(tmp_path: Path, system: RootHost) -> None:
    data = elf(
        needed=["libc.so.6", "libstdc++.so.6", "libown.so", "libz.so.1", "ld-linux-x86-64.so.2", "libX11.so.6", "../libz.so.1", "libbroken.so"],
        versions={"libstdc++.so.6": ["GLIBCXX_3.4.1", "GLIBCXX_3.4.9", "GLIBCXX_3.4.10"], "libz.so.1": ["ZLIB_1.2.0"], "libc.so.6": ["GLIBC_2.4", "GLIBC_PRIVATE", "GLIBC_ABI_NEW"], "libbroken.so": ["B_1"]},
    )  # fmt: skip
    verdict = judged(tmp_path, {"x.so": data}, "cp312-cp312-linux_x86_64", root=system)
    assert found(verdict) == [
        ("load", "library", "x.so needs libX11.so.6, which is neither in the wheel nor on the target's library path"),
        ("load", "library", "x.so needs ../libz.so.1, which is neither in the wheel nor on the target's library path"),
        ("load", "version", "x.so needs GLIBCXX_3.4.10, which the target's libstdc++.so.6 does not define"),
        ("load", "version", "x.so needs GLIBC_ABI_NEW, which the target's libc.so.6 does not define"),
        ("load", "version", "x.so needs B_1, which the target's libbroken.so does not define"),
    ]
    assert verdict.keeps
    assert not verdict.loads


def test_only_this_machines_environment_counts(tmp_path: Path, system: RootHost, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/libq.so").write_bytes(elf())
    monkeypatch.setenv("LD_LIBRARY_PATH", f"relative:{tmp_path}/more")
    data = {"x.so": elf(needed=["libq.so"])}
    assert not judged(tmp_path, data, "cp312-cp312-linux_x86_64", root=system).loads
    assert judged(tmp_path, data, "cp312-cp312-linux_x86_64", root=RootHost("/")).loads


def test_musls_own_library_path(tmp_path: Path, system: RootHost) -> None:
    (tmp_path / "system/etc/ld-musl-x86_64.path").write_text("/lib:/opt/musl\n/more")
    (tmp_path / "system/more").mkdir()
    (tmp_path / "system/more/libq.so").write_bytes(elf())
    target = Platform.parse("musllinux_1_2_x86_64")
    verdict = judged(
        tmp_path, {"x.so": elf(needed=["libq.so", "libc.so"])}, "py3-none-linux_x86_64", target=target, root=system
    )
    assert verdict


def test_a_chain_of_configuration_files_has_an_end(tmp_path: Path, system: RootHost) -> None:
    for number in range(300):
        (tmp_path / f"system/etc/{number}.conf").write_text(f"include {number + 1}.conf\n/lib{number}\n")
    (tmp_path / "system/etc/ld.so.conf").write_text("include 0.conf\n")
    for number in (100, 250):
        (tmp_path / f"system/lib{number}").mkdir()
        (tmp_path / f"system/lib{number}/lib{number}.so").write_bytes(elf())
    verdict = judged(tmp_path, {"x.so": elf(needed=["lib100.so", "lib250.so"])}, "cp312-cp312-linux_x86_64", root=system)
    assert [finding.need for finding in verdict.findings] == ["lib250.so"]


@pytest.mark.parametrize(
    ("target", "tags", "data", "sentences"),
    [
        pytest.param(
            "manylinux_2_20_x86_64",
            TAGS,
            {"x.so": elf(versions={"libc.so.6": ["GLIBC_2.28", "GLIBC_2.30"]}), "y.so": elf(versions={"libm.so.6": ["GLIBC_2.21"]})},
            ["x.so needs GLIBC_2.30; the target has glibc 2.20; 1 more file exceeds that"],
            id="an old glibc, whatever the tag says",
        ),
        pytest.param(
            "manylinux_2_20_x86_64",
            "cp312-cp312-manylinux_2_28_x86_64",
            elf(),
            ["the wheel needs glibc 2.28 or newer (manylinux_2_28_x86_64); this system has 2.20 (declared)"],
            id="the tag alone",
        ),
        pytest.param("manylinux_2_20_aarch64", "cp312-cp312-linux_x86_64", elf(needed=["libq.so"]), ["the wheel is for x86_64 (linux_x86_64); this machine is aarch64"], id="another machine"),
        pytest.param(
            "musllinux_1_2_x86_64",
            "cp312-cp312-linux_x86_64",
            elf(),
            [f"{OURS} needs another C library than the target's musl"],
            id="another C library",
        ),
        pytest.param("manylinux_3_1_x86_64", TAGS, elf(versions={"libc.so.6": ["GLIBC_2.60"]}), [], id="glibc 3"),
        pytest.param("manylinux_2_28_x86_64", TAGS, elf("aarch64"), [f"{OURS} is for aarch64; the target is x86_64"], id="files for another machine than the tag's"),
        pytest.param("win_amd64", "py3-none-any", {"x.so": elf()}, ["x.so is for x86_64; the target is Windows"], id="ELF files on Windows"),
        pytest.param("linux_x86_64", "cp312-cp312-linux_x86_64", elf(), [], id="no C library is known"),
    ],
)  # fmt: skip
def test_will_it_load(tmp_path: Path, target: str, tags: str, data: Any, sentences: list[str]) -> None:
    verdict = judged(tmp_path, data, tags, target=Platform.parse(target))
    assert [str(finding) for finding in verdict.findings if finding.kind is Kind.LOAD] == sentences
    assert verdict.loads == (not sentences)


def test_the_python_counts_where_a_target_has_one(tmp_path: Path) -> None:
    target = mltags.Target.of(python_version="3.11", implementation="cp", platform="manylinux_2_28_x86_64")
    assert [finding.rule for finding in judged(tmp_path, elf(), target=target).findings] == ["target"]
    assert judged(tmp_path, elf(), target=target.platform)
    listed = mltags.Target.from_tags([TAGS])
    assert judged(tmp_path, elf(needed=["libc.so.6"]), target=listed, root=RootHost(tmp_path))
    ceiling = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_28_x86_64", max_glibc="2.17")
    verdict = judged(tmp_path, elf(versions={"libc.so.6": ["GLIBC_2.18"]}), target=ceiling)
    assert str(verdict.findings[0]) == f"{OURS} needs GLIBC_2.18; the target has glibc 2.17"


ONCE = [("_ZSt11__once_call", "std::__once_call"), ("_ZSt15__once_callable", "std::__once_callable")]


def exporting(*symbols: Symbol, **options: Any) -> bytes:
    return elf(symbols=[*symbols, Symbol("_ZSt9terminatev", FUNCTION)], **options)


def taking(*names: str, library: str = "libstdc++.so.6") -> bytes:
    symbols = [Symbol(name, TLS, is_defined=False, library=library, version="GLIBCXX_3.4.11") for name in names]
    return elf(needed=["libstdc++.so.6"], versions={library: ["GLIBCXX_3.4.11"]}, symbols=symbols)


def together(folder: Path, *contents: dict[str, bytes], root: Any = None) -> list[str]:
    wheels = [wheel(folder, f"demo{number}-1.0-{TAGS}.whl", files) for number, files in enumerate(contents)]
    return [str(finding) for finding in audit_together(wheels, NEW, root=root).conflicts]


def test_exported_state_of_the_runtime_is_a_conflict(tmp_path: Path) -> None:
    state = exporting(*[Symbol(name, TLS) for name, _ in ONCE], Symbol("__once_proxy", FUNCTION), soname="libg.so.14")
    user = taking(*[name for name, _ in ONCE])
    assert together(tmp_path, {"a/libg.so.14": state}, {"b/x.so": user, "b/y.so": user}) == [
        (
            "a/libg.so.14 of demo0-1.0-cp312-cp312-manylinux_2_17_x86_64.whl exports std::__once_call, std::__once_callable (and the "
            "function __once_proxy), state of the C++ runtime that b/x.so (and 1 more) of "
            "demo1-1.0-cp312-cp312-manylinux_2_17_x86_64.whl takes from the system's libstdc++.so.6: where both are imported, "
            "std::call_once of the one then finds the other's state empty, and likely crashes the process"
        )
    ]
    assert len(together(tmp_path, {"b/x.so": user}, {"a/libg.so.14": state})) == 1
    assert together(tmp_path, {"a/libg.so.14": state}, {"b/x.so": user, "b/libstdc++.so.6": elf(soname="libstdc++.so.6")}) == []
    assert together(tmp_path, {"a/libg.so.14": state}) == []
    alone = judged(tmp_path, {"a/libg.so.14": state})
    assert alone
    assert found(alone) == [
        (
            "remark",
            "state",
            (
                "a/libg.so.14 exports std::__once_call, std::__once_callable (and the function __once_proxy), state of the C++ runtime "
                "that other wheels may take from the system"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(exporting(Symbol("_ZSt11__once_call", FUNCTION), Symbol("__once_proxy", FUNCTION)), taking("_ZSt11__once_call"), id="functions alone"),
        pytest.param(exporting(Symbol("_ZSt11__once_call", TLS, visibility=2)), taking("_ZSt11__once_call"), id="hidden"),
        pytest.param(exporting(Symbol("_ZSt11__once_call", TLS)), taking("_ZSt11__once_call", library="libstdc++-0123abcd.so.6"), id="taken from a copy of its own"),
        pytest.param(exporting(Symbol("_ZSt11__once_call", TLS), soname="libstdc++-0123abcd.so.6"), taking("_ZSt11__once_call"), id="a whole copy of the runtime"),
        pytest.param(exporting(Symbol("_ZSt4cout")), taking("_ZSt4cout"), id="without the system's libstdc++ only what is built in is known"),
    ],
)  # fmt: skip
def test_no_conflict(tmp_path: Path, one: bytes, other: bytes) -> None:
    assert together(tmp_path, {"a.so": one}, {"b.so": other}) == []


def test_state_is_what_the_systems_libstdcxx_says(tmp_path: Path, system: RootHost) -> None:
    (found,) = together(tmp_path, {"a.so": exporting(Symbol("_ZSt4cout"))}, {"b.so": taking("_ZSt4cout")}, root=system)
    assert "exports std::cout, state of the C++ runtime" in found
    assert found.endswith("where both are imported, each may see the other's value, or none")
    os.remove(Path(system.directory) / "usr/lib/x86_64-linux-gnu/libstdc++.so.6")
    assert together(tmp_path, {"a.so": exporting(Symbol("_ZSt4cout"))}, {"b.so": taking("_ZSt4cout")}, root=system) == []
    assert together(
        tmp_path, {"a.so": exporting(Symbol("_ZSt11__once_call", TLS))}, {"b.so": taking("_ZSt11__once_call")}, root=system
    )


def bundling(soname: str, data: bytes = b"") -> dict[str, bytes]:
    return {"x.so": elf(needed=[soname]), f"lib/{soname}": elf(soname=soname) + data}


def test_one_soname_for_two_libraries_is_a_conflict(tmp_path: Path) -> None:
    assert together(tmp_path, bundling("libq.so.1"), bundling("libq.so.1", b"other")) == [
        (
            "lib/libq.so.1 of demo0-1.0-cp312-cp312-manylinux_2_17_x86_64.whl and lib/libq.so.1 of "
            "demo1-1.0-cp312-cp312-manylinux_2_17_x86_64.whl are different libraries of one SONAME, libq.so.1: where both are imported, "
            "the first to be loaded serves both"
        )
    ]
    assert together(tmp_path, bundling("libq.so.1"), bundling("libq.so.1")) == []
    assert together(tmp_path, bundling("libq.so.1"), bundling("libr.so.1")) == []
    assert together(tmp_path, bundling("libq-0123abcd.so.1"), bundling("libq-0123abcd.so.1", b"other")) == []
    assert len(together(tmp_path, bundling("libq-extra.so.1"), bundling("libq-extra.so.1", b"other"))) == 1
    assert len(together(tmp_path, bundling("libq-2.so.1"), bundling("libq-2.so.1", b"other"))) == 1
    module = {"x.so": elf(soname="x.so")}
    assert together(tmp_path, module, {"x.so": elf(soname="x.so") + b"other"}) == []


def test_symbols_that_are_no_plain_names_stay_as_they_are() -> None:
    assert [audit_module._plain(name) for name in ("_ZSt4cout", "_ZNSt6locale2idE", "_ZSt9cout", "cout", "_ZSt")] == [
        "std::cout", "_ZNSt6locale2idE", "_ZSt9cout", "cout", "_ZSt",
    ]  # fmt: skip


def test_one_that_cannot_be_read_does_not_keep_the_others_from_being_judged(tmp_path: Path) -> None:
    good = wheel(tmp_path, f"demo-1.0-{TAGS}.whl", {OURS: elf()})
    result = audit_together([tmp_path / "missing-1.0-py3-none-any.whl", good, tmp_path / "no wheel"], NEW)
    assert [type(verdict) for verdict in result.wheels] == [InvalidWheel, Audit, InvalidWheelName]
    assert not result
    assert audit_together([good], NEW)
    with pytest.raises(InvalidWheel):
        audit(tmp_path / "missing-1.0-py3-none-any.whl", NEW)


def test_without_a_target_this_machine_counts_and_not_its_python(tmp_path: Path) -> None:
    path = wheel(tmp_path, "demo-1.0-py2-none-any.whl", {})
    assert audit(path)
    assert not audit(path, mltags.Target.of(python_version="3.12"))


def test_without_pyelftools_nothing_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "elftools", None)
    with pytest.raises(MltagsError, match=r"pip install 'mltags\[audit\]'"):
        audit(tmp_path / "demo-1.0-py3-none-any.whl")


def run(*arguments: "str | Path") -> int:
    return _output.run(["audit", *map(str, arguments)])


def test_command_exit_codes_and_report(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    good = wheel(tmp_path, f"good-1.0-{TAGS}.whl", {OURS: elf()})
    bad = wheel(
        tmp_path,
        f"bad-1.0-{TAGS}.whl",
        {OURS: elf(versions={"libc.so.6": ["GLIBC_2.28"]}), "y.so": elf(needed=["z.so"]), "lib/z.so": elf()},
    )
    target = ["--platform", "manylinux_2_30_x86_64", "--python-version", "3.12", "--implementation", "cp"]
    assert run(good, *target) == 0
    assert capsys.readouterr().out == (
        "good-1.0-cp312-cp312-manylinux_2_17_x86_64.whl: keeps its promise (claims manylinux_2_17_x86_64, "
        "honest tag manylinux_2_5_x86_64); loads here\n"
    )
    assert run(good, bad, *target) == 1
    assert capsys.readouterr().out.splitlines()[1:] == [
        (
            "bad-1.0-cp312-cp312-manylinux_2_17_x86_64.whl: does not keep its promise (claims manylinux_2_17_x86_64, needs glibc 2.28, "
            "honest tag manylinux_2_28_x86_64); loads here"
        ),
        f"  {OURS} needs GLIBC_2.28; manylinux_2_17_x86_64 promises GLIBC_2.17 at most",
        "  remark: y.so finds z.so of this wheel only where it is loaded already",
    ]
    assert run(tmp_path / "missing-1-py3-none-any.whl", good, *target) == 2
    streams = capsys.readouterr()
    assert streams.out.startswith("good-1.0-")
    assert streams.err.startswith("mltags: invalid wheel '")
    assert "missing-1-py3-none-any.whl': file: cannot be read: No such file or directory\n" in streams.err
    assert run(tmp_path / "missing-1-py3-none-any.whl", *target) == 2
    assert capsys.readouterr().out == ""


def test_command_names_conflicts(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    one = wheel(tmp_path, f"one-1.0-{TAGS}.whl", bundling("libq.so.1"))
    other = wheel(tmp_path, f"other-1.0-{TAGS}.whl", bundling("libq.so.1", b"other"))
    assert run(one, other, "--platform", "manylinux_2_30_x86_64", "--python-version", "3.12", "--implementation", "cp") == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("together: lib/libq.so.1 of one-1.0-")


def test_command_json(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = wheel(tmp_path, f"demo-1.0-{TAGS}.whl", {OURS: elf(versions={"libc.so.6": ["GLIBC_2.28"]})})
    empty = wheel(tmp_path, "empty-1.0-py3-none-any.whl", {})
    words = ["--json", "--platform", "manylinux_2_30_x86_64", "--python-version", "3.12", "--implementation", "cp"]
    assert run(path, empty, "no wheel", *words) == 2
    assert json.loads(capsys.readouterr().out) == {
        "mltags": 1,
        "wheels": [
            {
                "name": f"demo-1.0-{TAGS}.whl",
                "claims": ["manylinux_2_17_x86_64"],
                "honest": "manylinux_2_28_x86_64",
                "glibc": [2, 28],
                "keeps": False,
                "loads": True,
                "findings": [
                    {
                        "kind": "promise",
                        "rule": "glibc",
                        "file": OURS,
                        "need": "GLIBC_2.28",
                        "promise": "GLIBC_2.17",
                        "sentence": f"{OURS} needs GLIBC_2.28; manylinux_2_17_x86_64 promises GLIBC_2.17 at most",
                    }
                ],
            },
            {"name": "empty-1.0-py3-none-any.whl", "claims": ["any"], "honest": "any", "glibc": None, "keeps": True, "loads": True, "findings": []},
            {"name": "no wheel", "error": "invalid wheel name 'no wheel': extension: '.whl' is accepted, in lower case"},
        ],
        "conflicts": [],
    }  # fmt: skip


def test_command_targets(tmp_path: Path, system: RootHost, capsys: pytest.CaptureFixture) -> None:
    path = wheel(tmp_path, "demo-1.0-py2-none-any.whl", {})
    assert run(path) == run(path, "--max-glibc", "2.17") == 0
    assert run(path, "--python", sys.executable) == 1
    assert run(path, "--python-version", "3.12") == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("  the wheel needs Python 2 (py2)")
    (tmp_path / "system/bin").mkdir()
    (tmp_path / "system/bin/sh").write_bytes(elf(interpreter="/lib64/ld-linux-x86-64.so.2"))
    own = wheel(tmp_path, "own-1.0-cp36-cp36m-linux_x86_64.whl", {"x.so": elf(needed=["libown.so", "libX11.so.6"])})
    assert run(own, "--root", system.directory) == 1
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  x.so needs libX11.so.6, which is neither in the wheel nor on the target's library path"
    ]
    assert run(own, "--root", system.directory, "--abi", "cp36m") == 2
    assert run(own, "--root", str(tmp_path / "nowhere")) == 2


def test_command_shows_progress_to_people_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    path = wheel(tmp_path, "demo-1.0-py3-none-any.whl", {"a": b"1234", "b": b"", "c": b"12"})
    assert run(path) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run(path) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(_audit_report, "LARGE", 10)
    assert run(path) == 0
    shown = capsys.readouterr().err
    assert shown.startswith("\rdemo-1.0-py3-none-any.whl: 0 %\rdemo-1.0-py3-none-any.whl: ")
    assert shown.split("\r")[-2].strip() == ""
    assert shown.endswith("\r")


def test_command_of_a_platform_alone_leaves_the_python_out(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    old = wheel(tmp_path, "old-1.0-cp36-cp36m-manylinux_2_17_x86_64.whl", {"demo/x.so": elf()})
    assert run(old, "--platform", "manylinux_2_30_x86_64") == 0
    assert run(old, "--platform", "manylinux_2_30_x86_64", "--python-version", "3.12", "--implementation", "cp") == 1
    assert "is built for CPython 3.6" in capsys.readouterr().out
    kept = tmp_path / "kept.json"
    kept.write_text(mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_30_x86_64").to_json())
    assert run(old, "--target", kept) == 1


def test_command_refuses_a_root_that_is_no_system(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    good = wheel(tmp_path, f"good-1.0-{TAGS}.whl", {OURS: elf()})
    (tmp_path / "root").mkdir()
    assert run(good, "--root", tmp_path / "root") == 2
    assert "its machine is not known" in capsys.readouterr().err


def test_empty_classes_in_a_libstdcxx_are_no_state(tmp_path: Path) -> None:
    names = ["_ZSt10adopt_lock", "_ZSt15future_category", "_ZSt11__once_call"]
    library = tmp_path / "usr/lib/libstdc++.so.6"
    library.parent.mkdir(parents=True)
    library.write_bytes(elf(soname="libstdc++.so.6", symbols=[Symbol(name) for name in names]))
    assert _libraries.Libraries(RootHost(tmp_path)).state(["x86_64"]) == {b"_ZSt11__once_call"}
