"""Will a target load a wheel: its name, architecture, C library, and what is missing for whom."""

from pathlib import Path
from typing import Any

import pytest
from elves import FUNCTION, Symbol, elf
from judging import OURS, TAGS, found, judged, needing, sentences

import mltags
from mltags import RootHost
from mltags.audit import Kind

LINUX = "cp312-cp312-linux_x86_64"


class TestTargets:
    """The target's tags, architecture and C library, whatever the wheel's tags say."""

    @pytest.mark.parametrize(
        ("target", "tags", "data", "expected"),
        [
            pytest.param(
                "manylinux_2_20_x86_64",
                TAGS,
                {"x.so": needing("GLIBC_2.28", "GLIBC_2.30"), "y.so": elf(versions={"libm.so.6": ["GLIBC_2.21"]})},
                ["x.so needs GLIBC_2.30; the target has glibc 2.20; 1 more file exceeds that"],
                id="an old glibc, whatever the tag says",
            ),
            pytest.param(
                "manylinux_2_35_x86_64",
                "cp312-cp312-manylinux_2_17_x86_64",
                needing("GLIBC_ABI_GNU2_TLS"),
                [f"{OURS} needs GLIBC_ABI_GNU2_TLS; the target has glibc 2.35"],
                id="a version that is not a number",
            ),
            pytest.param("musllinux_1_2_x86_64", LINUX, elf(), [f"{OURS} needs another C library than the target's musl"], id="another C library"),
            pytest.param("manylinux_3_1_x86_64", TAGS, needing("GLIBC_2.60"), [], id="glibc 3"),
            pytest.param("manylinux_2_28_x86_64", TAGS, elf("aarch64"), [f"{OURS} is for aarch64; the target is x86_64"], id="files for another machine than the tag's"),
            pytest.param("win_amd64", "py3-none-any", {"x.so": elf()}, ["x.so is for x86_64; the target is Windows"], id="ELF files on Windows"),
            pytest.param("android_30_x86_64", "py3-none-any", {"x.so": elf(needed=["libc.so"], api=24)}, [], id="Android"),
            pytest.param("android_24_armeabi_v7a", "py3-none-any", {"x.so": elf("armv7l", needed=["libc.so"], flags=0x05000200, api=24)}, [], id="Android's ARM is soft-float"),
            pytest.param("manylinux_2_31_armv7l", "py3-none-any", {"x.so": elf("armv7l", flags=0x05000200)}, ["x.so is for soft-float ARM or an older ABI of it; the target is armv7l"], id="Linux's is not"),
            pytest.param("linux_x86_64", LINUX, elf(), [], id="no C library is known"),
            pytest.param("manylinux_2_28_x86_64", LINUX, needing("GLIBC_PRIVATE"), [], id="a version that no glibc is known to have"),
            pytest.param("manylinux_2_41_x86_64", TAGS, {OURS: elf(), "y.so": elf("aarch64", stack=7)}, [], id="an executable stack in a file for another machine"),
            pytest.param("manylinux_2_41_x86_64", TAGS, {OURS: elf(), "libplugin.so": elf(beyond=1, symbols=[Symbol("f", FUNCTION)])}, [], id="a segment beyond the end of a file that nothing needs"),
            pytest.param("manylinux_2_40_x86_64", TAGS, elf(stack=7), [], id="an executable stack before glibc 2.41"),
            pytest.param(
                "manylinux_2_41_x86_64",
                TAGS,
                elf(stack=7),
                [f"{OURS} asks for an executable stack, which glibc 2.41 and newer refuse"],
                id="an executable stack on glibc 2.41",
            ),
            pytest.param("manylinux_2_41_x86_64", TAGS, elf(beyond=1), [f"{OURS} has a segment that ends beyond the end of the file"], id="a segment beyond the end"),
        ],
    )  # fmt: skip
    def test_targets(self, tmp_path: Path, target: str, tags: str, data: Any, expected: list[str]) -> None:
        verdict = judged(tmp_path, data, tags, target=mltags.parse_platform(target))
        assert sentences(verdict, Kind.LOAD) == expected
        assert verdict.loads == (not expected)

    @pytest.mark.parametrize(
        ("target", "tags"),
        [
            pytest.param("manylinux_2_20_x86_64", "cp312-cp312-manylinux_2_28_x86_64", id="an older C library"),
            pytest.param("manylinux_2_20_aarch64", LINUX, id="another machine"),
            pytest.param("manylinux_2_20_x86_64", "cp312-cp312-android_24_x86_64", id="another system"),
        ],
    )
    def test_where_the_tags_are_refused_nothing_else_matters(self, tmp_path: Path, target: str, tags: str) -> None:
        verdict = judged(tmp_path, elf(needed=["libq.so"]), tags, target=mltags.parse_platform(target))
        assert [(rule, text[:10]) for _, rule, text in found(verdict, Kind.LOAD)] == [("target", "the wheel ")]

    def test_python_counts_where_a_target_has_one(self, tmp_path: Path) -> None:
        target = mltags.Target.of(python_version="3.11", implementation="cp", platform="manylinux_2_28_x86_64")
        verdict = judged(tmp_path, elf(), target=target)
        assert [finding.rule for finding in verdict.findings] == ["target"]
        assert verdict.target == "x86_64 with glibc 2.28 (cp311)"
        assert judged(tmp_path, elf(), target=target.platform)
        explicit = mltags.Target.from_tags([TAGS])
        verdict = judged(tmp_path, elf(needed=["libc.so.6"]), target=explicit)
        assert verdict
        assert verdict.target == "a machine with the tags given"
        limited = mltags.Target.of(
            python_version="3.12", implementation="cp", platform="manylinux_2_28_x86_64", max_glibc="2.17"
        )
        verdict = judged(tmp_path, needing("GLIBC_2.18"), target=limited)
        assert str(verdict.findings[0]) == f"{OURS} needs GLIBC_2.18; the target has glibc 2.17"

    def test_a_list_of_tags_says_nothing_of_the_machine(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(stack=7), target=mltags.Target.from_tags([TAGS]))
        assert found(verdict) == [
            ("remark", "stack", f"{OURS} asks for an executable stack, which glibc 2.41 and newer refuse")
        ]

    def test_words_for_targets(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, elf(), target=mltags.parse_platform("android_30_x86_64"))
        assert verdict.target == "android_30_x86_64"
        assert judged(tmp_path, elf(), target=mltags.Platform()).target == "Linux"


