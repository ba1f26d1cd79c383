"""Wheels against their own tags and metadata."""

from pathlib import Path
from typing import Any

import pytest
from elves import Symbol, elf, wheel
from judging import NEW, OURS, TAGS, found, judged, needing, sentences

import mltags
from mltags import RootHost
from mltags.audit import Audit, Finding, Kind, Row, audit

MUSL = "cp312-cp312-musllinux_1_2_x86_64"


def broken(verdict: Audit) -> list[str]:
    return sentences(verdict, Kind.TAG)


class TestSymbolVersions:
    """Symbol versions are those of the oldest system that a tag names (PEP 600)."""

    @pytest.mark.parametrize(
        ("tags", "data", "lowest", "sentences"),
        [
            pytest.param(
                TAGS,
                needing("GLIBC_2.2.5", "GLIBC_2.28", "GLIBC_2.25"),
                "manylinux_2_28_x86_64",
                [f"{OURS} needs GLIBC_2.28; manylinux_2_17_x86_64 allows GLIBC_2.17 at most"],
                id="glibc",
            ),
            pytest.param(
                "cp312-cp312-manylinux_2_28_x86_64.manylinux2014_x86_64",
                needing("GLIBC_2.27"),
                "manylinux_2_27_x86_64",
                [f"{OURS} needs GLIBC_2.27; manylinux2014_x86_64 allows GLIBC_2.17 at most"],
                id="each of several tags is judged by itself",
            ),
            pytest.param(
                "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
                needing("GLIBC_2.27"),
                "manylinux_2_27_x86_64",
                [f"{OURS} needs GLIBC_2.27; manylinux_2_17_x86_64.manylinux2014_x86_64 allows GLIBC_2.17 at most"],
                id="two names of one machine are one claim",
            ),
            pytest.param(
                TAGS,
                elf(
                    needed=["libstdc++.so.6", "libz.so.1"],
                    versions={"libstdc++.so.6": ["GLIBCXX_3.4.20", "CXXABI_1.3"], "libz.so.1": ["ZLIB_1.2.9"]},
                ),
                "manylinux_2_27_x86_64",
                [
                    f"{OURS} needs GLIBCXX_3.4.20; manylinux_2_17_x86_64 allows GLIBCXX_3.4.19 at most",
                    f"{OURS} needs ZLIB_1.2.9; manylinux_2_17_x86_64 allows ZLIB_1.2.5.2 at most",
                ],
                id="the libraries of the generation",
            ),
            pytest.param(
                "cp312-cp312-manylinux1_x86_64",
                elf(needed=["libz.so.1"], versions={"libz.so.1": ["ZLIB_1.2.0"]}),
                "manylinux_2_12_x86_64",
                [f"{OURS} needs ZLIB_1.2.0; manylinux1_x86_64 allows no ZLIB"],
                id="a generation without versions",
            ),
            pytest.param(
                TAGS,
                elf(needed=["libstdc++.so.6"], versions={"libstdc++.so.6": ["GLIBCXX_3.4.99"], "libc.so.6": ["GLIBC_PRIVATE"]}),
                "linux_x86_64",
                [
                    f"{OURS} needs GLIBCXX_3.4.99; manylinux_2_17_x86_64 allows GLIBCXX_3.4.19 at most",
                    f"{OURS} needs GLIBC_PRIVATE; manylinux_2_17_x86_64 allows GLIBC_2.17 at most",
                ],
                id="versions that no generation has",
            ),
            pytest.param(
                "cp312-cp312-linux_x86_64",
                needing("GLIBC_2.38"),
                "manylinux_2_38_x86_64",
                [],
                id="a linux tag names the machine alone",
            ),
            pytest.param(
                "cp312-cp312-manylinux_3_1_x86_64",
                needing("GLIBC_2.60"),
                "manylinux_2_60_x86_64",
                [],
                id="glibc 3 has all of glibc 2",
            ),
            pytest.param(
                "cp312-cp312-manylinux_3_1_x86_64",
                needing("GLIBC_PRIVATE"),
                "linux_x86_64",
                [f"{OURS} needs GLIBC_PRIVATE; manylinux_3_1_x86_64 allows GLIBC_3.1 at most"],
                id="glibc 3 has nothing that nobody has",
            ),
            pytest.param(
                "cp312-cp312-manylinux_2_41_x86_64",
                needing("GLIBC_ABI_GNU2_TLS"),
                "manylinux_2_42_x86_64",
                [f"{OURS} needs GLIBC_ABI_GNU2_TLS; manylinux_2_41_x86_64 allows GLIBC_2.41 at most"],
                id="a version that is not a number",
            ),
            pytest.param(
                TAGS,
                needing("GLIBC_2.5", "GLIBC_2.34", weak=["GLIBC_2.34"]),
                "manylinux_2_5_x86_64",
                [],
                id="a version that the loader does without",
            ),
        ],
    )
    def test_versions(self, tmp_path: Path, tags: str, data: Any, lowest: str, sentences: list[str]) -> None:
        verdict = judged(tmp_path, data, tags)
        assert broken(verdict) == sentences
        assert verdict.lowest_tag == lowest
        assert verdict.correct == (not sentences)

    def test_worst_file_and_symbol_are_named(self, tmp_path: Path) -> None:
        symbols = [Symbol("memfd_create", 2, is_defined=False, library="libc.so.6", version="GLIBC_2.27")]
        files = {"a.so": needing("GLIBC_2.18"), "b.so": needing("GLIBC_2.27", symbols=symbols), "c.so": needing("GLIBC_2.5")}
        verdict = judged(tmp_path, files)
        assert verdict.findings == (
            Finding(
                Kind.TAG,
                "glibc",
                (Row("b.so", "GLIBC_2.27", "memfd_create"), Row("a.so", "GLIBC_2.18")),
                "GLIBC_2.17",
                "needs {need}; manylinux_2_17_x86_64 allows GLIBC_2.17 at most",
                "`python -m wheel tags --platform-tag manylinux_2_27_x86_64 --remove FILE` renames it; to keep manylinux_2_17_x86_64, "
                "build in the manylinux2014 image",
            ),
        )
        assert str(verdict.findings[0]) == (
            "b.so needs GLIBC_2.27 (memfd_create@GLIBC_2.27); manylinux_2_17_x86_64 allows GLIBC_2.17 at most; 1 more file exceeds that"
        )

    @pytest.mark.parametrize(
        ("tags", "data", "remedy"),
        [
            pytest.param(
                TAGS,
                needing("GLIBC_2.28"),
                "`python -m wheel tags --platform-tag manylinux_2_28_x86_64 --remove FILE` renames it; "
                "to keep manylinux_2_17_x86_64, build in the manylinux2014 image",
                id="renaming, or an older image",
            ),
            pytest.param(
                TAGS,
                needing("GLIBC_PRIVATE"),
                "to keep manylinux_2_17_x86_64, build in the manylinux2014 image",
                id="a tag of a plain linux is no remedy",
            ),
            pytest.param(
                "cp312-cp312-manylinux_2_4_aarch64.manylinux_2_17_aarch64",
                needing("GLIBC_2.28", arch="aarch64"),
                "`python -m wheel tags --platform-tag manylinux_2_28_aarch64 --remove FILE` renames it; "
                "to keep manylinux_2_17_aarch64, build in the manylinux2014 image",
                id="of a tag that exists",
            ),
        ],
    )
    def test_remedies(self, tags: str, data: bytes, remedy: str, tmp_path: Path) -> None:
        rows = [row.remedy for row in judged(tmp_path, data, tags).findings if (row.kind, row.rule) == (Kind.TAG, "glibc")]
        assert rows == [remedy]

    def test_profiled_code_on_aarch64_is_allowed(self, tmp_path: Path) -> None:
        tags = "cp312-cp312-manylinux2014_aarch64"
        symbols = [
            Symbol(name, 2, is_defined=False, library="libc.so.6", version="GLIBC_2.18") for name in ("_mcount", "other")
        ]
        assert judged(tmp_path, needing("GLIBC_2.18", arch="aarch64", symbols=symbols[:1]), tags).correct
        assert not judged(tmp_path, needing("GLIBC_2.18", arch="aarch64", symbols=symbols), tags).correct


