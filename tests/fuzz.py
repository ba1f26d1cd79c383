"""Readers of untrusted bytes, each as a function that raises where it misbehaves; and a fuzzer for them.

``python tests/fuzz.py NAME [options of libFuzzer]`` fuzzes one (needs atheris), beginning with its seeds in ``tests/seeds``, which
``test_fuzz.py`` runs every time.
"""

import contextlib
import importlib
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from packaging.utils import parse_wheel_filename

import mltags
import mltags.audit
import mltags.check
from mltags import _core, _elf, _saved, _wheel
from mltags.audit import elffile, loader
from mltags.check import environment as environments
from mltags.check import pages
from mltags.testing import FakeHost

SEEDS = Path(__file__).parent / "seeds"

PLATFORM = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 17))
TARGETS = [
    mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), PLATFORM),
    mltags.Target.from_tags(["py3-none-any", "cp312-abi3-linux_x86_64", "cp312-cp312-linux_x86_64", "py2-none-any"]),
]


def elf(data: bytes) -> None:
    """At most three reads, none larger than a header table may be; a result that says what it is."""
    sizes = []

    def read(size: int, offset: int) -> bytes:
        assert size >= 0
        assert offset >= 0
        sizes.append(size)
        return data[offset : offset + size]

    found = _elf.read_elf(read)
    assert len(sizes) <= 3
    assert sum(sizes) <= 3 << 16
    if isinstance(found, _elf.Elf):
        assert found.bits in (32, 64)
        assert found.order in ("little", "big")
        assert not (found.is_static and found.interpreter)
    else:
        assert isinstance(found, str)


def banners(data: bytes) -> None:
    """A version is one that may open a range of tags, or there is none."""
    text = data.decode("latin-1")
    for found in (_elf.musl_release(b"musl libc (" + data), _elf.banner_version(text), _elf.banner_of_glibc(data), text):
        version = None if found is None else _core.leading_version(found)
        assert version is None or (0 <= version[0] <= 99 and 0 <= version[1] <= 999)
    with contextlib.suppress(mltags.InvalidTarget):
        mltags.probe(FakeHost(answers={"confstr": text}), max_glibc=text)


def name(data: bytes) -> None:
    """As packaging reads it, but for separators and control characters; rank is the definition's, and explain agrees."""
    text = data.decode("utf-8", "surrogateescape")[:150]
    try:
        wanted = parse_wheel_filename(text)[3]
    except ValueError:  # more digits than Python reads, too
        wanted = None
    if any(c in "/\\" or c < " " or "\x7f" <= c <= "\x9f" for c in text):
        wanted = None
    try:
        _wheel.parse_wheel_name(text)
        is_valid = True
    except mltags.InvalidWheelName as refusal:
        assert refusal.text == text
        assert str(refusal).isprintable()
        is_valid = False
    assert is_valid == (wanted is not None)
    for target in TARGETS:
        verdict = target.explain(text)
        if wanted is None:
            assert target.sort([text]) == []
            assert not verdict
            continue
        rank = min((place for place, tag in enumerate(target.tags) if tag in wanted), default=None)
        assert target.rank(text) == rank
        assert target.sort([text]) == ([] if rank is None else [text])
        assert (verdict.rank if isinstance(verdict, mltags.Match) else None) == rank


def json(data: bytes) -> None:
    """A target that can be saved again, or a refusal; never a list in proportion to a number."""
    try:
        target = _saved.from_bytes(mltags.Target, data)
    except mltags.MltagsError as problem:
        assert str(problem).isprintable()
    else:
        assert mltags.Target.from_json(target.to_json()) == target
        assert len(target.triples) < 10_000_000


def platform(data: bytes) -> None:
    """A machine that accepts the tag, or a refusal."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        found = mltags.parse_platform(text)
    except mltags.InvalidPlatformTag as problem:
        assert problem.text == text
        assert str(problem).isprintable()
    else:
        assert text.lower() in mltags.platform_tags(found)


def audit(data: bytes) -> None:
    """A verdict on a wheel's file, or a refusal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl")
        path.write_bytes(data)
        try:
            verdict = mltags.audit.audit(path, PLATFORM)
        except mltags.InvalidWheel as problem:
            assert str(problem).isprintable()
        else:
            assert str(verdict).isprintable()
            assert all(str(finding).isprintable() for finding in verdict.findings)


