"""Real wheels beside auditwheel and ldd: ``python tests/audit/wheels_table.py > docs/wheels.md`` makes the table.

The wheels are those of ``wheels.txt``: a requirement, a Python, and the architectures and kinds of tags that are wanted. They come from
the package index. auditwheel looks for the lowest tag; ldd lists what each extension module lacks on this machine.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import wheels

from mltags.audit import Audit, Kind, audit, demands, policies, wheelfile

LIST = Path(__file__).with_name("wheels.txt")

HEAD = """# Real wheels beside auditwheel and ldd

Made by `python tests/audit/wheels_table.py > docs/wheels.md` from the wheels of `tests/audit/wheels.txt`.

* *lowest tag*: mltags's. *auditwheel*: what `auditwheel show` names; it has tags for some versions of glibc only, so an equal one may be the
  next higher (marked "rounded"). A dash: it names none. It fails on modules for musl that name no C library, as Rust's do, where it runs on glibc.
* *ldd*: whether `ldd`, on each extension module, misses the same libraries and symbol versions as mltags says "does not load" for.

| wheel | lowest tag | auditwheel | correct | modules | ldd |
|---|---|---|---|---|---|"""

_KINDS = {
    "x86_64": [f"manylinux_2_{n}_x86_64" for n in (5, 12, 17, 24, 26, 27, 28, 31, 34, 35, 39)] + ["manylinux2014_x86_64"],
    "aarch64": [f"manylinux_2_{n}_aarch64" for n in (17, 26, 27, 28, 34)] + ["manylinux2014_aarch64"],
    "i686": [f"manylinux_2_{n}_i686" for n in (5, 12, 17, 28)] + ["manylinux2014_i686"],
    "armv7l": [f"manylinux_2_{n}_armv7l" for n in (17, 31, 35)] + ["manylinux2014_armv7l"],
    "s390x": [f"manylinux_2_{n}_s390x" for n in (17, 28)] + ["manylinux2014_s390x"],
    "riscv64": [f"manylinux_2_{n}_riscv64" for n in (31, 39)],
    "musllinux": [f"musllinux_1_{n}_x86_64" for n in (1, 2)],
}


def rows() -> "list[tuple[str, str, str]]":
    """The lines of the list: (requirement, Python, kind)."""
    lines = [line.partition("#")[0].split() for line in LIST.read_text().splitlines()]
    return [(line[0], line[1], line[2]) for line in lines if line]


def auditwheels(path: Path) -> str:
    """The tag that auditwheel names for a wheel; a dash where it names none."""
    program = wheels.auditwheel()
    folders = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    try:
        done = subprocess.run(
            [program, "show", path],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={**os.environ, "PATH": folders},
        )
    except subprocess.TimeoutExpired:
        return "-"
    found = re.search(r'following\s+platform\s+tag:\s+"(\w+)"', done.stdout)
    return found[1] if found else "-"


def rounded(tag: str) -> str:
    """The lowest tag of auditwheel's that is not below *tag*."""
    claim = demands.read_claim(tag)
    if not isinstance(claim, demands.Claim) or claim.family != "glibc":
        return tag
    minors = [minor for minor in _policies() if minor >= max(claim.limit, policies.FIRST_GLIBC.get(claim.arch, 0))]
    return f"manylinux_2_{minors[0] if claim.arch != 'riscv64' else max(31, minors[0])}_{claim.arch}"


@functools.cache
def _policies() -> "list[int]":
    return [5, 12, 17, 24, 26, 27, 28, 31, 34, 35, 36, 37, 38, 39, 40, 41]


def missing_by_ldd(path: Path) -> "tuple[int, set[str]]":
    """How many extension modules a wheel has, and what ldd does not find for them, installed side by side."""
    contents = wheelfile.read_wheel(str(path))
    modules = [binary for binary in contents.binaries if binary.is_module]
    found: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "lib/python3/site-packages")
        with zipfile.ZipFile(path) as archive:
            for binary in contents.binaries:
                place = Path(os.path.normpath(site / binary.place))
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(binary.path) as source, place.open("wb") as target:
                    shutil.copyfileobj(source, target)
                place.chmod(0o755)
        for binary in modules:
            done = subprocess.run(["ldd", site / binary.place], capture_output=True, text=True, check=False)
            found.update(re.findall(r"(?m)^\s*(\S+) => not found", done.stdout))
            found.update(re.findall(r"version `(\S+)' not found", done.stdout + done.stderr))
    return len(modules), found


def missing_by_us(verdict: Audit) -> "tuple[set[str], set[str]]":
    """What keeps a wheel from loading here, and what is remarked of modules that it does without."""
    rules = {"library", "version", "glibc"}
    found = [finding for finding in verdict.findings if finding.rule in rules]
    return tuple([{row.need for one in found if one.kind is kind for row in one.rows} for kind in (Kind.LOAD, Kind.REMARK)])  # type: ignore[return-value]


def line(path: Path) -> str:
    """A row of the table."""
    verdict = audit(path)
    theirs = auditwheels(path)
    if theirs not in {verdict.lowest_tag, "-"}:
        theirs += " (rounded)" if theirs == rounded(verdict.lowest_tag) else " (differs)"
    modules, lacking = 0, set[str]()
    agrees = "not here"
    if "x86_64" in verdict.claims[0] and "musllinux" not in verdict.claims[0]:
        modules, lacking = missing_by_ldd(path)
        ours, optional = missing_by_us(verdict)
        agrees = "same" if ours == lacking else "same, but for optional modules" if lacking - ours <= optional else "differs"
    return (
        f"| {path.name} | {verdict.lowest_tag} | {theirs} | {'yes' if verdict.correct else 'no'} | {modules or ''} | {agrees} |"
    )


def downloaded(wanted: "list[tuple[str, str, str]]") -> "list[Path]":
    """The wheels of some lines that the index still has."""
    found = []
    for requirement, python, kind in wanted:
        abi = f"cp{python.removesuffix('t')}{'t' * python.endswith('t')}"
        try:
            found.append(wheels.download(requirement, python.removesuffix("t"), abi, *_KINDS[kind]))
        except wheels.UnavailableError as problem:
            sys.stderr.write(f"{requirement}: {problem}\n")
    return found


def main() -> None:
    sys.stdout.write(HEAD + "\n")
    for path in downloaded(rows()):
        sys.stdout.write(line(path) + "\n")


if __name__ == "__main__":
    main()