class TestLibraries:
    """Libraries are in the wheel, or among those that every system of the tag has (PEP 600)."""

    def test_library_that_is_on_no_list(self, tmp_path: Path) -> None:
        data = elf(needed=["libssl.so.3", "libc.so.6", "ld-linux-x86-64.so.2"], versions={"libssl.so.3": ["OPENSSL_3.0.0"]})
        verdict = judged(tmp_path, data)
        assert broken(verdict) == [
            f"{OURS} needs libssl.so.3, which is neither in the wheel nor allowed by manylinux_2_17_x86_64"
        ]
        assert verdict.findings[0].remedy == "bundle libssl.so.3 with `auditwheel repair`"
        assert verdict.lowest_tag == "linux_x86_64"
        assert judged(tmp_path, data, "cp312-cp312-linux_x86_64").correct

    def test_library_that_later_generations_have(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(needed=["libmvec.so.1"]), "cp312-cp312-manylinux_2_17_x86_64.manylinux2010_x86_64")
        tag = "manylinux_2_17_x86_64.manylinux2010_x86_64"
        assert broken(verdict) == [f"{OURS} needs libmvec.so.1, which is neither in the wheel nor allowed by {tag}"]
        assert verdict.lowest_tag == "manylinux_2_24_x86_64"

    def test_requirements_that_may_bring_it_are_named(self, tmp_path: Path) -> None:
        requires = ["numpy>=1", "PyQt6-sip", "PyQt6-Qt6 (<6.12,>=6.11.0)", "attrs", "libQt6Core ; extra == 'dev'"]
        verdict = judged(tmp_path, elf(needed=["libQt6Core.so.6"]), requires=requires)
        assert verdict.findings[0].remedy == (
            "bundle libQt6Core.so.6 with `auditwheel repair`; or it comes with a requirement (PyQt6-sip, PyQt6-Qt6): "
            "audit the wheels together"
        )
        verdict = judged(tmp_path, elf(needed=["libodbc.so.2"]), requires=["numpy", "attrs"])
        assert verdict.findings[0].remedy.endswith("; or it comes with a requirement (numpy, attrs): audit the wheels together")

    def test_libraries_in_the_wheel_are_not_the_systems(self, tmp_path: Path) -> None:
        versions = {"libq-0123abcd.so.1": ["Q_9"], "libstdc++.so.6": ["GLIBCXX_3.4.99"]}
        files = {
            "demo/x.so": elf(
                needed=["libq-0123abcd.so.1", "libstdc++.so.6"], versions=versions, runpath="$ORIGIN/../demo.libs:${ORIGIN}/lib"
            ),
            "demo.libs/libq-0123abcd.so.1": elf(soname="libq-0123abcd.so.1"),
            "demo/lib/libstdc++.so.6": elf(soname="libstdc++.so.6"),
        }
        verdict = judged(tmp_path, files)
        assert (found(verdict), verdict.lowest_tag) == ([], "manylinux_2_5_x86_64")

    def test_library_that_some_systems_lack_is_a_remark(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(needed=["libnsl.so.1"]), "cp312-cp312-manylinux_2_34_x86_64")
        systems = "RHEL 9, RHEL 10, openSUSE 16, openSUSE Tumbleweed"
        text = f"needs libnsl.so.1, which manylinux_2_34_x86_64 allows, but which is not installed by default on {systems}"
        assert found(verdict) == [("remark", "lacks", f"{OURS} {text}")]
        assert verdict.correct