def library(data: bytes) -> None:
    """The same of a sound wheel with one file of such bytes."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as made:
        made.writestr("demo/_demo.cpython-312-x86_64-linux-gnu.so", data)
        made.writestr("demo-1.0.dist-info/WHEEL", "Root-Is-Purelib: false\nTag: cp312-cp312-manylinux_2_17_x86_64\n")
    audit(room.getvalue())


def _report(report: mltags.check.Report) -> None:
    """Every output of a report can be made, and none holds control characters."""
    assert report.to_json().isprintable()
    for text in (report.to_markdown(), report.to_html(), *[str(row) for row in report.rows]):
        assert all(line.isprintable() for line in text.splitlines())
    for column in report.columns:
        with contextlib.suppress(mltags.check.InvalidSubject):  # not all can be pinned
            report.requirements(column.name)


def _lock(kind: str, data: bytes) -> None:
    """A report, or a refusal; nothing is opened or contacted. What follows a form feed in TOML is ``pyproject.toml``."""
    text, _, project = data.decode("utf-8", "replace").partition("\f")
    try:
        found = mltags.check.check_lock(text, kind=kind, targets=TARGETS, pyproject=project or None)
    except mltags.check.InvalidSubject as problem:
        assert str(problem).isprintable()
    else:
        _report(found)


def page(data: bytes) -> None:
    """The files on an index's page, or a refusal."""
    try:
        lock = pages.read_page(data.decode("utf-8", "replace"), "page")
    except mltags.check.InvalidSubject as problem:
        assert str(problem).isprintable()
    else:
        _report(mltags.check.check(lock, TARGETS))


#: The files of an environment, in the order in which their contents stand between form feeds.
_INFO = "lib/python3.12/site-packages/demo-1.0.dist-info"
_FILES = [
    "pyvenv.cfg",
    f"{_INFO}/METADATA",
    f"{_INFO}/WHEEL",
    f"{_INFO}/RECORD",
    f"{_INFO}/../demo/__init__.py",
    f"{_INFO}/../demo/x.so",
]


def environment(data: bytes) -> None:
    """A report on an environment with one distribution, or a refusal."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in zip(_FILES, data.split(b"\f"), strict=False):
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.resolve().parent.mkdir(parents=True, exist_ok=True)
            path.resolve().write_bytes(content)
        try:
            found = environments.check_environment(folder, TARGETS[0])
        except (mltags.check.InvalidSubject, mltags.ProbeError) as problem:
            assert str(problem).isprintable()
        else:
            _report(found)


class _Two:
    """Two files in one folder, for the loader's model."""

    def __init__(self, first: bytes, second: bytes) -> None:
        self._opened = {f"/{name}": elffile.ElfFile(io.BytesIO(data)) for name, data in (("a.so", first), ("b.so", second))}

    def real(self, path: str) -> str:
        return path if path in self._opened else ""

    def linked(self, real: str) -> loader.Linked | None:
        return loader.Opened(self._opened[real])

    def search(self, library: str, _: "tuple[int, int, str]") -> str:
        return f"/{library}"


def bindings(data: bytes) -> None:
    """Two files, the second of which begins at the last ELF header: what binds to what, by the rules of both C libraries."""
    for is_musl in (False, True):
        with contextlib.suppress(elffile.ElfError, loader.TooManyError):
            process = loader.Process(_Two(data, data[max(0, data.rfind(b"\x7fELF")) :]), is_musl=is_musl)
            new = [*process.open("/a.so"), *process.open("/b.so")]
            for one in process.in_order(new):
                for binding in process.bindings(one):
                    assert binding.target is None or binding.target in process.objects


READERS: dict[str, Callable[[bytes], None]] = {
    "elf": elf,
    "banners": banners,
    "name": name,
    "json": json,
    "platform": platform,
    "audit": audit,
    "library": library,
    "pylock": partial(_lock, "pylock.toml"),
    "uv": partial(_lock, "uv.lock"),
    "poetry": partial(_lock, "poetry.lock"),
    "requirements": partial(_lock, "requirements"),
    "page": page,
    "environment": environment,
    "bindings": bindings,
}


def main() -> None:
    atheris = importlib.import_module("atheris")  # only who fuzzes has it
    atheris.instrument_all()
    chosen = sys.argv.pop(1)
    atheris.Setup([*sys.argv, str(SEEDS / chosen)], READERS[chosen])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
