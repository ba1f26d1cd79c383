"""Verdicts on one wheel, on several together, and on many."""

import concurrent.futures
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elves import elf, wheel
from judging import NEW, OURS, TAGS, found, judged, needing

import mltags
from mltags import InvalidWheel, InvalidWheelName, RootHost
from mltags.audit import Audit, Kind, audit, audit_many, audit_together, verdict


class TestAudit:
    """One wheel: is its tag right, and will it load on the target."""

    def test_a_wheel_that_is_right(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, needing("GLIBC_2.2.5", "GLIBC_2.17"))
        assert verdict == Audit(
            f"demo-1.0-{TAGS}.whl",
            ("manylinux_2_17_x86_64",),
            "manylinux_2_17_x86_64",
            mltags.Glibc(2, 17),
            target="x86_64 with glibc 2.40",
        )
        assert (verdict.correct, verdict.loads) == (True, True)
        assert str(verdict) == (
            "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl: tags are correct (manylinux_2_17_x86_64, needs glibc 2.17, "
            "lowest tag manylinux_2_17_x86_64); should load on x86_64 with glibc 2.40"
        )

    def test_a_wheel_without_elf_files_is_for_any_platform(self, tmp_path: Path) -> None:
        verdict = judged(tmp_path, {"demo.py": b""}, "py3-none-any")
        assert verdict
        assert (verdict.lowest_tag, verdict.glibc, found(verdict)) == ("any", None, [])

    def test_without_a_target_this_machine_counts_and_not_its_python(self, tmp_path: Path) -> None:
        path = wheel(tmp_path, "demo-1.0-py2-none-any.whl", {})
        assert audit(path)
        assert str(audit(path)).endswith("; loads here")
        assert not audit(path, mltags.Target.of(python_version="3.12"))

    def test_errors(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidWheel):
            audit(tmp_path / "missing-1.0-py3-none-any.whl", NEW)
        with pytest.raises(InvalidWheelName):
            audit(tmp_path / "missing", NEW)

    def test_pyelftools_is_not_needed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "elftools", None)
        assert judged(tmp_path, elf())


class TestTogether:
    """Several wheels: the libraries of one serve the others, and one that cannot be read does not keep the others from being judged."""

    def test_one_that_cannot_be_read(self, tmp_path: Path) -> None:
        good = wheel(tmp_path, f"demo-1.0-{TAGS}.whl", {OURS: elf()})
        result = audit_together([tmp_path / "missing-1.0-py3-none-any.whl", good, tmp_path / "no wheel"], NEW)
        assert [type(verdict) for verdict in result.wheels] == [InvalidWheel, Audit, InvalidWheelName]
        assert not result
        assert audit_together([good], NEW)

    @pytest.mark.parametrize("path", ["a-1-py3-none-any.whl", b"a-1-py3-none-any.whl", Path("a-1-py3-none-any.whl")])
    def test_a_single_path_is_no_list_of_its_letters(self, path: Any) -> None:
        for function in (audit_together, audit_many):
            with pytest.raises(InvalidWheelName, match=r"paths: expected a list of paths; put a single one into a list$"):
                function(path)

    def test_libraries_of_the_one_serve_the_other(self, tmp_path: Path) -> None:
        one = wheel(
            tmp_path,
            f"one-1.0-{TAGS}.whl",
            {"one/_x.abi3.so": elf(needed=["libq.so.1"], runpath="$ORIGIN/q")},
            requires=["q-libs"],
        )
        other = wheel(tmp_path, f"q_libs-1.0-{TAGS}.whl", {"one/q/libq.so.1": elf(soname="libq.so.1")})
        assert [(finding.rule, finding.remedy) for finding in audit(one, NEW).findings] == [
            (
                "library",
                "bundle libq.so.1 with `auditwheel repair`; or it comes with a requirement (q-libs): audit the wheels together",
            )
        ]
        result = audit_together([one, other], NEW)
        assert result
        assert [verdict.findings for verdict in result.wheels if isinstance(verdict, Audit)] == [(), ()]
        assert [verdict.lowest_tag for verdict in result.wheels if isinstance(verdict, Audit)] == ["manylinux_2_5_x86_64"] * 2

    def test_progress(self, tmp_path: Path) -> None:
        calls: list[str] = []
        good = wheel(tmp_path, f"demo-1.0-{TAGS}.whl", {OURS: elf()})
        audit_together([good, good], NEW, progress=lambda name, done, total: calls.append(f"{name} {done <= total}"))
        assert set(calls) == {f"demo-1.0-{TAGS}.whl True"}

    def test_conflicts(self, tmp_path: Path) -> None:
        def bundling(name: str, *needed: str) -> Path:
            files = {
                "x.so": elf(needed=["libq.so.1"], runpath="$ORIGIN/lib"),
                "lib/libq.so.1": elf(soname="libq.so.1", needed=needed),
            }
            return wheel(tmp_path, f"{name}-1.0-{TAGS}.whl", {f"{name}/{path}": data for path, data in files.items()})

        for system in (None, RootHost("/")):
            result = audit_together([bundling("one", "libc.so.6"), bundling("two", "libc.so.6", "libm.so.6")], NEW, root=system)
            assert [(finding.kind, finding.rule, finding.file) for finding in result.conflicts] == [
                (Kind.CONFLICT, "soname", "one/lib/libq.so.1")
            ]
            assert not result


