"""The libraries of a system, and what its loader finds for the files of wheels."""

from pathlib import Path

import pytest
from elves import elf
from judging import found, judged

import mltags
from mltags import RootHost
from mltags.audit import Kind

#: A system: glibc's libraries, an old libstdc++, and the loader's configuration.
SYSTEM = {
    "etc/ld.so.conf": b"include ld.so.conf.d/*.conf # ours\n/missing\ninclude\t/etc/ld.so.conf\ninclude\n",
    "etc/ld.so.conf.d/own.conf": b"/opt/own/lib\n",
    "lib/x86_64-linux-gnu/libc.so.6": elf(soname="libc.so.6", defines=["GLIBC_2.4", "GLIBC_PRIVATE"]),
    "usr/lib/libstdc++.so.6": elf("i686", soname="libstdc++.so.6"),
    "usr/lib/x86_64-linux-gnu/libstdc++.so.6": elf(soname="libstdc++.so.6", defines=["GLIBCXX_3.4", "GLIBCXX_3.4.1"]),
    "opt/own/lib/libown.so": elf(),
    "usr/lib/libz.so.1": elf(defines=["ZLIB_1.2.0"]),
    "usr/lib/libbroken.so": elf()[:200],
    "usr/lib/libtext.so": b"INPUT(-lz)",
    "lib64/ld-linux-x86-64.so.2": elf(),
}
LINUX = "cp312-cp312-linux_x86_64"


@pytest.fixture
def system(tmp_path: Path) -> RootHost:
    for name, data in SYSTEM.items():
        path = tmp_path / "system" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return RootHost(tmp_path / "system")