class TestWhoNeedsIt:
    """What an extension module or a command lacks keeps the wheel from loading; what others lack is a remark."""

    def lacking(self, tmp_path: Path, files: dict[str, bytes]) -> list[str]:
        (tmp_path / "root").mkdir(exist_ok=True)
        return [
            f"{kind} {file}"
            for kind, rule, text in found(judged(tmp_path, files, LINUX, root=RootHost(tmp_path / "root")))
            if rule == "library"
            for file in [text.split()[0]]
        ]

    MODULE = "demo/_x.cpython-312-x86_64-linux-gnu.so"

    @pytest.mark.parametrize(
        ("files", "expected"),
        [
            pytest.param({MODULE: elf(needed=["libq.so"])}, [f"load {MODULE}"], id="an extension module"),
            pytest.param({MODULE: elf(needed=[]), "plugin.so": elf(needed=["libq.so"], symbols=[Symbol("f", FUNCTION)])}, ["remark plugin.so"], id="a plugin"),
            pytest.param({MODULE: elf(needed=[]), "libplain.so": elf(needed=["libq.so"])}, ["remark libplain.so"], id="a library that nothing needs"),
            pytest.param(
                {MODULE: elf(needed=["liba.so"], runpath="$ORIGIN"), "demo/liba.so": elf(needed=["libq.so"])},
                ["load demo/liba.so"],
                id="a library that a module needs",
            ),
            pytest.param(
                {"demo-1.0.data/scripts/tool": elf(needed=["libq.so"], interpreter="/lib64/ld-linux-x86-64.so.2")},
                ["load demo-1.0.data/scripts/tool"],
                id="a command",
            ),
            pytest.param({MODULE: elf(needed=[]), "demo/bin/tool": elf(needed=["libq.so"], kind=2)}, ["remark demo/bin/tool"], id="a program in the package"),
            pytest.param({"demo/libplain.so": elf(needed=["libq.so"])}, ["remark demo/libplain.so"], id="a wheel of libraries alone"),
        ],
    )  # fmt: skip
    def test_files(self, tmp_path: Path, files: dict[str, bytes], expected: list[str]) -> None:
        assert self.lacking(tmp_path, files) == expected

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            pytest.param("from . import _x\n", "load", id="an import that has to succeed"),
            pytest.param("from demo import (\n    other,\n    _x,\n)\n", "load", id="over several lines"),
            pytest.param("import demo._x as x\n", "load", id="by its whole name"),
            pytest.param("from ._x import f\n", "load", id="from the module"),
            pytest.param("try:\n    from demo import _x\nexcept ImportError:\n    pass\n", "remark", id="within try"),
            pytest.param("def f():\n    from demo._x import g\n", "remark", id="within a function"),
            pytest.param("try:\n    from . import _x\nexcept ImportError:\n    _x = None\nimport demo._x\n", "load", id="both"),
            pytest.param("x = '_x'\n", "load", id="not imported: others may"),
            pytest.param("import _xy\n    # import _xz\n", "load", id="other names"),
            pytest.param("import (\n" * 100_000 + "\n    import _x\n", "remark", id="a source that makes no sense"),
        ],
    )
    def test_module_that_the_wheel_does_without(self, tmp_path: Path, source: str, expected: str) -> None:
        files = {self.MODULE: elf(needed=["libq.so"]), "demo/__init__.py": source.encode()}
        assert self.lacking(tmp_path, files) == [f"{expected} {self.MODULE}"]

    def test_several_modules(self, tmp_path: Path) -> None:
        files = {
            self.MODULE: elf(needed=["libq.so"]),
            "demo/_y.abi3.so": elf(needed=["libq.so"]),
            "demo/a.py": b"try:\n    from . import _x\nexcept ImportError:\n    pass\n",
            "demo/b.py": b"from demo import _y\n",
        }
        assert self.lacking(tmp_path, files) == ["load demo/_y.abi3.so", f"remark {self.MODULE}"]

    def test_versions_of_files_that_nothing_loads_are_remarks(self, tmp_path: Path) -> None:
        target = mltags.parse_platform("manylinux_2_20_x86_64")
        files = {self.MODULE: elf(), "libplugin.so": needing("GLIBC_2.30")}
        assert [kind for kind, rule, _ in found(judged(tmp_path, files, LINUX, target=target)) if rule == "glibc"] == ["remark"]
        del files[self.MODULE]
        assert [kind for kind, rule, _ in found(judged(tmp_path, files, LINUX, target=target)) if rule == "glibc"] == ["load"]

    def test_remedies(self, tmp_path: Path) -> None:
        (tmp_path / "root").mkdir()
        files = {self.MODULE: elf(needed=["libq.so", "libhidden.so"]), "lib/libhidden.so": elf(needed=[])}
        verdict = judged(tmp_path, files, LINUX, root=RootHost(tmp_path / "root"), requires=["q-libs"])
        assert [finding.remedy for finding in verdict.findings if finding.kind is Kind.LOAD] == [
            "bundle libq.so with `auditwheel repair`; or it comes with a requirement (q-libs): audit the wheels together",
            "`auditwheel repair` or `patchelf --set-rpath '$ORIGIN/...'` sets it",
        ]
