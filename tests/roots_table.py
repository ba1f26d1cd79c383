"""Every real root that we know how to make, and what mltags and packaging say in it: writes ``ROOTS.md``, run as a program.

Each root is one row; a difference is right only where the row names the rule that it follows from, and then it has to be there.
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import roots

import mltags

TABLE = Path(__file__).with_name("ROOTS.md")

HEAD = """# Real roots

Every root directory that `nox -s roots` builds, and its tags: inside, from its own interpreter (emulated by qemu-user where this
machine's processor is another), and from outside, by reading its files alone. Compared are the whole lists, the platform tags and
the `python-abi-platform` tags, element by element and in order, with those of packaging {packaging} run inside. "Inside" is mltags
in that interpreter; it needs Python 3.10, so older ones are compared from outside only. "From outside" is `RootHost` against the
list of mltags inside, or against packaging's where mltags does not run. A difference names its rule, which stands below the
table. The session fails where a difference is not one of these, and where one of these has gone.

| root | architecture | Python | C library | platform tags | tags | inside | from outside |
|---|---|---|---|---|---|---|---|
"""

#: What one interpreter answers inside a root. Where mltags can run there, its answers are not optional.
INSIDE = """
import json, sys
import packaging, packaging.tags
answers = {
    "python": "%s %d.%d.%d" % ((sys.implementation.name,) + sys.version_info[:3]),
    "packaging": packaging.__version__, "their_platform_tags": [], "their_tags": [], "failure": "",
    "is_too_old": sys.version_info < (3, 10),
}
try:
    answers["their_platform_tags"] += packaging.tags.platform_tags()
    answers["their_tags"] += map(str, packaging.tags.sys_tags())
except OSError as problem:
    answers["failure"] = "packaging raises %s: %s" % (type(problem).__name__, problem)
if not answers["is_too_old"]:
    import mltags
    target = mltags.Target.current()
    assert [str(tag) for tag in mltags.sys_tags()] == list(target.triples)
    assert mltags.platform_tags() == target.platform_tags
    libc = target.platform.libc
    answers.update(our_platform_tags=list(target.platform_tags), our_tags=list(target.triples))
    answers["libc"] = "%s %s" % (libc.family, libc) if libc else "unknown"
print(json.dumps(answers))
"""

#: Why a row may differ.
RULES = {
    "R6": "a 64-bit interpreter under `linux32` sees the name of a 32-bit machine; packaging takes the kernel's word, and mltags "
    "goes by the interpreter, which loads x86_64 extension modules",
    "R7": "a statically linked interpreter keeps the tags of its own glibc where it runs, as with packaging; from outside it uses no "
    "library of the root, so it has plain `linux_*` tags only",
    "R8": "a failure to find out the C library's version is no failure of the whole: it is unknown, and there are no "
    "manylinux tags",
}


@dataclasses.dataclass(frozen=True)
class Row:
    """One root, and one way to run an interpreter in it.

    ``inside`` and ``outside``: the rules (keys of RULES) by which mltags differs there; empty: it does not. ``unasked``: why
    RootHost is not asked.
    """

    suite: str
    arch: str
    package: str = "python3"
    python: str = "/usr/bin/python3"
    way: str = ""
    inside: str = ""
    outside: str = ""
    unasked: str = ""

    @property
    def name(self) -> str:
        kind = "" if self.package in {"python3", "pypy3"} else self.package.replace("_", " ")
        return ", ".join(filter(None, [self.suite, kind, self.way]))

    def build(self) -> Path:
        if self.suite == COMPILED:
            return roots.compile_python(self.package)
        return roots.build(self.suite, self.arch, self.package)

    def run(self, root: Path) -> "dict[str, Any]":
        wrap = "setarch i686" if self.way == "linux32" else ""
        return dict(json.loads(roots.run(root, self.python, "-", stdin=INSIDE, wrap=wrap, no_proc=self.way == "no /proc")))


COMPILED = "compiled here"
_ARCHITECTURES = {
    "bullseye": ["amd64", "arm64", "armhf", "i386"],
    "bookworm": ["amd64", "arm64", "armel", "armhf", "i386", "mips64el", "mipsel", "ppc64el", "s390x"],
    "trixie": ["amd64", "arm64", "armel", "armhf", "i386", "ppc64el", "riscv64", "s390x"],
    "forky": ["amd64", "arm64", "armhf", "i386", "loong64", "ppc64el", "riscv64", "s390x"],
}
_WAY = "files do not show how they are run"
_DEBUG = "it reads the release build beside it"

ROWS = [
    *[Row(suite, arch) for suite, archs in _ARCHITECTURES.items() for arch in archs],
    *[Row(suite, "amd64", "pypy3", "/usr/bin/pypy3") for suite in ("bookworm", "trixie", "forky")],
    *[Row(suite, "amd64", "python3-dbg", "/usr/bin/python3-dbg", unasked=_DEBUG) for suite in ("bookworm", "trixie", "forky")],
    *[Row("trixie", arch, way="no /proc", unasked=_WAY) for arch in ("amd64", "i386")],
    Row("trixie", "amd64", way="linux32", inside="R6", unasked=_WAY),
    Row("trixie", "i386", way="linux32", unasked=_WAY),
    Row(COMPILED, "amd64", "musl"),
    Row(COMPILED, "amd64", "musl_static", inside="R8"),
    Row(COMPILED, "amd64", "static", outside="R7"),
    Row(COMPILED, "amd64", "nogil"),
]


def difference(ours: "list[str]", theirs: "list[str]") -> str:
    """How two lists differ, in words; empty where they do not."""
    more, fewer = [tag for tag in ours if tag not in theirs], [tag for tag in theirs if tag not in ours]
    words = [f"{len(more)} more, `{more[0]}` the first"] if more else []
    words += [f"{len(fewer)} fewer, `{fewer[0]}` the first"] if fewer else []
    return "; ".join(words) or ("another order" if ours != theirs else "")


def _libc(root: Path) -> str:
    libc = mltags.probe(mltags.RootHost(root)).libc
    return f"{libc.family} {libc}" if libc else "unknown"


def examine(row: Row) -> "tuple[list[str], list[str]]":
    """The cells of a row, and what is wrong with it."""
    root = row.build()
    answers = row.run(root)
    if not answers["packaging"].startswith("26.3"):
        raise roots.FailedError(f"packaging {answers['packaging']} in place of 26.3")
    key = "their" if answers["is_too_old"] else "our"
    platform_tags, tags = answers[f"{key}_platform_tags"], answers[f"{key}_tags"]
    inside, outside = f"Python {answers['python'].split()[1].rsplit('.', 1)[0]} is too old", f"not asked: {row.unasked}"
    problems = []
    if key == "our":
        found = (
            answers["failure"]
            or difference(platform_tags, answers["their_platform_tags"])
            or difference(tags, answers["their_tags"])
        )
        inside = f"{found} ({row.inside})" if found else "equal"
        problems += [f"inside: {inside}"] if bool(found) is not bool(row.inside) else []
    if not row.unasked:
        target = mltags.Target.of_host(mltags.RootHost(root))
        found = difference([*target.platform_tags], platform_tags) or difference([*target.triples], tags)
        outside = f"{found} ({row.outside})" if found else "equal"
        problems += [f"from outside: {outside}"] if bool(found) is not bool(row.outside) else []
    cells = [
        row.name,
        row.arch,
        answers["python"],
        answers.get("libc") or _libc(root),
        str(len(platform_tags)),
        str(len(tags)),
        inside,
        outside,
    ]
    return cells, [f"{row.name} {row.arch}: {problem}" for problem in problems]


def _report(*words: str) -> None:
    print(*words, sep=" | ", flush=True)  # noqa: T201 -- a program reports on its standard output


def main() -> int:
    """Examine every row, and write the table; where a row is wrong, or cannot be made on this machine, the exit code is 1 and
    nothing is written. A release that the mirror no longer has is named below the table."""
    import packaging

    text, problems, missing, gone = HEAD.format(packaging=packaging.__version__), [], [], []
    for row in ROWS:
        try:
            cells, wrong = examine(row)
        except roots.GoneError as reason:
            gone.append(f"- {row.name} on {row.arch} is gone: {reason}")
            _report(gone[-1])
            continue
        except roots.UnavailableError as reason:
            missing.append(f"- {row.name} on {row.arch} could not be made here: {str(reason).splitlines()[-1]}")
            _report(missing[-1])
            continue
        except roots.FailedError as problem:
            cells, wrong = [], [f"{row.name} {row.arch}: {problem}"]
        problems += wrong
        text += f"| {' | '.join(cells)} |\n"
        _report(*cells, *wrong)
    rules = [f"- **{rule}**: {why}." for rule, why in RULES.items()]
    if not problems and not missing:
        TABLE.write_text("\n".join([text, "The rules:", "", *rules, *gone, ""]))
    _report(f"{len(ROWS)} roots", f"{len(gone)} gone", f"{len(missing)} not made here", f"{len(problems)} wrong")
    return 1 if problems or missing else 0


if __name__ == "__main__":
    sys.exit(main())