class TestSystem:
    """Libraries of the system are found as ld.so(8) and ldconfig(8) have it, and have the versions that they define."""

    def test_the_systems_libraries(self, tmp_path: Path, system: RootHost) -> None:
        data = elf(
            needed=["libc.so.6", "libstdc++.so.6", "libown.so", "libz.so.1", "ld-linux-x86-64.so.2", "libX11.so.6", "libtext.so", "libbroken.so"],
            versions={"libstdc++.so.6": ["GLIBCXX_3.4.1", "GLIBCXX_3.4.9", "GLIBCXX_3.4.10"], "libz.so.1": ["ZLIB_1.2.0"], "libc.so.6": ["GLIBC_2.4", "GLIBC_2.17", "GLIBC_PRIVATE", "GLIBC_ABI_NEW"], "libbroken.so": ["B_1"]},
        )  # fmt: skip
        verdict = judged(tmp_path, {"x.so": data}, LINUX, root=system)
        assert found(verdict, Kind.LOAD) == [
            ("load", "library", "x.so needs libX11.so.6, which is neither in the wheel nor on the target's library path"),
            ("load", "library", "x.so needs libtext.so, which is neither in the wheel nor on the target's library path"),
            ("load", "version", "x.so needs GLIBCXX_3.4.10, which the target's libstdc++.so.6 does not define"),
            ("load", "version", "x.so needs GLIBC_ABI_NEW, which the target's libc.so.6 does not define"),
            ("load", "version", "x.so needs B_1, which the target's libbroken.so does not define"),
        ]
        assert (verdict.correct, verdict.loads) == (True, False)

    def test_versions_of_a_bundled_library_are_its_own(self, tmp_path: Path, system: RootHost) -> None:
        data = elf(needed=["libz.so.1"], runpath="$ORIGIN", versions={"libz.so.1": ["ZLIB_9"]})
        files = {"x.so": data, "libz.so.1": elf(soname="libz.so.1", defines=["ZLIB_9"])}
        assert found(judged(tmp_path, files, LINUX, root=system), Kind.LOAD) == []

    def test_only_this_machines_environment_counts(
        self, tmp_path: Path, system: RootHost, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "more").mkdir()
        (tmp_path / "more/libq.so").write_bytes(elf())
        monkeypatch.setenv("LD_LIBRARY_PATH", f"relative:{tmp_path}/more")
        data = {"x.so": elf(needed=["libq.so"])}
        assert not judged(tmp_path, data, LINUX, root=system).loads
        assert judged(tmp_path, data, LINUX, root=RootHost("/")).loads
        (tmp_path / "system/inside").mkdir()
        (tmp_path / "system/inside/libq.so").write_bytes(elf())
        monkeypatch.setenv("LD_LIBRARY_PATH", "/inside")
        assert not judged(tmp_path, data, LINUX, root=system).loads

    @pytest.mark.parametrize(
        ("text", "loads"),
        [
            ("/inside", True),
            ("  /inside  # ours", True),
            ("/elsewhere:/inside", True),
            ("include /etc/*.list", True),
            ("include\tmore.list", True),
            ("# /inside", False),
            ("inside", False),
            ("hwcap /inside", False),
            ("hwcap /etc/more.list", False),
            ("include", False),
        ],
    )
    def test_configuration(self, text: str, loads: object, tmp_path: Path, system: RootHost) -> None:
        """As ldconfig(8) reads it."""
        (tmp_path / "system/inside").mkdir()
        (tmp_path / "system/inside/libq.so").write_bytes(elf())
        (tmp_path / "system/etc/more.list").write_text("/inside\n")
        (tmp_path / "system/etc/ld.so.conf").write_text(f"{text}\n")
        assert judged(tmp_path, {"x.so": elf(needed=["libq.so"])}, LINUX, root=system).loads is loads

    def test_musls_own_library_path(self, tmp_path: Path, system: RootHost) -> None:
        (tmp_path / "system/etc/ld-musl-x86_64.path").write_text("/lib:/opt/musl\n/more")
        (tmp_path / "system/more").mkdir()
        (tmp_path / "system/more/libq.so").write_bytes(elf())
        (tmp_path / "system/lib/libc.musl-x86_64.so.1").write_bytes(elf())
        target = mltags.parse_platform("musllinux_1_2_x86_64")
        data = {"x.so": elf(needed=["libq.so", "libc.musl-x86_64.so.1"])}
        assert judged(tmp_path, data, "py3-none-linux_x86_64", target=target, root=system).loads

    def test_chain_of_configuration_files_has_an_end(self, tmp_path: Path, system: RootHost) -> None:
        for number in range(300):
            (tmp_path / f"system/etc/{number}.conf").write_text(f"include {number + 1}.conf\n/lib{number}\n")
        (tmp_path / "system/etc/ld.so.conf").write_text("include 0.conf\n")
        for number in (100, 250):
            (tmp_path / f"system/lib{number}").mkdir()
            (tmp_path / f"system/lib{number}/lib{number}.so").write_bytes(elf())
        verdict = judged(tmp_path, {"x.so": elf(needed=["lib100.so", "lib250.so"])}, LINUX, root=system)
        assert [finding.need for finding in verdict.findings if finding.kind is Kind.LOAD] == ["lib250.so"]

    def test_absolute_search_paths_lead_into_the_system(self, tmp_path: Path, system: RootHost) -> None:
        data = {"x.so": elf(needed=["libq.so"], runpath="/opt/q:/opt/nowhere")}
        assert not judged(tmp_path, data, LINUX, root=system).loads
        (tmp_path / "system/opt/q").mkdir()
        (tmp_path / "system/opt/q/libq.so").write_bytes(b"INPUT(-lq)")
        assert not judged(tmp_path, data, LINUX, root=system).loads
        (tmp_path / "system/opt/q/libq.so").write_bytes(elf())
        assert judged(tmp_path, data, LINUX, root=system).loads


MODULE = "demo/_x.cpython-312-x86_64-linux-gnu.so"
HIDDEN = f"{MODULE} needs libq.so.1, and has no search path that leads to demo.libs/libq.so.1"


