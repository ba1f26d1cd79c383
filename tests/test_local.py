"""The running machine, and how any host is asked."""

import os
import platform
import struct
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

import mltags
from mltags import _local
from mltags.testing import FakeHost


def facts(platform: mltags.Platform, fact: str) -> "list[tuple[str, str, str]]":
    return [(item.question, item.answer, item.conclusion) for item in platform.evidence if item.fact == fact]


class TestR8GlibcVersion:
    """The glibc version: confstr's answer of exactly two words, else ctypes; every failure is caught, and what is not
    ``<int>.<int>`` is unknown."""

    def test_confstr_is_asked_first(self) -> None:
        host = FakeHost(glibc="2.17", answers={"gnu_get_libc_version": AssertionError})
        platform = mltags.probe(host)
        assert platform.libc == mltags.Glibc(2, 17)
        assert facts(platform, "libc") == [("os.confstr", "'glibc 2.17'", "glibc 2.17")]

    @pytest.mark.parametrize(
        ("version", "libc"),
        [
            pytest.param("2.20-2014.11", mltags.Glibc(2, 20), id="a vendor's date"),
            pytest.param("2.40.9000", mltags.Glibc(2, 40), id="a development release"),
            pytest.param("2.31rc1", mltags.Glibc(2, 31), id="a release candidate"),
            pytest.param("3.0", mltags.Glibc(3, 0), id="another major version"),
            pytest.param("02.017", mltags.Glibc(2, 17), id="leading zeros"),
            pytest.param("99.999", mltags.Glibc(99, 999), id="the largest"),
        ],
    )
    def test_what_follows_the_version_is_ignored(self, version: str, libc: mltags.Glibc) -> None:
        assert mltags.probe(FakeHost(glibc=version)).libc == libc
        answers = {"confstr": None, "gnu_get_libc_version": version}
        assert mltags.probe(FakeHost(answers=answers)).libc == libc

    @pytest.mark.parametrize(
        ("confstr", "answer"),
        [
            pytest.param(OSError(5, "Input/output error"), "OSError: [Errno 5] Input/output error", id="an error"),
            pytest.param(KeyError("x"), "KeyError: 'x'", id="an error of another kind"),
            pytest.param(SystemExit("enough"), "SystemExit: enough", id="an exit"),
            pytest.param(None, "None", id="nothing"),
            pytest.param("glibc", "'glibc'", id="one word"),
            pytest.param("glibc 2.17 stable", "'glibc 2.17 stable'", id="three words"),
            pytest.param(b"glibc 2.17", "b'glibc 2.17'", id="bytes"),
            pytest.param(17, "17", id="a number"),
        ],
    )
    def test_ctypes_is_asked_where_confstr_does_not_answer(self, confstr: object, answer: str) -> None:
        platform = mltags.probe(FakeHost(glibc="2.31", answers={"confstr": confstr}))
        assert platform.libc == mltags.Glibc(2, 31)
        assert facts(platform, "libc") == [
            ("os.confstr", answer, "does not name glibc and its version"),
            ("ctypes gnu_get_libc_version", "'2.31'", "glibc 2.31"),
        ]

    @pytest.mark.parametrize(
        ("answer", "shown", "conclusion"),
        [
            pytest.param(OSError("dlopen"), "OSError: dlopen", "not glibc", id="an error"),
            pytest.param(
                ImportError("No module named '_ctypes'"), "ImportError: No module named '_ctypes'", "not glibc", id="no ctypes"
            ),
            pytest.param(None, "None", "not glibc", id="nothing"),
            pytest.param(7, "7", "not glibc", id="a number"),
            pytest.param(
                b"2.\xff",
                "UnicodeDecodeError: 'ascii' codec can't decode byte 0xff in position 2: ordinal not in range(128)",
                "not glibc",
                id="bytes beyond ASCII",
            ),
            pytest.param(
                b"", "''", "glibc of unknown version: not <number>.<number>, or beyond any real one", id="an empty answer"
            ),
            pytest.param(
                "100.1",
                "'100.1'",
                "glibc of unknown version: not <number>.<number>, or beyond any real one",
                id="beyond the limit",
            ),
        ],
    )
    def test_every_failure_of_ctypes_is_evidence(self, answer: object, shown: str, conclusion: str) -> None:
        platform = mltags.probe(FakeHost(answers={"gnu_get_libc_version": answer}))
        assert platform.libc is None
        assert facts(platform, "libc")[-1] == ("ctypes gnu_get_libc_version", shown, conclusion)

    def test_bytes_of_ctypes_are_read(self) -> None:
        platform = mltags.probe(FakeHost(answers={"gnu_get_libc_version": b"2.36"}))
        assert platform.libc == mltags.Glibc(2, 36)
        assert facts(platform, "libc")[-1] == ("ctypes gnu_get_libc_version", "'2.36'", "glibc 2.36")

    @pytest.mark.parametrize("version", ["garbage", "99999999999.1", "2.1000", "2", "-1.2"])
    def test_two_words_without_a_version_are_unknown_and_final(self, version: str) -> None:
        platform = mltags.probe(FakeHost(glibc=version, answers={"gnu_get_libc_version": AssertionError}))
        assert platform.libc is None
        assert mltags.platform_tags(platform) == ("linux_x86_64",)
        why = "glibc of unknown version: not <number>.<number>, or beyond any real one"
        assert facts(platform, "libc") == [("os.confstr", f"'glibc {version}'", why)]