def kill(path: str) -> "Audit | Exception":
    """Judge a wheel; die over one whose name says so."""
    if "killer" in path:
        os._exit(1)
    return JOB(path)


JOB = verdict._Job(NEW, None)


class Engine(concurrent.futures.Executor):
    """An executor that pickles, as engines for distributed work do, and may say in its own words that a worker died."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "concurrent.futures.Future[Any]":
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        if "killer" in args[0]:
            future.set_exception(RuntimeError("worker died"))
        else:
            future.set_result(pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(fn))(*args, **kwargs))))
        return future


class TestMany:
    """Many wheels, each by itself, in this process or in any executor's; none costs the others their verdicts."""

    @pytest.fixture
    def paths(self, tmp_path: Path) -> list[Path]:
        good = [wheel(tmp_path, f"demo{n}-1.0-{TAGS}.whl", {OURS: needing(f"GLIBC_2.{n}")}) for n in range(17, 20)]
        return [good[0], tmp_path / "missing-1.0-py3-none-any.whl", good[1], tmp_path / "no wheel", good[2]]

    def names(self, verdicts: Iterator[Any]) -> list[str]:
        return [verdict.lowest_tag if isinstance(verdict, Audit) else type(verdict).__name__ for verdict in verdicts]

    EXPECTED = ("manylinux_2_17_x86_64", "InvalidWheel", "manylinux_2_18_x86_64", "InvalidWheelName", "manylinux_2_19_x86_64")

    def test_in_this_process(self, paths: list[Path]) -> None:
        verdicts = audit_many(iter(paths), NEW)
        assert next(verdicts) == audit(paths[0], NEW)
        assert self.names(verdicts) == list(self.EXPECTED[1:])
        assert [getattr(verdict, "target", None) for verdict in audit_many(paths)] == ["", None, "", None, ""]

    def test_in_several_processes(self, paths: list[Path]) -> None:
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            assert self.names(audit_many(paths * 20, NEW, executor=pool)) == [*self.EXPECTED] * 20

    def test_a_root_is_read_by_whoever_judges(self, paths: list[Path], tmp_path: Path) -> None:
        (tmp_path / "root").mkdir()
        verdicts = list(audit_many(paths[:1], NEW, root=RootHost(tmp_path / "root"), executor=Engine()))
        assert [found(verdict, Kind.LOAD) for verdict in verdicts if isinstance(verdict, Audit)] == [
            [("load", "library", f"{OURS} needs libc.so.6, which is neither in the wheel nor on the target's library path")]
        ]

    def test_in_threads(self, paths: list[Path]) -> None:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            assert self.names(audit_many(paths, NEW, executor=pool)) == [*self.EXPECTED]

    def test_in_an_engine(self, paths: list[Path], tmp_path: Path) -> None:
        verdicts = list(audit_many([*paths, tmp_path / "killer-1.0-py3-none-any.whl"], NEW, executor=Engine()))
        assert self.names(iter(verdicts[:-1])) == [*self.EXPECTED]
        assert str(verdicts[-1]).endswith("process: the process that read it died: RuntimeError: worker died")

    def test_a_wheel_that_ends_its_process_is_reported_as_such(
        self, paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        killer = tmp_path / "killer-1.0-py3-none-any.whl"
        monkeypatch.setattr(verdict, "_Job", lambda *_: kill)
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            verdicts = list(audit_many([*paths * 4, killer, *paths * 8, killer, *paths], NEW, executor=pool))
        assert self.names(iter(verdicts)) == [
            *self.EXPECTED * 4,
            "InvalidWheel",
            *self.EXPECTED * 8,
            "InvalidWheel",
            *self.EXPECTED,
        ]
        assert str(verdicts[20]).endswith("process: the process that read it died: it may need more memory than there is")

    @pytest.mark.parametrize(("workers", "ahead"), [(3, 24), (None, 1000)])
    def test_only_so_many_wheels_wait(self, workers: object, ahead: int, paths: list[Path]) -> None:
        """Eight for each worker, or a thousand if their number is unknown; whoever stops early leaves none of them behind."""

        class Waiting(Engine):
            _max_workers = workers

            def __init__(self) -> None:
                self.futures: list[concurrent.futures.Future[Any]] = []

            def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "concurrent.futures.Future[Any]":
                future = super().submit(fn, *args, **kwargs) if not self.futures else concurrent.futures.Future()
                self.futures.append(future)
                return future

        engine = Waiting()
        verdicts = audit_many((paths[0] for _ in range(10**9)), NEW, executor=engine)
        assert isinstance(next(verdicts), Audit)
        assert len(engine.futures) == ahead
        assert not any(future.cancelled() for future in engine.futures)
        verdicts.close()  # type: ignore[attr-defined]
        assert len(engine.futures) == ahead
        assert all(future.cancelled() for future in engine.futures[1:])

    def test_a_fault_of_ours_is_an_error_of_that_wheel(self, paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise RecursionError("too deep")

        monkeypatch.setattr(verdict, "judge", fail)
        assert [
            str(one).endswith("file: cannot be judged: RecursionError: too deep") for one in audit_many(paths[:1], NEW)
        ] == [True]
