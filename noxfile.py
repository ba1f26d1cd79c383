"""Everything that is checked; ``nox`` runs it all, ``nox -s NAME`` one of it."""

import sys
import tarfile
import zipfile
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["tests", "coverage", "lint", "types", "wheel"]

#: What the source archive holds, beside what the build adds.
PROJECT = [
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "benchmarks",
    "docs",
    "noxfile.py",
    "pyproject.toml",
    "src",
    "tests",
]

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The test suite on every supported Python."""
    session.install("-q", ".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Every line and every branch of the source is tested."""
    session.install("-q", "-e", ".[test]")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-q", "-n", "auto", *session.posargs)
    session.run("coverage", "combine", "-q")
    session.run("coverage", "report")


@nox.session
def lint(session: nox.Session) -> None:
    """Style."""
    session.install("-q", "ruff==0.17.6")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types, by two checkers."""
    session.install("-q", "-e", ".[test]", "mypy", "pyright[nodejs]", "nox", "tomli")
    session.run("mypy")
    session.run("mypy", "--allow-any-generics", "tests")
    session.run("pyright", env={"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"})


@nox.session
def wheel(session: nox.Session) -> None:
    """What is published: its files, its types, and the tests against the built wheel, with the source out of reach."""
    session.install("-q", "build", "twine")
    folder = Path(session.create_tmp()) / "dist"
    session.run("python", "-m", "build", "--outdir", str(folder), silent=True)
    session.run("twine", "check", "--strict", *map(str, folder.iterdir()))
    built = max(folder.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    _check_files(session, built, folder)
    session.install("-q", f"{built}[test]", "pyright[nodejs]")
    tests_folder = Path("tests").resolve()
    with session.chdir(session.create_tmp()):
        session.run("pyright", "--verifytypes", "mltags", "--ignoreexternal", env={"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"})
        session.run(
            "python",
            "-m",
            "pytest",
            "-q",
            "--rootdir",
            ".",
            "-c",
            str(tests_folder.parent / "pyproject.toml"),
            "-n",
            "auto",
            *session.posargs,
            str(tests_folder),
        )


def _check_files(session: nox.Session, built: Path, folder: Path) -> None:
    """The wheel holds the package and its metadata, the other archive the project, and neither anything else."""
    source = Path("src/mltags")
    modules = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.suffix in (".py", ".typed")]
    information = ["METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"]
    _, version, *_ = built.name.split("-")
    wanted = {f"mltags/{name}" for name in modules} | {f"mltags-{version}.dist-info/{name}" for name in information}
    if set(zipfile.ZipFile(built).namelist()) != wanted:
        session.error(f"{built.name} has other files: {sorted(set(zipfile.ZipFile(built).namelist()) ^ wanted)}")
    with tarfile.open(folder / f"mltags-{version}.tar.gz") as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    tops = {name.partition("/")[0] for name in names}
    if tops != {*PROJECT, "PKG-INFO"} or any("__pycache__" in name or name.endswith(".pyc") for name in names):
        session.error(f"the source archive has other files: {sorted(tops)}")


@nox.session
def roots(session: nox.Session) -> None:
    """Build every real root that we know of, ask mltags and packaging in each, and write tests/ROOTS.md: half an hour, 10 GB."""
    session.install("-q", ".", "packaging==26.3")
    session.run("python", "tests/roots_table.py")


@nox.session(python=["3.11", "3.13"])
def benchmark(session: nox.Session) -> None:
    """The table of docs/speed.md."""
    session.install("-q", ".[test]", "pip>=26", "packaging==26.3")
    session.run("python", "benchmarks", *session.posargs)


if __name__ == "__main__":
    sys.exit("run me as: nox")