class TestSearchPaths:
    """A library of the wheel is loaded where the loader looks: DT_RPATH of whoever loads it, DT_RUNPATH of the file itself."""

    @pytest.mark.parametrize(
        ("files", "sentences"),
        [
            pytest.param({MODULE: elf(needed=["libq.so.1"], rpath="$ORIGIN/../demo.libs")}, [], id="DT_RPATH"),
            pytest.param({MODULE: elf(needed=["libq.so.1"], runpath="${ORIGIN}/../demo.libs")}, [], id="DT_RUNPATH"),
            pytest.param({MODULE: elf(needed=["libq.so.1"])}, [HIDDEN], id="no path"),
            pytest.param({MODULE: elf(needed=["libq.so.1"], runpath="/system:/system/lib64:assumed")}, [HIDDEN], id="a path into the system"),
            pytest.param({MODULE: elf(needed=["libq.so.1"], runpath="$ORIGIN/lib", rpath="$ORIGIN/../demo.libs")}, [HIDDEN], id="DT_RPATH beside DT_RUNPATH"),
            pytest.param({MODULE: elf(needed=["libq.so.1"], runpath="../demo.libs:demo.libs")}, [HIDDEN], id="a relative path"),
            pytest.param(
                {
                    MODULE: elf(needed=["liba.so"], rpath="$ORIGIN:$ORIGIN/../demo.libs"),
                    "demo/liba.so": elf(needed=["libq.so.1"]),
                },
                [],
                id="DT_RPATH of the file that loads it",
            ),
            pytest.param(
                {
                    MODULE: elf(needed=["liba.so"], runpath="$ORIGIN:$ORIGIN/../demo.libs"),
                    "demo/liba.so": elf(needed=["libq.so.1"]),
                },
                ["demo/liba.so needs libq.so.1, and has no search path that leads to demo.libs/libq.so.1"],
                id="not its DT_RUNPATH",
            ),
            pytest.param(
                {
                    MODULE: elf(needed=["libq.so.1", "liba.so"], runpath="$ORIGIN:$ORIGIN/../demo.libs"),
                    "demo/liba.so": elf(needed=["libq.so.1"]),
                },
                [],
                id="what is loaded already",
            ),
            pytest.param(
                {MODULE: elf(needed=["libq.so.1"], runpath="$ORIGIN"), "demo/libq.so.1": elf("aarch64")},
                [HIDDEN],
                id="a file of that name for another machine does not count",
            ),
        ],
    )  # fmt: skip
    def test_modules(self, tmp_path: Path, files: dict[str, bytes], sentences: list[str]) -> None:
        verdict = judged(tmp_path, {**files, "demo.libs/libq.so.1": elf(soname="libq.so.1")})
        assert [sentence for _, _, sentence in found(verdict, Kind.LOAD)] == sentences
        assert verdict.loads == (not sentences)

    def test_musl_inherits_both(self, tmp_path: Path) -> None:
        files = {
            MODULE: elf(needed=["liba.so"], runpath="$ORIGIN:$ORIGIN/../demo.libs"),
            "demo/liba.so": elf(needed=["libq.so.1"]),
            "demo.libs/libq.so.1": elf(needed=[]),
        }
        musl = mltags.parse_platform("musllinux_1_2_x86_64")
        assert judged(tmp_path, files, LINUX, target=musl).loads
        assert not judged(tmp_path, files, LINUX).loads

    def test_file_of_that_name_for_another_machine(self, tmp_path: Path) -> None:
        files = {MODULE: elf(needed=["libq.so.1"], runpath="$ORIGIN"), "demo/libq.so.1": elf("i686")}
        verdict = judged(tmp_path, files, "cp312-cp312-linux_x86_64")
        assert found(verdict, Kind.LOAD) == [("load", "library", f"{MODULE} needs libq.so.1, and demo/libq.so.1 is for i686")]

    def test_scripts_and_data_are_installed_beside_site_packages(self, tmp_path: Path) -> None:
        files = {
            MODULE: elf(needed=["libq.so.1"], runpath="$ORIGIN/../.."),
            "demo-1.0.data/data/lib/libq.so.1": elf(soname="libq.so.1"),
        }
        assert not judged(tmp_path, files).loads
        for folder in ("$ORIGIN/../../..", "$ORIGIN/../../../../lib"):  # site-packages is below lib/python3.12 of the prefix
            files[MODULE] = elf(needed=["libq.so.1"], runpath=folder)
            assert judged(tmp_path, files).loads

    def test_what_tags_allow_is_there_on_an_unknown_system(self, tmp_path: Path) -> None:
        files = {MODULE: elf(needed=["libz.so.1", "libunknown.so"]), "demo.libs/libz.so.1": elf(soname="libz.so.1")}
        assert judged(tmp_path, files, LINUX).loads

    def test_circle_of_needs(self, tmp_path: Path) -> None:
        files = {
            f"lib{n}.so": elf(needed=[f"lib{(n + 1) % 5}.so", f"lib{(n + 2) % 5}.so"], runpath="$ORIGIN") for n in range(5)
        }
        files[MODULE] = elf(needed=["lib0.so"], runpath="$ORIGIN/..")
        assert judged(tmp_path, files).loads

    def test_wheel_with_absurdly_many_needs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mltags.audit.libraries.MAX_STEPS", 3)
        files = {f"_x{n}.so": elf(needed=["libq.so"]) for n in range(5)} | {"lib/libq.so": elf()}
        assert [len(finding.files) for finding in judged(tmp_path, files).findings if finding.kind is Kind.LOAD] == [2]