class TestSymbols:
    """Symbols that some systems of a generation lack, although they have the library (auditwheel's black lists)."""

    def taking(self, library: str, name: str, bind: int = 1) -> bytes:
        return elf(needed=[library], symbols=[Symbol(name, 2, is_defined=False, bind=bind)])

    def test_internal_symbol_of_zlib(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, self.taking("libz.so.1", "inflate_table"))
        assert broken(verdict) == [f"{OURS} needs the symbol inflate_table, which some systems of manylinux_2_17_x86_64 lack"]
        assert verdict.lowest_tag == "linux_x86_64"

    def test_newer_generations_may_have_it(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, self.taking("libz.so.1", "uncompress2"))
        assert (len(broken(verdict)), verdict.lowest_tag) == (1, "manylinux_2_34_x86_64")
        verdict = judged(tmp_path, self.taking("libc.so.6", "__cxa_thread_atexit_impl"))
        assert (len(broken(verdict)), verdict.lowest_tag) == (1, "manylinux_2_24_x86_64")

    @pytest.mark.parametrize(
        "files",
        [
            pytest.param(
                {"x.so": elf(needed=["libz.so.1"], symbols=[Symbol("inflate_table", 2, is_defined=False, bind=2)])}, id="weak"
            ),
            pytest.param({"x.so": elf(needed=["libz.so.1"], symbols=[Symbol("inflate_table", 2)])}, id="its own"),
            pytest.param({"x.so": elf(symbols=[Symbol("inflate_table", 2, is_defined=False)])}, id="without the library"),
            pytest.param(
                {
                    "x.so": elf(needed=["libz.so.1"], symbols=[Symbol("zcfree", 2, is_defined=False)], runpath="$ORIGIN"),
                    "libz.so.1": elf(),
                },
                id="of a library in the wheel",
            ),
        ],
    )
    def test_no_finding(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        assert found(judged(tmp_path, files)) == []

    def test_pythons_own(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(symbols=[Symbol("PyFPE_jbuf", 1, is_defined=False)]))
        assert broken(verdict) == [f"{OURS} needs the symbol PyFPE_jbuf, which some systems of manylinux_2_17_x86_64 lack"]

    def test_musl(self, tmp_path: Path) -> None:
        for name, count in (("inflate_table", 1), ("crc32_combine_op", 0)):
            data = elf(needed=["libc.so", "libz.so.1"], symbols=[Symbol(name, 2, is_defined=False)])
            assert len(broken(judged(tmp_path, data, MUSL))) == count


class TestArchitectures:
    """The files are for the architectures that the tags name, and every tag has files."""

    @pytest.mark.parametrize(
        ("tags", "data", "lowest", "sentences"),
        [
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
            pytest.param(
                "py3-none-manylinux_2_17_armv7l",
                {"a": elf("armv7l", flags=0x05000200)},
                "",
                ["a is for soft-float ARM or an older ABI of it, and the tag says manylinux_2_17_armv7l"],
                id="soft-float ARM",
            ),
            pytest.param(
                "py3-none-manylinux_2_17_x86_64.manylinux_2_17_aarch64",
                {"a": elf()},
                "manylinux_2_5_x86_64",
                ["the tag says manylinux_2_17_aarch64, and no file in the wheel is for it"],
                id="a tag without files",
            ),
            pytest.param(
                "py3-none-any",
                {"a.so": elf("i686"), "b.so": elf("aarch64"), "c.so": elf("i686")},
                "",
                ["a.so (and 1 more) is for i686, and the tag says any", "b.so is for aarch64, and the tag says any"],
                id="a wheel for any platform",
            ),
            pytest.param(
                "cp312-cp312-win_amd64",
                {"a.so": elf()},
                "manylinux_2_5_x86_64",
                ["a.so is an ELF file for x86_64, and the tag says win_amd64"],
                id="ELF files in a wheel for Windows",
            ),
            pytest.param(
                "cp312-cp312-manylinux_2_36_loongarch64",
                needing("GLIBC_2.36", arch="loongarch64", flags=3),
                "manylinux_2_36_loongarch64",
                [],
                id="loongarch64",
            ),
            pytest.param(
                "cp312-cp312-manylinux_2_36_loongarch64",
                needing("GLIBC_2.27", arch="loongarch64"),
                "linux_loongarch64",
                [f"{OURS} is for the ABI that loongarch64 had before glibc 2.36 (old world); wheels are for the present one"],
                id="old-world loongarch64 by its versions",
            ),
            pytest.param(
                "cp312-cp312-manylinux_2_36_loongarch64",
                elf("loongarch64", flags=3),
                "linux_loongarch64",
                [f"{OURS} is for the ABI that loongarch64 had before glibc 2.36 (old world); wheels are for the present one"],
                id="old-world loongarch64 by its flags",
            ),
            pytest.param(
                "py3-none-linux_mips64", {"a": elf("mips64")}, "linux_mips64", [], id="an architecture without manylinux tags"
            ),
        ],
    )
    def test_architectures(self, tmp_path: Path, tags: str, data: Any, lowest: str, sentences: list[str]) -> None:
        verdict = judged(tmp_path, data, tags)
        assert broken(verdict) == sentences
        assert verdict.lowest_tag == lowest

    def test_machine_without_a_name(self, tmp_path: Path) -> None:
        data = bytearray(elf())
        data[18:20] = (9999).to_bytes(2, "little")
        verdict = judged(tmp_path, bytes(data))
        assert broken(verdict) == [
            f"{OURS} is for machine 9999 (64 bits, little-endian), and the tag says manylinux_2_17_x86_64"
        ]
        assert verdict.lowest_tag == ""

    def test_files_for_two_c_libraries(self, tmp_path: Path) -> None:
        """No system has both, so no tag of either would be true."""
        files = {OURS: elf(), "demo/y.abi3.so": elf(needed=["libc.musl-x86_64.so.1"])}
        assert judged(tmp_path, files).lowest_tag == "linux_x86_64"

    @pytest.mark.parametrize("level", [pytest.param(2, id="v2"), pytest.param(3, id="v3")])
    def test_level_of_the_processor(self, tmp_path: Path, level: int) -> None:
        verdict = judged(tmp_path, {"a.so": elf(isa=2**level - 1), "b.so": elf(isa=1), "c.so": elf()})
        assert broken(verdict) == [f"a.so is marked to need x86_64-v{level}; the tag allows the baseline of its architecture"]
        assert verdict.lowest_tag == "linux_x86_64"
        assert found(judged(tmp_path, elf(isa=2), "cp312-cp312-linux_x86_64"), Kind.TAG) == []

    def test_code_of_accelerators_and_objects_are_nobodys_business(self, tmp_path: Path) -> None:
        cubin = bytearray(elf())
        cubin[18:20] = (190).to_bytes(2, "little")
        files = {"a.so": elf(), "k.cubin": bytes(cubin), "crt1.o": elf("i686", kind=1), "a.so.debug": elf(beyond=999)}
        assert found(judged(tmp_path, files)) == []


class TestCLibraries:
    """Each tag names one C library, and the files for it need that one or none."""

    @pytest.mark.parametrize(
        ("tags", "data", "lowest", "sentences"),
        [
            pytest.param(
                TAGS,
                elf(needed=["libc.musl-x86_64.so.1"]),
                "linux_x86_64",
                [f"{OURS} needs musl, and the tag says manylinux_2_17_x86_64"],
                id="musl in a manylinux wheel",
            ),
            pytest.param(
                MUSL,
                needing("GLIBC_2.28"),
                "manylinux_2_28_x86_64",
                [f"{OURS} needs glibc, and the tag says musllinux_1_2_x86_64"],
                id="glibc in a musllinux wheel",
            ),
            pytest.param(
                "cp312-cp312-manylinux_2_17_x86_64.musllinux_1_1_x86_64",
                needing("GLIBC_2.17"),
                "manylinux_2_17_x86_64",
                [f"{OURS} needs glibc, and the tag says musllinux_1_1_x86_64"],
                id="glibc, and tags of both",
            ),
            pytest.param(
                "cp312-cp312-musllinux_1_2_x86_64.musllinux_1_1_x86_64",
                elf(needed=["libc.so", "libz.so.1"]),
                "musllinux_1_1_x86_64",
                [],
                id="musl",
            ),
            pytest.param(
                MUSL,
                elf(needed=["libc.so", "libstdc++.so.6"]),
                "linux_x86_64",
                [f"{OURS} needs libstdc++.so.6, which is neither in the wheel nor allowed by musllinux_1_2_x86_64"],
                id="musl and a library that is on no list",
            ),
            pytest.param(
                "py3-none-musllinux_1_2_x86_64", {"tool": elf(needed=[])}, "musllinux_1_2_x86_64", [], id="static, musl"
            ),
            pytest.param(
                "py3-none-manylinux_2_28_x86_64", {"tool": elf(needed=[])}, "manylinux_2_5_x86_64", [], id="static, glibc"
            ),
            pytest.param(
                "py3-none-manylinux1_x86_64.musllinux_1_1_x86_64",
                {"tool": elf(needed=[])},
                "manylinux_2_5_x86_64",
                [],
                id="static, both",
            ),
        ],
    )
    def test_c_libraries(self, tmp_path: Path, tags: str, data: Any, lowest: str, sentences: list[str]) -> None:
        verdict = judged(tmp_path, data, tags)
        assert broken(verdict) == sentences
        assert verdict.lowest_tag == lowest


class TestAndroid:
    """Android: bionic's symbol versions and libraries against the API level of the tag (PEP 738)."""

    @pytest.mark.parametrize(
        ("data", "tags", "family"),
        [
            pytest.param(elf(needed=["libm.so"], api=24), TAGS, "bionic", id="the level in a note"),
            pytest.param(elf(needed=["libc.so"], versions={"libc.so": ["LIBC_N"]}), TAGS, "bionic", id="a symbol version"),
            pytest.param(elf(needed=["libc.so"]), TAGS, "musl", id="musl's name"),
            pytest.param(
                elf(needed=["libm.so.6"], versions={"libm.so.6": ["GLIBC_2.2.5"]}),
                "cp312-cp312-musllinux_1_2_x86_64",
                "glibc",
                id="a symbol version of glibc",
            ),
        ],
    )
    def test_what_shows_the_c_library(self, data: bytes, tags: str, family: str, tmp_path: Path) -> None:
        sentences = [str(one) for one in judged(tmp_path, data, tags).findings if (one.rule, one.kind) == ("libc", Kind.TAG)]
        assert sentences == [f"{OURS} needs {family}, and the tag says {tags.rpartition('-')[2]}"]

    def test_a_correct_wheel(self, tmp_path: Path) -> None:
        data = elf(
            "aarch64",
            needed=["libpython3.12.so", "libc.so", "libm.so", "liblog.so"],
            versions={"libc.so": ["LIBC", "LIBC_N"]},
            api=24,
            align=0x4000,
        )
        verdict = judged(tmp_path, data, "cp312-cp312-android_24_arm64_v8a")
        assert (verdict.correct, verdict.lowest_tag, found(verdict, Kind.TAG, Kind.FILE)) == (True, "android_24_arm64_v8a", [])
        for options, loads in (({"target": None}, None), ({}, False)):
            assert judged(tmp_path, data, "cp312-cp312-android_24_arm64_v8a", **options).loads is loads
        assert judged(
            tmp_path, elf("armv7l", needed=["libc.so"], flags=0x05000200, api=24), "cp312-cp312-android_24_armeabi_v7a"
        ).correct

    @pytest.mark.parametrize(
        ("data", "lowest", "sentence"),
        [
            pytest.param(
                elf(needed=["libc.so"], versions={"libc.so": ["LIBC", "LIBC_R"]}),
                "android_30_x86_64",
                f"{OURS} needs LIBC_R; android_24_x86_64 allows Android's API level 24 at most",
                id="a newer version",
            ),
            pytest.param(
                elf(needed=["libc.so", "libaaudio.so"], api=24),
                "android_26_x86_64",
                f"{OURS} needs libaaudio.so, which is neither in the wheel nor allowed by android_24_x86_64",
                id="a newer library",
            ),
            pytest.param(
                elf(needed=["libc.so", "libc++_shared.so"]),
                "",
                f"{OURS} needs libc++_shared.so, which is neither in the wheel nor allowed by android_24_x86_64",
                id="a library of nobody",
            ),
            pytest.param(
                elf("aarch64", needed=["libc.so"], api=24),
                "android_24_arm64_v8a",
                f"{OURS} is for aarch64, and the tag says android_24_x86_64",
                id="another architecture",
            ),
            pytest.param(
                needing("GLIBC_2.5"),
                "manylinux_2_5_x86_64",
                f"{OURS} needs glibc, and the tag says android_24_x86_64",
                id="glibc",
            ),
        ],
    )
    def test_a_wrong_one(self, tmp_path: Path, data: bytes, lowest: str, sentence: str) -> None:
        verdict = judged(tmp_path, data, "cp312-cp312-android_24_x86_64")
        assert broken(verdict) == [sentence]
        assert verdict.lowest_tag == lowest

    def test_remedies(self, tmp_path: Path) -> None:
        tags = "cp312-cp312-android_24_x86_64"
        for data, remedy in (
            (elf(needed=["libc.so", "libq.so"], api=24), "bundle libq.so in the wheel"),
            (
                elf(needed=["libc.so"], versions={"libc.so": ["LIBC_R"]}),
                "`python -m wheel tags --platform-tag android_30_x86_64 --remove FILE` renames it",
            ),
        ):
            assert [row.remedy for row in judged(tmp_path, data, tags).findings if row.kind is Kind.TAG] == [remedy]

    def test_pages_of_16_kib_are_a_remark(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(needed=["libc.so"]), "cp312-cp312-android_24_x86_64")
        assert (
            "remark",
            "alignment",
            f"{OURS} is aligned to 4096 bytes; devices with pages of 16 KiB cannot load it",
        ) in found(verdict)
        verdict = judged(tmp_path, elf("i686", needed=["libc.so"]), "cp312-cp312-android_24_x86")
        assert "alignment" not in [rule for _, rule, _ in found(verdict)]


class TestSystemsThatAreNotJudged:
    """Windows, macOS, iOS and Emscripten: no verdict, whatever the target."""

    @pytest.mark.parametrize(
        "tag",
        [
            "win_amd64",
            "win32",
            "macosx_11_0_arm64",
            "macosx_11_0_universal2",
            "ios_13_0_arm64_iphoneos",
            "pyemscripten_2026_0_wasm32",
        ],
    )
    def test_no_verdict(self, tmp_path: Path, tag: str) -> None:
        verdict = judged(tmp_path, {"x.pyd": b"MZ", "x.so": b"\xcf\xfa\xed\xfe"}, f"cp312-cp312-{tag}")
        assert (verdict.correct, verdict.loads, verdict.lowest_tag, verdict.findings) == (None, None, "", ())
        assert bool(verdict)
        assert str(verdict) == f"demo-1.0-cp312-cp312-{tag}.whl: not judged ({tag})"

    @pytest.mark.parametrize(
        "tag", ["freebsd_14_1_release_amd64", "openbsd_7_5_amd64", "netbsd_10_0_amd64", "haiku_1_r5_x86_64"]
    )
    def test_their_elf_files(self, tmp_path: Path, tag: str) -> None:
        verdict = judged(tmp_path, elf(), f"cp312-cp312-{tag}")
        assert (verdict.correct, verdict.loads, verdict.findings) == (None, None, ())

    def test_faults_of_the_file_are_found_all_the_same(self, tmp_path: Path) -> None:
        path = wheel(tmp_path, "demo-1.0-cp312-cp312-win_amd64.whl", {"x.pyd": b"MZ"}, tags=["cp312-cp312-win32"])
        verdict = audit(path, NEW)
        assert (verdict.correct, verdict.loads) == (False, None)

    def test_some_tags_of_several(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(), "cp312-cp312-manylinux_2_17_x86_64.win_amd64")
        assert found(verdict, Kind.REMARK) == [("remark", "judged", "tags that are not judged: win_amd64")]


class TestTags:
    """Tags are such that a machine has them, and that the index takes."""

    def test_tag_that_no_machine_has(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf("aarch64"), "cp312-cp312-manylinux1_aarch64", target=NEW)
        assert broken(verdict)[0].startswith(
            "invalid platform tag 'manylinux1_aarch64': alias: manylinux1 exists for x86_64 and i686 only"
        )
        assert verdict.lowest_tag == "manylinux_2_17_aarch64"

    def test_plain_linux_is_a_remark(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, needing("GLIBC_2.14"), "cp312-cp312-linux_x86_64")
        assert found(verdict) == [
            ("remark", "linux", "the wheel is tagged linux_x86_64; the Python Package Index does not take such wheels")
        ]
        assert verdict.findings[0].remedy == (
            "`python -m wheel tags --platform-tag manylinux_2_14_x86_64 --remove FILE` renames it; manylinux2014_x86_64 would do as well"
        )
        assert (verdict.correct, verdict.image_tag) == (True, "manylinux2014_x86_64")
        verdict = judged(tmp_path, elf(needed=["libssl.so.3"]), "cp312-cp312-linux_x86_64")
        assert verdict.findings[0].remedy == "build it in a manylinux or musllinux image"

    def test_lowest_tag_and_the_next_image(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, needing("GLIBC_2.18"), "cp312-cp312-manylinux_2_28_x86_64")
        assert (verdict.lowest_tag, verdict.image_tag) == ("manylinux_2_18_x86_64", "manylinux_2_28_x86_64")
        verdict = judged(tmp_path, needing("GLIBC_2.28"), "cp312-cp312-manylinux_2_28_x86_64")
        assert (verdict.lowest_tag, verdict.image_tag) == ("manylinux_2_28_x86_64", "")


class TestEachTagByItself:
    """Of a wheel with several tags, each is for the files of its architecture and its C library."""

    def test_of_another_architecture(self, tmp_path: Path) -> None:
        files = {"x.so": needing("GLIBC_2.17"), "y.so": needing("GLIBC_2.28", arch="aarch64")}
        verdict = judged(tmp_path, files, "cp312-cp312-manylinux_2_17_x86_64.manylinux_2_28_aarch64")
        assert (broken(verdict), verdict.lowest_tag) == ([], "")

    @pytest.mark.parametrize(("glibc", "musl", "tag"), [("libq.so", "", "manylinux_2_17"), ("", "libq.so", "musllinux_1_2")])
    def test_of_another_c_library(self, glibc: str, musl: str, tag: str, tmp_path: Path) -> None:
        files = {
            "x.so": elf(needed=["libc.so.6", *filter(None, [glibc])]),
            "y.so": elf(needed=["libc.musl-x86_64.so.1", *filter(None, [musl])]),
        }
        verdict = judged(tmp_path, files, "cp312-cp312-manylinux_2_17_x86_64.musllinux_1_2_x86_64")
        (sentence,) = [str(row) for row in verdict.findings if (row.kind, row.rule) == (Kind.TAG, "library")]
        assert sentence.endswith(f" needs libq.so, which is neither in the wheel nor allowed by {tag}_x86_64")


class TestLowestTag:
    """The platform tag of the oldest system that the files run on, and the next one with build images."""

    @pytest.mark.parametrize(
        ("data", "platform", "tags"),
        [
            pytest.param(
                elf(needed=["libc.musl-x86_64.so.1"]),
                "musllinux_1_1_x86_64",
                ("musllinux_1_1_x86_64", "musllinux_1_2_x86_64"),
                id="musl",
            ),
            pytest.param(
                elf(needed=["libc.musl-x86_64.so.1"]), "musllinux_2_0_x86_64", ("musllinux_2_0_x86_64", ""), id="a musl to come"
            ),
            pytest.param(
                elf(needed=["libc.so"], api=26), "linux_x86_64", ("android_26_x86_64", ""), id="the level that it was built for"
            ),
            pytest.param(
                elf(needed=["libc.so"], versions={"libc.so": ["LIBC_R"]}, api=26),
                "linux_x86_64",
                ("android_30_x86_64", ""),
                id="the level of a symbol",
            ),
            pytest.param(
                elf(needed=["libc.so"], versions={"libc.so": ["LIBC_N"]}),
                "linux_x86_64",
                ("android_24_x86_64", ""),
                id="no other sign of Android",
            ),
            pytest.param(
                elf(needed=["libc.so"], api=21),
                "android_28_x86_64.android_24_x86_64",
                ("android_24_x86_64", ""),
                id="the lower of two levels",
            ),
            pytest.param(elf("s390x", needed=["libc.so"], api=24), "linux_s390x", ("", ""), id="Android runs on no s390x"),
        ],
    )
    def test_tags(self, data: bytes, platform: str, tags: tuple[str, str], tmp_path: Path) -> None:
        verdict = judged(tmp_path, data, f"cp312-cp312-{platform}")
        assert (verdict.lowest_tag, verdict.image_tag) == tags

    @pytest.mark.parametrize(
        ("data", "glibc"),
        [
            pytest.param(needing("GLIBC_2.5", "GLIBC_2.12"), mltags.Glibc(2, 12), id="the highest"),
            pytest.param(needing("GLIBC_2.5", "GLIBC_PRIVATE"), mltags.Glibc(2, 5), id="not a version that nobody has"),
            pytest.param(
                elf(needed=["libstdc++.so.6"], versions={"libstdc++.so.6": ["GLIBCXX_3.4.20"]}),
                None,
                id="not another library's",
            ),
        ],
    )
    def test_glibc_that_is_needed(self, data: bytes, glibc: object, tmp_path: Path) -> None:
        assert judged(tmp_path, data).glibc == glibc

    @pytest.mark.parametrize(
        ("files", "platform", "sentences"),
        [
            pytest.param(
                {"x.so": elf("loongarch64", flags=3)},
                "manylinux_2_36_loongarch64",
                ["x.so is for the ABI that loongarch64 had before glibc 2.36 (old world); wheels are for the present one"],
                id="old",
            ),
            pytest.param({"x.so": elf("loongarch64", flags=0x43)}, "manylinux_2_36_loongarch64", [], id="new"),
            pytest.param(
                {"x.so": elf("loongarch64", needed=["libc.musl-loongarch64.so.1"], flags=3)},
                "musllinux_1_2_loongarch64",
                [],
                id="musl never had the old one",
            ),
            pytest.param(
                {"w.so": elf(), "x.so": elf("loongarch64", flags=3)},
                "manylinux_2_17_x86_64.manylinux_2_36_loongarch64",
                ["x.so is for the ABI that loongarch64 had before glibc 2.36 (old world); wheels are for the present one"],
                id="behind a file for another machine",
            ),
        ],
    )
    def test_worlds_of_loongarch64(self, files: dict[str, bytes], platform: str, sentences: list[str], tmp_path: Path) -> None:
        assert broken(judged(tmp_path, files, f"cp312-cp312-{platform}")) == sentences


class TestAbis:
    """Extension modules are named for the ABI of the tag (PEP 3149, PEP 425)."""

    @pytest.mark.parametrize(
        ("tags", "names", "sentences"),
        [
            pytest.param(
                TAGS,
                ["x.cpython-311-x86_64-linux-gnu.so", "y.cpython-311-x86_64-linux-gnu.so", "z.abi3.so", "w.so"],
                ["x.cpython-311-x86_64-linux-gnu.so (and 1 more) is named for ABI cp311, and the tag says cp312"],
                id="another Python",
            ),
            pytest.param(
                "cp38-abi3-manylinux_2_17_x86_64",
                ["x.cpython-38-x86_64-linux-gnu.so", "y.abi3.so"],
                ["x.cpython-38-x86_64-linux-gnu.so is named for ABI cp38, and the tag says abi3"],
                id="one Python's module in a wheel of the stable ABI",
            ),
            pytest.param(
                "cp315-abi3.abi3t-manylinux_2_17_x86_64",
                [
                    "x.abi3t.so",
                    "y.abi3t-x86_64-linux-gnu.so",
                    "z.abi3-x86_64-linux-gnu.so",
                    "w.cpython-315-x86_64-linux-gnu.so",
                ],
                ["w.cpython-315-x86_64-linux-gnu.so is named for ABI cp315, and the tag says abi3.abi3t"],
                id="the stable ABIs with and without an architecture (PEP 803)",
            ),
            pytest.param(
                "py3-none-manylinux_2_17_x86_64",
                ["x.cpython-311-x86_64-linux-gnu.so", "x.cpython-312t-x86_64-linux-gnu.so"],
                [],
                id="one module for each of several Pythons",
            ),
            pytest.param(
                "py3-none-manylinux_2_17_x86_64",
                ["x.pypy311-pp73-x86_64-linux-gnu.so"],
                ["x.pypy311-pp73-x86_64-linux-gnu.so is named for ABI pypy311_pp73, and the tag says none"],
                id="one Python's module in a wheel for all",
            ),
            pytest.param(
                "py3-none-manylinux_2_17_x86_64",
                ["x.cpython-311-x86_64-linux-gnu.so", "x.abi3.so"],
                [],
                id="one Python's module beside one for the stable ABI",
            ),
            pytest.param(
                "py3-none-manylinux_2_17_x86_64",
                ["x.cpython-311-x86_64-linux-gnu.so", "x.so"],
                ["x.cpython-311-x86_64-linux-gnu.so is named for ABI cp311, and the tag says none"],
                id="one Python's module beside one that is named for none",
            ),
        ],
    )
    def test_abis(self, tmp_path: Path, tags: str, names: list[str], sentences: list[str]) -> None:
        assert broken(judged(tmp_path, {name: elf() for name in names}, tags)) == sentences


class TestMetadata:
    """The name and WHEEL agree, RECORD lists the files, machine code is not purelib (PEP 427)."""

    def test_the_name_against_the_metadata(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(), tags="cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64", record=[])
        assert found(verdict) == [("file", "record", f"{OURS} is not in RECORD")]
        verdict = audit(wheel(tmp_path, "demo-1.0-py2.py3-none-any.whl", {}, tags=["py3-none-any", "cp312-none-any"]), NEW)
        assert found(verdict) == [
            ("file", "tags", "the Tag lines of WHEEL differ from the filename: they lack py2-none-any and add cp312-none-any"),
        ]  # fmt: skip
        assert (verdict.correct, verdict.loads) == (False, True)

    def test_compressed_set_in_one_line_is_a_remark(self, tmp_path: Path) -> None:
        tags = "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64"
        path = wheel(tmp_path, f"demo-1.0-{tags}.whl", {OURS: elf()}, tags=[tags])
        verdict = audit(path, NEW)
        text = (
            "the Tag lines of WHEEL hold a compressed set of tags; there should be a line for each (installers read the name)"
        )
        assert found(verdict) == [("remark", "tags", text)]
        assert verdict

    def test_blank_line_ends_the_header(self, tmp_path: Path) -> None:
        text = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n\nTag: py3-none-any\n"
        verdict = audit(wheel(tmp_path, "demo-1.0-py3-none-any.whl", {}, wheel_text=text), NEW)
        assert found(verdict) == [
            ("file", "tags", "WHEEL has Tag lines behind a blank line, which ends its header: nobody reads them")
        ]
        assert not verdict

    def test_lines_that_are_no_tags(self, tmp_path: Path) -> None:
        path = wheel(
            tmp_path, "demo-1.0-py3-none-any.whl", {}, tags=["py3-none-any", "nonsense", f"{'a.' * 100}-{'b.' * 100}-c"]
        )
        assert "and add a." in found(audit(path, NEW))[0][2]

    def test_purelib(self, tmp_path: Path) -> None:
        files = {"demo-1.0.data/purelib/x.so": elf(), "demo-1.0.data/purelib/y.so": elf(), "z.so": elf()}
        text = "demo-1.0.data/purelib/x.so (and 1 more) is in purelib, which is for files of any platform"
        assert broken(judged(tmp_path, files)) == [text]
        assert broken(judged(tmp_path, files, "py3-none-any")) == [
            "demo-1.0.data/purelib/x.so (and 2 more) is for x86_64, and the tag says any"
        ]

    def test_root_that_is_purelib_is_a_remark(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(), is_pure=True)
        assert found(verdict) == [("remark", "purelib", f"{OURS} is machine code, and WHEEL says Root-Is-Purelib: true")]


class TestFiles:
    """What is wrong or odd about a file whatever the tag."""

    def test_file_that_is_named_as_a_library_and_is_none(self, tmp_path: Path) -> None:
        files = {
            "a.so": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
            "libb.so.1": b"",
            "libb.so.2": b"libb.so.1",
            "libc.so": b"/* GNU ld script */\nINPUT(-lb)\n",
            "x.so": elf(),
        }
        verdict = judged(tmp_path, files)
        assert found(verdict) == [
            ("file", "elf", "a.so is named as a shared library and is a pointer of Git LFS, without the file itself"),
            ("file", "elf", "libb.so.1 is named as a shared library and is empty"),
            ("file", "elf", "libb.so.2 is named as a shared library and is not an ELF file"),
        ]
        assert judged(tmp_path, files | {"x.so": b""}, "py3-none-any").correct

    def test_odd_file_is_named_and_the_rest_is_judged(self, tmp_path: Path) -> None:
        files = {"data/sample.bin": b"\x7fELF", "y.so": elf()[:40], "x.so": needing("GLIBC_2.28")}
        verdict = judged(tmp_path, files)
        assert found(verdict, Kind.FILE, Kind.REMARK) == [
            ("file", "elf", "y.so cannot be read: a truncated ELF file"),
            ("remark", "elf", "data/sample.bin cannot be read: an ELF file of unknown class or byte order"),
        ]
        assert verdict.lowest_tag == "manylinux_2_28_x86_64"

    def test_odd_tables_are_a_remark(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(lies={"strsz": 30_000_000}))
        assert found(verdict) == [
            (
                "remark",
                "elf",
                f"{OURS} is odd: the table of strings claims 30000000 bytes and is cut off by the end of the file",
            )
        ]

    def test_search_paths_relocations_and_stacks(self, tmp_path: Path) -> None:
        files = {
            "a.so": elf(rpath="/usr/local/lib64:$ORIGIN/x"),
            "b.so": elf(runpath="lib", rpath="/not/this"),
            "c.so": elf(textrel=True),
            "d.so": elf(stack=7),
            "e.so": elf(stack=6),
            "f": elf(stack=7, interpreter="/lib64/ld-linux-x86-64.so.2"),
        }
        verdict = judged(tmp_path, files)
        assert sorted(found(verdict)) == [
            ("remark", "rpath", "a.so has the absolute folder /usr/local/lib64 in its search path"),
            ("remark", "rpath", "b.so has a folder that depends on where it is started ('lib') in its search path"),
            ("remark", "stack", "d.so asks for an executable stack, which glibc 2.41 and newer refuse"),
            ("remark", "textrel", "c.so has relocations in its code (DT_TEXTREL)"),
        ]
        assert verdict

    def test_exported_state_of_the_cpp_runtime(self, tmp_path: Path) -> None:
        symbols = [Symbol("_ZSt15__once_callable", 6), Symbol("_ZSt11__once_call", 6), Symbol("_ZSt9terminatev", 2)]
        files = {
            "libg.so.14": elf(soname="libg.so.14", symbols=symbols),
            "libstdc++.so.6": elf(soname="libstdc++.so.6", symbols=symbols),
        }
        text = "exports std::__once_call, std::__once_callable, state of the C++ runtime that other wheels may take from the system"
        assert found(judged(tmp_path, files)) == [("remark", "state", f"libg.so.14 {text}")]

    def test_segment_beyond_the_end(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(beyond=1))
        assert [(kind, rule) for kind, rule, _ in found(verdict)] == [("load", "truncated"), ("file", "truncated")]


class TestReport:
    """A hostile wheel does not make a hostile report."""

    def test_many_findings(self, tmp_path: Path) -> None:
        names = [f"lib{number}\x1b[2J{{need}}.so" for number in range(6000)]
        options: Any
        for options, count in (({}, 5000), ({"root": RootHost(tmp_path)}, 10_000)):
            verdict = judged(tmp_path, elf(needed=names), **options)
            assert len(verdict.findings) == count
            assert all(str(finding).isprintable() and "\\x1b" in str(finding) for finding in verdict.findings)

    def test_many_rows_of_one_finding_each(self, tmp_path: Path) -> None:
        folders = ":".join([f"/{number:x}" for number in range(600)])
        verdict = judged(tmp_path, {f"{n}.so": elf(runpath=folders) for n in range(10)})
        assert sum(len(finding.rows) for finding in verdict.findings) == 5000

    def test_the_worst_comes_first(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(needed=["libq.so"]), "cp312-cp312-manylinux_2_99_x86_64", record=[])
        assert [finding.kind for finding in verdict.findings] == [Kind.LOAD, Kind.TAG, Kind.FILE]
        assert (verdict.correct, verdict.loads) == (False, False)