class Rude:
    """An answer that cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


class Leaving:
    """An answer that ends the process when it is shown."""

    def __repr__(self) -> str:
        raise SystemExit("enough")


class TestAnswersInEvidence:
    """Evidence keeps each answer as text, and no more of it than anybody will read."""

    @pytest.mark.parametrize(
        ("answer", "shown"),
        [
            pytest.param("x" * 298, "'" + "x" * 298 + "'", id="a text that just fits"),
            pytest.param("x" * 301, "'" + "x" * 300 + "'...", id="a longer text"),
            pytest.param(b"x" * 301, "b'" + "x" * 300 + "'...", id="longer bytes"),
            pytest.param(["x" * 301], "['" + "x" * 298, id="anything else"),
            pytest.param(KeyError("x" * 301), "KeyError: '" + "x" * 289, id="an exception"),
            pytest.param(Rude(), "RuntimeError: no", id="an answer that cannot be shown"),
            pytest.param(Leaving(), "SystemExit: enough", id="an answer that leaves"),
        ],
    )
    def test_an_answer_is_cut(self, answer: object, shown: str) -> None:
        assert _local.answer_text(answer) == shown
        if not isinstance(answer, BaseException):
            assert facts(mltags.probe(FakeHost(answers={"confstr": answer})), "libc")[0][1] == shown

    @pytest.mark.parametrize("problem", [KeyError("source"), SystemExit()], ids=["an error", "an exit"])
    def test_a_question_whose_source_is_unknown_names_itself(self, problem: BaseException) -> None:
        class Nameless(FakeHost):
            def source(self, question: str) -> str:
                raise problem

        platform = mltags.probe(Nameless(glibc="2.17"))
        assert platform == mltags.probe(FakeHost(glibc="2.17"))
        assert facts(platform, "libc") == [("confstr", "'glibc 2.17'", "glibc 2.17")]


#: What a fresh process answers without loading what it need not; the modules' own answers beside it.
FRESH = """
import sys
from mltags import _local
host = _local.LocalHost()
answers = [host.system(), host.platform(), host.pointer_size(), dict(host.python())]
loaded = {"platform", "sysconfig", "struct"} & set(sys.modules)
import platform, struct, sysconfig
again = [host.system(), host.platform(), host.pointer_size(), dict(host.python())]
again[3].pop("ext_suffix", None)
answers[3].pop("ext_suffix", None)
assert answers == again, (answers, again)
print(sorted(loaded), answers[1])
"""


def fresh(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return done.stdout.strip()


class TestLocalHost:
    """Each question is asked anew, through the module attributes that others patch."""

    def test_a_module_that_is_not_loaded_is_not_needed(self) -> None:
        printed = fresh(FRESH)
        if sys.implementation.name == "cpython":
            assert printed == f"[] {sysconfig.get_platform()}"

    def test_a_declared_platform_counts_either_way(self) -> None:
        assert fresh(FRESH, _PYTHON_HOST_PLATFORM="linux-mips64").endswith(" linux-mips64")

    def test_the_cheaper_sources_answer_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        if sys.implementation.name != "cpython" or sys.platform != "linux":
            pytest.skip("other interpreters always ask the modules")
        host = mltags.LocalHost()

        def answers() -> "list[object]":
            python = dict(host.python())
            return [host.system(), host.platform(), host.pointer_size(), python["debug"], python["free_threaded"]]

        expected = answers()
        monkeypatch.delenv("_PYTHON_HOST_PLATFORM", raising=False)
        for name in ("platform", "sysconfig", "struct"):
            monkeypatch.delitem(sys.modules, name)
        assert answers() == expected
        monkeypatch.setenv("_PYTHON_HOST_PLATFORM", "linux-mips64")
        assert host.platform() == "linux-mips64"
        assert not {"platform", "sysconfig", "struct"} & set(sys.modules)

    def test_answers_come_through_the_modules_attributes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        host = mltags.LocalHost()
        monkeypatch.setattr(os, "confstr", lambda name: f"{name} 1.2")
        monkeypatch.setattr(sys, "executable", "/x")
        monkeypatch.setattr(sysconfig, "get_platform", lambda: "linux-x")
        monkeypatch.setattr(struct, "calcsize", lambda code: 3)
        monkeypatch.setattr(platform, "system", lambda: "Plan 9")
        answers = (host.confstr("CS"), host.executable(), host.platform(), host.pointer_size(), host.system())
        assert answers == ("CS 1.2", "/x", "linux-x", 3, "Plan 9")

    def test_a_system_without_confstr_has_no_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(os, "confstr")
        with pytest.raises(AttributeError):
            mltags.LocalHost().confstr("CS")

    def test_flags_of_the_build_come_from_sysconfig(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings: dict[str, object] = {"Py_DEBUG": 1, "Py_GIL_DISABLED": 1, "EXT_SUFFIX": ".x.so"}
        monkeypatch.setattr(sysconfig, "get_config_var", settings.get)
        python = mltags.LocalHost().python()
        assert (python["debug"], python["free_threaded"], python["ext_suffix"]) == (True, True, ".x.so")
        settings.clear()
        python = mltags.LocalHost().python()
        assert (python["debug"], python["free_threaded"], python["ext_suffix"]) == (
            hasattr(sys, "gettotalrefcount"),
            False,
            None,
        )

    def test_the_c_library_answers_for_itself(self) -> None:
        if platform.libc_ver()[0] != "glibc":
            pytest.skip("this machine has no glibc")
        confstr = os.confstr("CS_GNU_LIBC_VERSION")
        assert confstr is not None
        assert mltags.LocalHost().gnu_get_libc_version() == confstr.split()[1].encode()

    def test_the_platform_tags_are_packagings(self) -> None:
        import packaging.tags

        assert list(mltags.LocalHost().platform_tags()) == list(packaging.tags.platform_tags())

    def test_the_environment_markers_are_packagings(self) -> None:
        import packaging.markers

        assert mltags.LocalHost().markers() == packaging.markers.default_environment()

    @pytest.mark.parametrize(
        ("path", "problem"),
        [
            pytest.param("/nonexistent/loader", "No such file", id="a missing loader"),
            pytest.param("loader", "the loader's path 'loader' is not absolute", id="a relative path"),
        ],
    )
    def test_a_loader_that_cannot_be_run_is_an_error_of_the_system(self, path: str, problem: str) -> None:
        with pytest.raises(OSError, match=problem):
            mltags.LocalHost().run_loader(path)

    def test_a_loader_is_run_in_an_empty_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        loader = tmp_path / "loader"
        loader.write_text('#!/bin/sh\necho "musl libc (x) [$LD_PRELOAD_CHECK]" >&2\necho out\n')
        loader.chmod(0o755)
        monkeypatch.setenv("LD_PRELOAD_CHECK", "leaked")
        assert mltags.LocalHost().run_loader(str(loader)) == "musl libc (x) []\n"

    def test_it_shows_itself_and_its_sources(self) -> None:
        host = mltags.LocalHost()
        assert repr(host) == "LocalHost()"
        assert host.source("confstr") == "os.confstr"
        assert host.source("gnu_get_libc_version") == "ctypes gnu_get_libc_version"
        assert host.source("override") == "import _manylinux"


class TestFiles:
    """Regular files only, bounded, without waiting."""

    def test_a_part_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"0123456789")
        read = mltags.LocalHost().read
        assert read(str(tmp_path / "file"), 4) == b"0123"
        assert read(str(tmp_path / "file"), 4, 8) == b"89"
        assert read(str(tmp_path / "file"), 4, 10**6) == b""

    def test_what_is_not_a_regular_file_is_refused_at_once(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        (tmp_path / "link").symlink_to(tmp_path / "link")
        for path in (tmp_path, tmp_path / "fifo", tmp_path / "link", tmp_path / "missing", "/dev/zero", "a\0b"):
            start = time.monotonic()
            with pytest.raises((OSError, ValueError)):
                mltags.LocalHost().read(str(path), 10)
            assert time.monotonic() - start < 5

    def test_a_link_is_followed_only_where_asked_for(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"0123456789")
        (tmp_path / "link").symlink_to("file")
        assert _local.read_regular(str(tmp_path / "link"), 4) == b"0123"
        with pytest.raises(OSError, match="is not a regular file"):
            _local.read_regular(str(tmp_path / "link"), 4, follow_links=False)

    def test_a_file_that_has_become_a_link_since(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").write_bytes(b"0123456789")
        (tmp_path / "link").symlink_to("file")
        before = os.stat(tmp_path / "file")
        monkeypatch.setattr(os, "stat", lambda *_, **__: before)
        with pytest.raises(OSError, match="Too many levels of symbolic links"):
            _local.open_regular(str(tmp_path / "link"), follow_links=False)

    def test_a_file_that_has_become_a_fifo_since(self, tmp_path: Path) -> None:
        """A FIFO to which nobody writes would never open."""
        os.mkfifo(tmp_path / "fifo")
        script = (
            "import os, sys; from mltags import _local; file = os.stat(sys.argv[0]); os.stat = lambda *_, **__: file; "
            "print(_local.open_regular(sys.argv[1], follow_links=True) > 0)"
        )
        (tmp_path / "script.py").write_text(script)
        command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "fifo")]
        assert subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout == "True\n"

    def test_files_are_closed_again(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"0123456789")
        first = os.open(tmp_path / "file", os.O_RDONLY)
        os.close(first)
        for _ in range(3):
            assert _local.read_regular(str(tmp_path / "file"), 4) == b"0123"
        again = os.open(tmp_path / "file", os.O_RDONLY)
        os.close(again)
        assert again == first

    def test_a_system_without_the_flags_of_open_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").write_bytes(b"0123456789")
        monkeypatch.delattr(os, "O_NONBLOCK")
        monkeypatch.delattr(os, "O_NOFOLLOW")
        assert _local.read_regular(str(tmp_path / "file"), 4, 2) == b"2345"
        assert _local.read_regular(str(tmp_path / "file"), 4, 2, follow_links=False) == b"2345"

    @pytest.mark.parametrize("kind", ["fifo", "directory", "empty", "device"])
    def test_an_odd_executable_neither_hangs_nor_crashes_the_probe(
        self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / kind
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "directory":
            path.mkdir()
        elif kind == "empty":
            path.touch()
        else:
            path.symlink_to("/dev/zero")
        monkeypatch.setattr(sys, "executable", str(path))
        monkeypatch.setattr(sysconfig, "get_platform", lambda: "linux-armv7l")
        monkeypatch.setattr(struct, "calcsize", lambda code: 4)
        assert mltags.platform_tags() == ("linux_armv7l",)
