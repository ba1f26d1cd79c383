"""Each kind of lock: what is read, what is refused and in which words."""

import os
import random
import textwrap
from typing import Any

import pytest

import mltags
from mltags.check import InvalidSubject, Verdict, check, check_lock, locks, poetrylock, requirements
from mltags.testing import FakeHost

LINUX = mltags.Target.of(python_version="3.11.4", implementation="cp", platform="manylinux_2_17_x86_64")
WINDOWS = mltags.Target.of(python_version="3.12.1", implementation="cp", platform="win_amd64")
#: Nobody said which patch release.
VAGUE = mltags.Target.of(python_version="3.11", implementation="cp", platform="manylinux_2_17_x86_64")
HASH = "0" * 64


def rows(text: Any, kind: Any, target: Any = LINUX, **options: Any) -> Any:
    """``name version: verdict`` of each row."""
    report = check_lock(textwrap.dedent(text), kind=kind, targets={"there": target}, **options)
    return [f"{row.title}: {row.verdict.value}" for row in report.rows]


def problem(text: Any, kind: Any, **options: Any) -> Any:
    """The error, as text."""
    with pytest.raises(InvalidSubject) as caught:
        check_lock(textwrap.dedent(text), kind=kind, targets={"there": LINUX}, **options)
    return str(caught.value)


PYLOCK = """
lock-version = "1.0"
created-by = "nobody"
"""


def pylock(packages: Any = "", head: Any = "") -> Any:
    return PYLOCK + textwrap.dedent(head) + (textwrap.dedent(packages) if packages else "packages = []\n")


def pylock_package(name: Any, more: Any = "", end: Any = "py3-none-any") -> Any:
    return (
        f'[[packages]]\nname = "{name}"\nversion = "1.0"\n{more}\n'
        f'[[packages.wheels]]\nname = "{name}-1.0-{end}.whl"\nurl = "https://example.org/x"\nhashes = {{sha256 = "{HASH}"}}\n'
    )


class TestTexts:
    """A lock in hand: :func:`check_lock`."""

    def test_what_it_is_called(self) -> None:
        for subject, name in ((None, "pylock.toml"), ("theirs", "theirs")):
            assert check_lock(pylock(), kind="pylock.toml", targets=[LINUX], subject=subject).subject == name
        assert problem("x", "uv.lock", subject="theirs").startswith("cannot check 'theirs': ")

    def test_requirements_have_no_project(self) -> None:
        report = check_lock("demo==1.0", kind="requirements", targets=[LINUX], pyproject="not TOML")
        assert [row.title for row in report.rows] == ["demo 1.0"]

    def test_extras_and_targets_may_come_once(self) -> None:
        """Iterators serve every target."""
        targets = iter([LINUX, WINDOWS])
        head = 'extras = ["more"]\ndependency-groups = ["dev"]\n'
        text = pylock(pylock_package("a", "marker = \"'more' in extras and 'dev' in dependency_groups\""), head)
        report = check_lock(text, kind="pylock.toml", targets=targets, extras=iter(["more"]), groups=iter(["dev"]))
        assert [row.verdict for row in report.rows] == [Verdict.WHEEL] * 2


class TestPylock:
    """pylock.toml (PEP 751): the steps of installation, for every package."""

    def test_sources_that_are_not_judged_and_archives_that_are(self) -> None:
        text = """
        [[packages]]
        name = "from-git"
        vcs = {type = "git", url = "https://user:secret@example.org/x", commit-id = "1"}
        [[packages]]
        name = "from-path"
        directory = {path = "x"}
        [[packages]]
        name = "from-url"
        archive = {url = "https://example.org/x.tar.gz", hashes = {sha256 = "00"}}
        [[packages]]
        name = "wheel-by-url"
        archive = {url = "https://example.org/wheel_by_url-1.0-py3-none-any.whl?x#y", hashes = {sha256 = "00"}}
        [[packages]]
        name = "wheel-by-path"
        archive = {path = "x\\\\wheel_by_path-1.0-cp311-cp311-win_amd64.whl", hashes = {sha256 = "00"}}
        [[packages]]
        name = "sdist"
        version = "1.0"
        sdist = {name = "sdist-1.0.tar.gz", url = "https://example.org/x", hashes = {sha256 = "00"}}
        """
        report = check_lock(pylock(text), kind="pylock.toml", targets={"there": LINUX})
        assert [(row.package, row.verdict, row.text) for row in report.rows] == [
            ("from-git", Verdict.NOT_JUDGED, "from git"),
            ("from-path", Verdict.NOT_JUDGED, "from a path"),
            ("from-url", Verdict.NOT_JUDGED, "from a URL"),
            ("wheel-by-url", Verdict.WHEEL, "wheel_by_url-1.0-py3-none-any.whl"),
            (
                "wheel-by-path",
                Verdict.REFUSED,
                "wheel_by_path-1.0-cp311-cp311-win_amd64.whl: is for Windows (win_amd64); the target is Linux",
            ),
            ("sdist", Verdict.SDIST, "there are no wheels of it; it would be built from sdist-1.0.tar.gz"),
        ]
        assert report.rows[3].hashes == ("sha256:00",)

    def test_markers_extras_and_groups(self) -> None:
        text = "".join(
            [
                pylock_package("windows", "marker = \"sys_platform == 'win32'\""),
                pylock_package("extra", "marker = \"'fast' in extras\""),
                pylock_package("group", "marker = \"'dev' in dependency_groups\""),
            ]
        )
        head = 'extras = ["fast"]\ndependency-groups = ["dev", "docs"]\ndefault-groups = ["dev"]\n'
        assert rows(pylock(text, head), "pylock.toml") == [
            "windows 1.0: not needed",
            "extra 1.0: not needed",
            "group 1.0: wheel",
        ]
        assert rows(pylock(text, head), "pylock.toml", WINDOWS, extras=["Fast"], groups=[]) == [
            "windows 1.0: wheel",
            "extra 1.0: wheel",
            "group 1.0: not needed",
        ]

    def test_unknown_extras_and_groups_are_refused(self) -> None:
        head = 'extras = ["fast"]\n'
        assert problem(pylock(head=head), "pylock.toml", extras=["slow"]) == (
            "cannot check 'pylock.toml': extra slow: expected one of fast"
        )
        assert problem(pylock(head=head), "pylock.toml", groups=["dev"]) == (
            "cannot check 'pylock.toml': group dev: it has no groups"
        )

    def test_whole_lock_for_other_pythons_and_environments(self) -> None:
        head = 'requires-python = ">=3.12"\nenvironments = ["sys_platform == \'darwin\'", "sys_platform == \'win32\'"]\n'
        report = check_lock(pylock(pylock_package("a"), head), kind="pylock.toml", targets={"there": LINUX})
        assert report.columns[0].problems == (
            "the lock needs Python >=3.12; the target has 3.11.4",
            'the lock is for other environments: sys_platform == "darwin" or sys_platform == "win32"',
        )
        assert (report.columns[0].fits, bool(report)) == (False, False)
        assert check_lock(pylock(pylock_package("a"), head), kind="pylock.toml", targets={"there": WINDOWS})

    def test_requires_python_of_a_package(self) -> None:
        text = pylock(pylock_package("a", 'requires-python = ">=3.12"'))
        report = check_lock(text, kind="pylock.toml", targets={"there": LINUX})
        assert str(report.rows[0]) == "a 1.0: needs Python >=3.12; the target has 3.11.4"

    def test_two_versions_selected_are_refused(self) -> None:
        text = pylock_package("a") + pylock_package("a").replace("1.0", "2.0")
        report = check_lock(pylock(text), kind="pylock.toml", targets={"there": LINUX})
        assert [(row.verdict, row.fits, row.text) for row in report.rows] == [
            (Verdict.WHEEL, True, "a-1.0-py3-none-any.whl"),
            (Verdict.REFUSED, False, "two versions are selected for this target: 1.0 and 2.0"),
        ]

    def test_two_entries_of_one_version_are_refused(self) -> None:
        text = pylock(pylock_package("a") + pylock_package("a"))
        report = check_lock(text, kind="pylock.toml", targets={"there": LINUX})
        assert report.rows[1].text == "it has two entries for this target"
        nameless = '[[packages]]\nname = "b"\n[packages.directory]\npath = "x"\n'
        report = check_lock(pylock(pylock_package("b") + nameless), kind="pylock.toml", targets={"there": LINUX})
        assert report.rows[1].text == "two versions are selected for this target: 1.0 and from a path"

    def test_marker_that_cannot_be_evaluated(self) -> None:
        text = pylock_package("a", "marker = \"platform_release > '5'\"") + pylock_package("b", "marker = \"extra > '1'\"")
        report = check_lock(pylock(text), kind="pylock.toml", targets={"there": LINUX})
        assert str(report.rows[-1]) == 'b 1.0: its marker cannot be evaluated (extra > "1")'

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            pytest.param("x = !", "TOML: Invalid value (at line 1, column 5)", id="no TOML"),
            pytest.param("x = " + "[" * 100_000, "TOML: nested too deeply", id="deep"),
            pytest.param("a" + ".a" * 200 + " = 1", "TOML: a key has more than 100 parts", id="a key without end"),
            pytest.param("x = 1", "lock-version: Missing required value", id="something else"),
            pytest.param(PYLOCK, "packages: Missing required value", id="no packages"),
            pytest.param(
                pylock().replace("1.0", "2.0"), "lock-version: pylock version 2.0 is not supported", id="a newer version"
            ),
            pytest.param(
                pylock('[[packages]]\nname = "a"\n'),
                "a: packages[0]: Exactly one of vcs, directory, archive must be set if sdist and wheels are not set",
                id="a package without files",
            ),
            pytest.param(
                pylock('[[packages]]\nname = "A b"\n'), "A b: packages[0].name: Name 'A b' is not normalized", id="no name"
            ),
            pytest.param(
                pylock(pylock_package("a", end="py3-any")),
                "a: packages[0].wheels[0]: Invalid wheel filename 'a-1.0-py3-any.whl'",
                id="no wheel's name",
            ),
            pytest.param(pylock("packages = [1]"), "packages[0]: Unexpected type int (expected Mapping)", id="no table"),
        ],
    )
    def test_errors_name_the_package_and_the_part(self, text: Any, message: Any) -> None:
        assert problem(text, "pylock.toml") == f"cannot check 'pylock.toml': {message}"


class TestPatchRelease:
    """Where an answer depends on the patch release of Python alone, it fits, with a note."""

    @pytest.mark.parametrize(
        ("marker", "note"),
        [
            ("python_full_version < '3.11.3'", "needed on some patch releases of Python 3.11 only"),
            ("python_full_version >= '3.11.3'", "needed on some patch releases of Python 3.11 only"),
            ("python_full_version == '3.11.5'", "needed on some patch releases of Python 3.11 only"),
            ("python_full_version > '3.11.0'", "needed on some patch releases of Python 3.11 only"),
            ("python_full_version >= '3.11'", ""),
            ("python_full_version < '3.12'", ""),
        ],
    )
    def test_of_a_marker(self, marker: Any, note: Any) -> None:
        text = pylock(pylock_package("a", f'marker = "{marker}"'))
        report = check_lock(text, kind="pylock.toml", targets={"vague": VAGUE})
        assert (report.rows[0].verdict, report.rows[0].note, bool(report)) == (Verdict.WHEEL, note, True)

    def test_of_requires_python(self) -> None:
        text = pylock(pylock_package("a", 'requires-python = ">=3.11.2"'))
        report = check_lock(text, kind="pylock.toml", targets={"vague": VAGUE, "exact": LINUX})
        assert [row.note for row in report.rows] == ["needs Python >=3.11.2; that depends on the patch release of 3.11", ""]

    def test_of_both(self) -> None:
        more = 'requires-python = ">=3.11.2"\nmarker = "python_full_version < \'3.11.3\'"'
        report = check_lock(pylock(pylock_package("a", more)), kind="pylock.toml", targets={"vague": VAGUE})
        assert report.rows[0].note == (
            "needed on some patch releases of Python 3.11 only; needs Python >=3.11.2; that depends on the patch release of 3.11"
        )

    def test_python_that_was_asked_knows_its_own(self) -> None:
        text = pylock(pylock_package("a", "marker = \"python_full_version >= '3.2.5'\""))
        report = check_lock(text, kind="pylock.toml", targets={"here": mltags.Target.current()})
        assert report.rows[0].note == ""

    def test_target_without_a_python(self) -> None:
        text = pylock(pylock_package("a", 'requires-python = ">=3.11.2"'))
        report = check_lock(text, kind="pylock.toml", targets={"tags": mltags.Target.from_tags(["py3-none-any"])})
        assert report.rows[0].verdict is Verdict.WHEEL

    def test_versions_for_either_patch_release_are_no_ambiguity(self) -> None:
        text = pylock_package("a", "marker = \"python_full_version < '3.11.3'\"")
        text += pylock_package("a", "marker = \"python_full_version >= '3.11.3'\"").replace("1.0", "2.0")
        assert check_lock(pylock(text), kind="pylock.toml", targets={"vague": VAGUE})


def uv(*packages: Any, head: Any = "") -> Any:
    return f"version = 1\n{textwrap.dedent(head)}\n" + "\n".join(textwrap.dedent(package) for package in packages)


def uv_package(name: Any, more: Any = "", version: Any = "1.0") -> Any:
    return f"""
[[package]]
name = "{name}"
version = "{version}"
source = {{ registry = "https://example.org/simple" }}
wheels = [{{ url = "https://example.org/{name}-{version}-py3-none-any.whl?x#y", hash = "sha256:{HASH}" }}]
{more}
"""


ROOT = """
[[package]]
name = "root"
version = "1.0"
source = { virtual = "." }
"""


class TestUvLock:
    """uv.lock is a graph and is walked from its roots."""

    def test_edges_follow_markers_extras_and_groups(self) -> None:
        text = uv(
            ROOT
            + """
            dependencies = [{ name = "a", extra = ["more"] }, { name = "b", marker = "sys_platform == 'win32'" }]
            [package.optional-dependencies]
            fast = [{ name = "c" }]
            [package.dev-dependencies]
            dev = [{ name = "d" }]
            docs = [{ name = "e" }]
            """.replace("            ", ""),
            uv_package("a", 'dependencies = [{ name = "f" }]\n[package.optional-dependencies]\nmore = [{ name = "g" }]'),
            *[uv_package(name) for name in "bcdefgh"],
        )
        assert rows(text, "uv.lock") == [
            "a 1.0: wheel",
            "b 1.0: not needed",
            "c 1.0: not needed",
            "d 1.0: wheel",
            "e 1.0: not needed",
            "f 1.0: wheel",
            "g 1.0: wheel",
            "h 1.0: not needed",
        ]
        needed = rows(text, "uv.lock", extras=["fast"], groups=["docs"])
        assert [row[0] for row in needed if row.endswith("wheel")] == ["a", "c", "e", "f", "g"]
        all_groups = rows(text, "uv.lock", pyproject='[tool.uv]\ndefault-groups = "all"')
        assert [row[0] for row in all_groups if row.endswith("wheel")] == ["a", "d", "e", "f", "g"]
        none = rows(text, "uv.lock", pyproject="[tool.uv]\ndefault-groups = []")
        assert [row[0] for row in none if row.endswith("wheel")] == ["a", "f", "g"]
        for asked, message in (
            ({"extras": ["docs"]}, "extra docs: expected one of fast"),
            ({"groups": ["fast"]}, "group fast: expected one of dev, docs"),
        ):
            assert problem(text, "uv.lock", **asked) == f"cannot check 'uv.lock': {message}"

    def test_what_an_uncertain_package_needs_is_uncertain(self) -> None:
        late = "python_full_version >= '3.11.3'"
        text = uv(
            f"""
            [[package]]
            name = "root"
            version = "1"
            source = {{ virtual = "." }}
            dependencies = [{{ name = "a", marker = "{late}" }}]
            """.replace("            ", ""),
            uv_package("a", 'dependencies = [{ name = "b" }]'),
            uv_package("b"),
        )
        report = check_lock(text, kind="uv.lock", targets=[VAGUE])
        assert [row.note for row in report.rows] == ["needed on some patch releases of Python 3.11 only"] * 2

    def test_a_python_that_was_asked_knows_its_patch_release(self) -> None:
        """3.11.0 is a release as any other, where nobody has made it up."""
        python = {"implementation": "cpython", "version": (3, 11)}
        text = uv(
            uv_package("a", "resolution-markers = [\"python_full_version >= '3.11.3'\"]"), head='requires-python = ">=3.11.3"'
        )
        for asked, problems in (({"python_full_version": "3.11.0"}, 1), ({}, 0)):
            target = mltags.Target.of_host(FakeHost(glibc="2.17", python=python, answers={"markers": asked}))
            assert len(check_lock(text, kind="uv.lock", targets=[target]).columns[0].problems) == problems

    def test_a_python_that_was_built_from_its_repository(self) -> None:
        target = mltags.Target.of(
            python_version="3.15",
            implementation="cp",
            platform="linux_x86_64",
            environment={"python_full_version": "3.15.0a1+"},
        )
        report = check_lock(uv(uv_package("a"), head='requires-python = ">=3.15"'), kind="uv.lock", targets=[target])
        assert (report.columns[0].problems, [row.text for row in report.rows]) == ((), ["a-1.0-py3-none-any.whl"])

    def test_a_package_that_is_reached_twice_is_certain_where_one_way_is(self) -> None:
        late = "python_full_version >= '3.11.3'"
        text = uv(
            ROOT + f'dependencies = [{{ name = "a" }}, {{ name = "b" }}, {{ name = "c", marker = "{late}" }}]',
            uv_package("a", f'dependencies = [{{ name = "d", marker = "{late}" }}, {{ name = "e", marker = "{late}" }}]'),
            uv_package("b", 'dependencies = [{ name = "d" }]'),
            uv_package("c", 'dependencies = [{ name = "a" }]'),
            uv_package("d", 'dependencies = [{ name = "a" }]'),
            uv_package("e"),
        )
        report = check_lock(text, kind="uv.lock", targets={"vague": VAGUE})
        assert {row.package: bool(row.note) for row in report.rows} == {
            "a": False,
            "b": False,
            "c": True,
            "d": False,
            "e": True,
        }

    def test_versions_and_sources_choose_among_packages_of_one_name(self) -> None:
        other = uv_package("a", version="2.0").replace("example.org/simple", "example.org/cpu")
        text = uv(
            ROOT + 'dependencies = [{ name = "a", source = { registry = "https://example.org/cpu" } }]', uv_package("a"), other
        )
        assert rows(text, "uv.lock") == ["a 1.0: not needed", "a 2.0: wheel"]

    def test_extras_that_exclude_each_other(self) -> None:
        text = uv(
            ROOT
            + 'dependencies = [{ name = "a", marker = "extra != \'extra-4-root-cpu\'" }]\n'
            + "[package.optional-dependencies]\n"
            + "cpu = [{ name = \"b\", marker = \"extra == 'extra-4-root-cpu' or extra == 'group-4-root-x'\" }]",
            uv_package("a"),
            uv_package("b"),
        )
        assert rows(text, "uv.lock") == ["a 1.0: wheel", "b 1.0: not needed"]
        assert rows(text, "uv.lock", extras=["cpu"]) == ["a 1.0: not needed", "b 1.0: wheel"]

    def test_sources_without_files(self) -> None:
        names = {
            "git": "from git",
            "url": "from a URL",
            "directory": "from a path",
            "editable": "from a path",
            "path": "from a path",
        }
        dependencies = ", ".join(f'{{ name = "x{name}" }}' for name in names)
        text = uv(
            ROOT + f"dependencies = [{dependencies}]",
            *[f'[[package]]\nname = "x{name}"\nsource = {{ {name} = "x" }}' for name in names],
        )
        report = check_lock(text, kind="uv.lock", targets={"there": LINUX})
        assert {row.package[1:]: row.text for row in report.rows} == names
        assert (report.columns[0].fits, bool(report)) == (None, False)

    def test_lock_without_roots_is_judged_whole(self) -> None:
        report = check_lock(uv(uv_package("a"), uv_package("a", version="2.0")), kind="uv.lock", targets={"there": LINUX})
        assert [row.verdict for row in report.rows] == [Verdict.WHEEL, Verdict.WHEEL]
        assert report.notes == ("the lock does not say which packages are the project's own, so every package is judged",)

    def test_marker_that_cannot_be_evaluated_counts_as_if_it_held(self) -> None:
        text = uv(ROOT + 'dependencies = [{ name = "a", marker = "extra > \'1\'" }]', uv_package("a"))
        report = check_lock(text, kind="uv.lock", targets={"there": LINUX})
        assert report.notes == ("a marker cannot be evaluated, so what it is for is judged: extra > '1'",)
        assert bool(report)

    def test_environments_that_the_lock_is_limited_to(self) -> None:
        text = uv(head="supported-markers = [\"sys_platform == 'win32'\"]")
        assert check_lock(text, kind="uv.lock", targets={"there": WINDOWS})
        assert not check_lock(text, kind="uv.lock", targets={"there": LINUX})

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("version = 2", "version: expected 1, found 2"),
            ("version = 1\npackage = 1", "package: expected a list"),
            ("version = 1\npackage = [1]", "package: expected a list of tables"),
            (uv('[[package]]\nname = "a b"'), "package: name: 'a b' is not the name of a package"),
            (uv('[[package]]\nname = "a"\nversion = "x"'), "a: version: 'x' is not a version"),
            (uv('[[package]]\nname = "a"\nversion = 1'), "a: version: expected a text"),
            (uv(uv_package("a", "sdist = 1")), "a: sdist: expected a table"),
            (uv(uv_package("a", 'dependencies = [{name = "b", version = "1"}]')), "a: its dependency b 1 is not in the lock"),
            (uv(uv_package("a", 'dependencies = [{name = "b"}]')), "a: its dependency b is not in the lock"),
            (uv(uv_package("a", 'dependencies = [{name = "a", marker = "x"}]')), "a: marker: 'x' is not an environment marker"),
            (
                uv(uv_package("a", f'dependencies = [{{name = "a", marker = "{"(" * 5000}"}}]')),
                f"a: marker: '{'(' * 300}... (5000 characters)' is not an environment marker",
            ),
            (uv(head='requires-python = "x"'), "requires-python: 'x' is not a list of versions such as '>=3.9'"),
        ],
    )
    def test_errors_name_the_package_and_the_part(self, text: Any, message: Any) -> None:
        assert problem(text, "uv.lock") == f"cannot check 'uv.lock': {message}"

    def test_pyproject_that_is_none(self) -> None:
        assert problem(uv(), "uv.lock", pyproject="tool = 1") == (
            "cannot check 'pyproject.toml beside uv.lock': tool: expected a table"
        )


def poetry(*packages: Any, metadata: Any = 'lock-version = "2.0"\npython-versions = "^3.8"', extras: Any = "") -> Any:
    return "\n".join([*packages, extras, "[metadata]", metadata])


def poetry_package(name: Any, more: Any = "", version: Any = "1.0", python: Any = "*", files: Any = None) -> Any:
    listed = [f"{name}-{version}-py3-none-any.whl"] if files is None else files
    found = ", ".join(f'{{file = "{file}", hash = "sha256:{HASH}"}}' for file in listed)
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\npython-versions = "{python}"\nfiles = [{found}]\n{more}'


def test_an_empty_file_is_no_lock() -> None:
    assert problem("", "poetry.lock") == "cannot check 'poetry.lock': metadata: expected a table, as poetry writes it"
    assert problem("", "uv.lock") == "cannot check 'uv.lock': version: is missing; expected 1"
    assert problem("", "pylock.toml").startswith("cannot check 'pylock.toml': lock-version: ")


class TestPoetryLock:
    """poetry.lock: from 2.1 on markers and groups are its own; before, pyproject.toml has the roots."""

    def test_from_2_1_on_the_markers_count_and_not_the_range_of_python(self) -> None:
        file = '[package.source]\ntype = "file"\nurl = "b-1.0-py3-none-any.whl"'
        text = poetry(
            poetry_package("a", 'groups = ["main"]', python="<3"),
            poetry_package("b", f'groups = ["main"]\n{file}', python="<3"),
            metadata='lock-version = "2.1"',
        )
        assert rows(text, "poetry.lock") == ["a 1.0: wheel", "b 1.0: wheel"]
        older = poetry(poetry_package("a", python="<3"), metadata='lock-version = "2.0"')
        assert rows(older, "poetry.lock") == ["a 1.0: refused"]

    def test_a_package_of_no_group_is_of_main(self) -> None:
        text = poetry(poetry_package("a"), poetry_package("b", 'groups = ["dev"]'), metadata='lock-version = "2.1"')
        assert rows(text, "poetry.lock", groups=["main"]) == ["a 1.0: wheel", "b 1.0: not needed"]

    @pytest.mark.parametrize("kind", ["git", "directory", "file", "url"])
    def test_packages_from_elsewhere(self, kind: Any) -> None:
        source = f'[package.source]\ntype = "{kind}"\nurl = "https://example.org/x"'
        text = poetry(poetry_package("a", f'groups = ["main"]\n{source}'), metadata='lock-version = "2.1"')
        (row,) = check_lock(text, kind="poetry.lock", targets=[LINUX]).rows
        assert (row.verdict, row.text) == (
            Verdict.NOT_JUDGED,
            {"git": "from git", "directory": "from a path", "file": "from a path", "url": "from a URL"}[kind],
        )

    def test_extras_and_groups_that_are_not_there(self) -> None:
        text = poetry(
            poetry_package("a", 'groups = ["main", "dev"]'), extras='[extras]\nDB = ["a"]', metadata='lock-version = "2.1"'
        )
        assert problem(text, "poetry.lock", extras=["x"]) == "cannot check 'poetry.lock': extra x: expected one of db"
        assert problem(text, "poetry.lock", groups=["x"]) == "cannot check 'poetry.lock': group x: expected one of dev, main"

    def test_alternative_ranges_of_python(self) -> None:
        text = poetry(metadata='lock-version = "2.1"\npython-versions = "<3 || >=3.12"')
        report = check_lock(text, kind="poetry.lock", targets={"there": LINUX})
        assert report.columns[0].problems == ("the lock needs Python <3 or >=3.12; the target has 3.11.4",)

    def test_markers_and_groups_of_one_package(self) -> None:
        text = poetry(
            poetry_package("a", 'groups = ["main"]'),
            poetry_package("b", 'groups = ["main", "dev"]\nmarkers = {main = "sys_platform == \'win32\'"}'),
            poetry_package("c", 'groups = ["main"]\nmarkers = "extra == \'db\'"'),
            poetry_package("d", 'groups = ["main"]\nmarkers = "python_full_version < \'3.11.3\'"'),
            metadata='lock-version = "2.1"\npython-versions = ">=3.8,<4.0"',
            extras='[extras]\ndb = ["c"]',
        )
        assert rows(text, "poetry.lock", groups=["main"]) == [
            "a 1.0: wheel",
            "b 1.0: not needed",
            "c 1.0: not needed",
            "d 1.0: not needed",
        ]
        assert rows(text, "poetry.lock", VAGUE, extras=["db"]) == [
            "a 1.0: wheel",
            "b 1.0: wheel",
            "c 1.0: wheel",
            "d 1.0: wheel",
        ]
        optional = "[tool.poetry.group.dev]\noptional = true"
        assert rows(text, "poetry.lock", pyproject=optional)[1] == "b 1.0: not needed"

    def test_roots_of_an_older_lock(self) -> None:
        pyproject = """
        [tool.poetry.dependencies]
        python = "^3.8"
        a = {version = "^1", extras = ["more"]}
        b = {version = "*", platform = "win32"}
        c = {version = "*", python = "<3.9 || >=3.12", markers = "os_name == 'posix'"}
        missing = "*"
        [tool.poetry.group.test.dependencies]
        d = "*"
        [tool.poetry.group.dev.dependencies]
        e = "*"
        """
        more = '[package.dependencies]\nf = {version = "*", optional = true, markers = "extra == \'more\'"}\ng = ["*", "1"]\n'
        more += '[package.extras]\nmore = ["F (>=1)"]\n'
        text = poetry(poetry_package("a", more), *[poetry_package(name) for name in "bcdefg"])
        assert rows(text, "poetry.lock", pyproject=textwrap.dedent(pyproject)) == [
            "a 1.0: wheel",
            "b 1.0: not needed",
            "c 1.0: not needed",
            "d 1.0: wheel",
            "e 1.0: wheel",
            "f 1.0: wheel",
            "g 1.0: wheel",
        ]

    @pytest.mark.parametrize(
        ("condition", "verdict"),
        [
            ('{version = "*", optional = true}', "not needed"),
            ('{version = "*", markers = "sys_platform == \'win32\'"}', "not needed"),
            ('{version = "*", markers = "sys_platform == \'linux\'"}', "wheel"),
            ('{version = "*", platform = "Linux"}', "not needed"),
            ('{version = "*", platform = "linux"}', "wheel"),
            ('{version = "*", python = "<3.9 || >=3.11"}', "wheel"),
            ('{version = "*", python = "<3.9 || >=3.12"}', "not needed"),
            ('{version = "*", python = "^3.9, !=3.11.*"}', "not needed"),
            ('[{version = "*", python = "<3.9"}, {version = "1", python = ">=3.9"}]', "wheel"),
        ],
    )
    def test_conditions_of_a_dependency(self, condition: str, verdict: str) -> None:
        pyproject = f"[tool.poetry.dependencies]\na = {condition}"
        assert rows(poetry(poetry_package("a")), "poetry.lock", pyproject=pyproject) == [f"a 1.0: {verdict}"]

    def test_a_version_that_not_every_dependency_allows_gives_way(self) -> None:
        """Both versions of b satisfy a; the root wants the older one, and c is needed by the newer one alone."""
        pyproject = '[tool.poetry.dependencies]\na = "*"\nb = "<2"'
        text = poetry(
            poetry_package("a", '[package.dependencies]\nb = "*"\n'),
            poetry_package("b"),
            poetry_package("b", '[package.dependencies]\nc = "*"\n', version="2.0"),
            poetry_package("c"),
        )
        assert rows(text, "poetry.lock", pyproject=pyproject) == [
            "a 1.0: wheel",
            "b 1.0: wheel",
            "b 2.0: not needed",
            "c 1.0: not needed",
        ]

    def test_a_version_for_other_pythons_gives_way(self) -> None:
        pyproject = '[tool.poetry.dependencies]\nb = "*"'
        text = poetry(poetry_package("b", python="<3.10"), poetry_package("b", version="2.0", python=">=3.10"))
        assert rows(text, "poetry.lock", pyproject=pyproject) == ["b 1.0: not needed", "b 2.0: wheel"]

    def test_files_of_all_versions_in_one_list(self) -> None:
        old = '[[package]]\nname = "a-b"\nversion = "1.0"\npython-versions = "*"\n'
        old += '[[package]]\nname = "c"\nversion = "1.0"\npython-versions = "*"\n'
        names = ["a_b-1.0-py3-none-any.whl", "a_b-1.0.1-py3-none-any.whl", "a.b-1.0.tar.gz", "a_b-1.0.exe"]
        files = ", ".join(f'{{file = "{name}", hash = "md5:x"}}' for name in names)
        text = f'{old}[metadata]\nlock-version = "1.1"\npython-versions = "*"\n[metadata.files]\na-b = [{files}]'
        lock = poetrylock.read_poetry(text, "poetry.lock")
        assert lock.packages[0].names == ("a_b-1.0-py3-none-any.whl",)
        assert [file.name for file in lock.packages[0].sdists] == ["a.b-1.0.tar.gz"]
        assert lock.packages[1].source == "the lock does not name its files"

    def test_sources_without_files(self) -> None:
        text = poetry(
            *[
                f'[[package]]\nname = "{kind}"\nversion = "1.0"\n[package.source]\ntype = "{kind}"\nurl = "{url}"'
                for kind, url in {
                    "git": "https://example.org/x",
                    "directory": "x",
                    "url": "https://example.org/url-1.0-py3-none-any.whl#egg=x",
                    "file": "x/file-1.0.tar.gz",
                }.items()
            ]
        )
        assert rows(text, "poetry.lock") == [
            "git 1.0: not judged",
            "directory 1.0: not judged",
            "url 1.0: wheel",
            "file 1.0: not judged",
        ]

    @pytest.mark.parametrize(
        ("text", "specifiers"),
        [
            ("*", ""),
            ("", ""),
            ("^3.9", ">=3.9,<4"),
            ("^0.2.3", ">=0.2.3,<0.3"),
            ("^0.0.3", ">=0.0.3,<0.0.4"),
            ("^0", ">=0,<1"),
            ("~3.9.1", ">=3.9.1,<3.10"),
            ("~3", ">=3,<4"),
            ("~=3.9", "~=3.9"),
            ("1.2", "==1.2"),
            ("1.*", "==1.*"),
            (">= 2.7, !=3.0.*", ">=2.7,!=3.0.*"),
            (">=2.7 <3", ">=2.7,<3"),
            ("~2.7 || ^3.6", ">=2.7,<2.8||>=3.6,<4"),
            ("^3.6 | *", ""),
            ("x y", ""),
            ("^x", ""),
        ],
    )
    def test_ranges_of_versions(self, text: Any, specifiers: Any) -> None:
        assert poetrylock._poetry_range(text) == specifiers

    def test_metadata_of_the_wrong_kind(self) -> None:
        assert problem("metadata = 1", "poetry.lock") == "cannot check 'poetry.lock': metadata: expected a table"


class TestRepeatedRequirements:
    """Lines about one project are one package, as with pip, unless they pin different versions."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("demo==1.0\ndemo==1.0", ["demo 1.0: not judged"]),
            ("demo==1.0\nDemo[x]==1.0.0", ["demo 1.0: not judged"]),
            ("demo>=1\nother\ndemo==2.0", ["demo 2.0: not judged", "other: not judged"]),
            ("demo>=1\ndemo<2 ; python_version > '3'", ["demo: not judged", "demo: not judged"]),
            ("demo==1.0\ndemo==1.0 ; python_version > '3'", ["demo 1.0: not judged", "demo 1.0: not judged"]),
            ("demo==1.0\ndemo==2.0\ndemo==1.0", ["demo 1.0: not judged", "demo 2.0: refused"]),
            ("demo==1.0\ndemo==2.0 ; python_version > '3'", ["demo 1.0: not judged", "demo 2.0: refused"]),
        ],
    )
    def test_lines(self, text: Any, expected: Any) -> None:
        assert rows(text, "requirements") == expected

    @pytest.mark.parametrize(
        ("text", "fits"),
        [
            ("demo==1.0", None),
            ("demo==1.0\nother==1 ; sys_platform == 'win32'", None),
            ("other==1 ; sys_platform == 'win32'", True),
            ("demo==1.0\n./one-1-py3-none-any.whl", True),
            ("demo==1.0\n./one-1-cp311-cp311-win32.whl", False),
        ],
    )
    def test_what_is_not_needed_is_not_judged_either(self, text: Any, fits: Any) -> None:
        report = check_lock(text, kind="requirements", targets={"there": LINUX})
        assert report.columns[0].fits is fits
        assert bool(report) is bool(fits)

    def test_versions_are_those_that_all_lines_allow(self) -> None:
        (package,) = requirements.read_requirements("demo>=1\ndemo<2", "r").packages
        assert package.wanted == "<2,>=1"

    @pytest.mark.parametrize(
        ("first", "second", "allowed"),
        [
            ("", "", ()),
            (" --hash=sha256:11", "", ("sha256:11",)),
            ("", " --hash=sha256:11", ("sha256:11",)),
            (" --hash=sha256:11 --hash=sha256:22", " --hash=sha256:22 --hash=sha256:33", ("sha256:22",)),
        ],
        ids=["none", "of the first", "of the second", "those of both"],
    )
    def test_hashes(self, first: Any, second: Any, allowed: Any) -> None:
        (package,) = requirements.read_requirements(f"demo==1{first}\ndemo==1{second}", "r").packages
        assert package.allowed == allowed

    def test_contradictions_are_refused(self) -> None:
        text = "demo==1 --hash=sha256:11\ndemo==1 --hash=sha256:22"
        assert problem(text, "requirements") == (
            "cannot check 'requirements': requirements, line 2: no hash of 'demo' is also in the line before that names it"
        )
        assert problem("demo==1\ndemo===x", "requirements").startswith("cannot check 'requirements': requirements, line 2: ")
        report = check_lock("demo==1.0\ndemo==2.0", kind="requirements", targets={"there": LINUX})
        assert report.rows[1].text == "two versions are selected for this target: 1.0 and 2.0"


class TestRequirements:
    """Requirement files: pins, markers, hashes; includes are followed locally, below the first file's folder."""

    @pytest.mark.parametrize("option", ["--hash=sha256:zz", "--hash sha256", f"--hash=sha256:{'0' * 64} --hash=md5", "--hash="])
    def test_malformed_hashes_are_refused(self, option: str) -> None:
        assert problem(f"a==1 {option}", "requirements").startswith(
            "cannot check 'requirements': requirements, line 1: expected hashes such as --hash=sha256:0123, found '"
        )

    def test_lines(self) -> None:
        text = f"""
        --index-url https://user:secret@example.org/simple
        # a comment
        a==1.0 ; sys_platform == "win32"  # another
        b==1.0 \\
            --hash=sha256:{HASH} \\
            --hash sha256:{"1" * 64}
        c>=1
        d @ https://user:secret@example.org/d-1.0-py3-none-any.whl?token=x
        e @ git+https://example.org/e
        https://user:secret@example.org/f-1.0-cp39-cp39-win32.whl
        ./g
        -e git+https://example.org/h#egg=h
        -e ./i/
        j[x,y]===1.0
        k==${{VERSION}}x \\"""
        with pytest.raises(InvalidSubject) as caught:
            check_lock(textwrap.dedent(text), kind="requirements", targets={"there": LINUX})
        assert str(caught.value) == (
            "cannot check 'requirements': requirements, line 16: 'k==${VERSION}x' is not a requirement such as 'demo==1.0'"
        )
        report = check_lock(textwrap.dedent(text.rpartition("\n")[0]), kind="requirements", targets={"there": LINUX})
        assert [str(row) for row in report.rows] == [
            (
                "f: f-1.0-cp39-cp39-win32.whl: is built for CPython 3.9 only (ABI cp39); the target is CPython 3.11 (ABI cp311). "
                "Also, it is for Windows (win32); the target is Linux"
            ),
            "g: from a path",
            "h: an editable project",
            "i: an editable project",
            'a 1.0: not needed there (sys_platform == "win32")',
            "b 1.0: a pin names no files; ask an index for them (--index)",
            "c: it is not pinned",
            "d 1.0: d-1.0-py3-none-any.whl",
            "e: from git",
            "j 1.0: a pin names no files; ask an index for them (--index)",
        ]
        lock = requirements.read_requirements(textwrap.dedent(text.rpartition("\n")[0]), "x")
        assert [package.allowed for package in lock.packages if package.allowed] == [(f"sha256:{HASH}", f"sha256:{'1' * 64}")]

    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            ("./demo-1.0.tar.gz", "demo: from a path"),
            ("demo-1.0.zip", "demo: from a path"),
            ("demo.tar.gz", "demo: from a path"),
            ("/srv/Demo_x/", "demo-x: from a path"),
            ("~/demo[extra]", "demo: from a path"),
            ("C:\\srv\\demo", "demo: from a path"),
            ("./x#egg=demo", "demo: from a path"),
            (".", "unnamed: from a path"),
            ("demo-1.0-py3-none-any.whl", "demo 1.0: demo-1.0-py3-none-any.whl"),
            ("x\\demo-1.0-py3-none-any.whl", "demo 1.0: demo-1.0-py3-none-any.whl"),
            ("https://e.org/a;b/%64emo-1.0-py3-none-any.whl?c;d", "demo 1.0: demo-1.0-py3-none-any.whl"),
            ("https://e.org/demo-1.0.zip#subdirectory=x", "demo: from a URL"),
            ("git+https://user:secret@e.org/demo.git", "demo: from git"),
            ("git+ssh://git@e.org/x/demo@feature/y", "demo: from git"),
            ("https://user:secret@e.org", "unnamed: from a URL"),
            ("demo @ https://e.org/other-1.0.zip", "demo: from a URL"),
            ("demo[x]@https://e.org/demo-1.0-py3-none-any.whl", "demo 1.0: demo-1.0-py3-none-any.whl"),
            ("-e git+https://e.org/x#egg=Demo[y]", "demo: an editable project"),
            ("--editable=./demo", "demo: an editable project"),
            ("-e .", "unnamed: an editable project"),
        ],
    )
    def test_places(self, line: Any, shown: Any) -> None:
        for text in (line, f"{line} ; sys_platform == 'linux'"):
            assert [str(row) for row in check_lock(text, kind="requirements", targets=[LINUX]).rows] == [shown]
        (row,) = check_lock(f"{line} ; sys_platform == 'win32'", kind="requirements", targets=[LINUX]).rows
        assert (row.package, row.text) == (shown.split(":")[0].split(" ")[0], 'not needed there (sys_platform == "win32")')

    def test_a_wheel_that_is_not_there(self, tmp_path: Any, monkeypatch: Any) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "here-1-py3-none-any.whl").touch()
        (tmp_path / "r.txt").write_text(
            "./here-1-py3-none-any.whl\nhttps://example.org/x-1-py3-none-any.whl\n./gone-1-py3-none-any.whl\n"
        )
        report = check("r.txt", {"there": LINUX})
        assert report.notes == ("r.txt, line 3: there is no file ./gone-1-py3-none-any.whl, so pip would stop",)
        assert check_lock("./gone-1-py3-none-any.whl", kind="requirements", targets=[LINUX]).notes == ()

    @pytest.mark.parametrize("line", [f"./demo-{'9' * 5000}.tar.gz", f"demo-{'9' * 5000}.zip"])
    def test_an_archive_whose_version_python_cannot_read(self, line: Any) -> None:
        (row,) = check_lock(line, kind="requirements", targets=[LINUX]).rows
        assert (row.package, row.text) == (f"demo-{'9' * 5000}", "from a path")

    def test_the_semicolon_before_a_marker(self) -> None:
        assert rows("./demo;sys_platform == 'win32'", "requirements") == ["demo: not needed"]
        assert rows("https://e.org/demo;sys_platform=='win32'", "requirements")[0].endswith(": not judged")
        assert problem("./demo ; x", "requirements") == (
            "cannot check 'requirements': requirements, line 1: 'x' is not an environment marker"
        )

    def test_what_constraints_add(self, tmp_path: Any) -> None:
        (tmp_path / "more.txt").write_text("demo<3")
        (tmp_path / "c.txt").write_text("-r more.txt\n./place\n-e ./other\nother==1.0\n")
        (tmp_path / "requirements.txt").write_text("demo>=2\n-c c.txt\n")
        lock = requirements.read_requirements(
            (tmp_path / "requirements.txt").read_text(), "x", str(tmp_path / "requirements.txt")
        )
        assert [(package.name, package.wanted) for package in lock.packages] == [("demo", "<3,>=2")]

    @pytest.mark.parametrize(
        ("text", "line"),
        [("a==1.0\nb \\\n ==x y", 2), ("a==1.0 \\\n\nb==x y", 3), ("# no end \\\nb==x y", 2), ("a==1 # no end \\\nb==x y", 2)],
    )
    def test_the_line_of_what_is_wrong(self, text: Any, line: Any) -> None:
        assert problem(text, "requirements").startswith(f"cannot check 'requirements': requirements, line {line}: ")

    @pytest.mark.parametrize("option", ["--index-url=https://u:secret@e.org/s", "-ihttps://e.org", "-f ./x", "--no-index"])
    def test_options_that_name_an_index_are_noted(self, option: Any) -> None:
        name = option[:2] if option[1] != "-" else option.partition("=")[0]
        assert check_lock(f"a==1\n{option}", kind="requirements", targets=[LINUX]).notes == (
            f"requirements, line 2: {name} is not followed; --index asks the index of pip's configuration or of --index-url",
        )

    def test_options_that_choose_among_files_are_noted(self) -> None:
        text = "--only-binary :all:\n--no-binary=a\n--require-hashes\n--trusted-host e.org\n--pre\na==1"
        assert check_lock(text, kind="requirements", targets=[LINUX]).notes == (
            "requirements, line 1: --only-binary is not followed; pass it to check as --only-binary",
            "requirements, line 2: --no-binary is not followed, so that wheels count",
        )

    def test_requirements_that_contradict_one_another(self) -> None:
        report = check_lock("demo==1.1\ndemo<1.1\nother==1.0\nother!=2", kind="requirements", targets=[LINUX])
        assert [str(row) for row in report.rows] == [
            "demo 1.1: its requirements contradict one another: <1.1,==1.1",
            "other 1.0: a pin names no files; ask an index for them (--index)",
        ]
        assert [row.fits for row in report.rows] == [False, True]
        assert not report

    def test_a_wildcard_is_no_pin(self) -> None:
        report = check_lock("a==1.*", kind="requirements", targets={"there": LINUX})
        assert [str(row) for row in report.rows] == ["a: it is not pinned"]

    def test_last_line_may_be_continued(self) -> None:
        assert rows("a==1.0 \\", "requirements") == ["a 1.0: not judged"]

    def test_includes_below_the_folder(self, tmp_path: Any) -> None:
        (tmp_path / "more").mkdir()
        (tmp_path / "requirements.txt").write_text("-r more/dev.txt\n--constraint=constraints.txt\na==1.0\n")
        (tmp_path / "more/dev.txt").write_text("-r 'other.txt'\nb\n-rlast.txt")
        (tmp_path / "more/other.txt").write_text("c==1.0")
        (tmp_path / "more/last.txt").write_text("")
        (tmp_path / "constraints.txt").write_text("b==2.0\nb<3\nz==1.0")
        report = check(tmp_path / "requirements.txt", {"there": LINUX})
        assert [row.title for row in report.rows] == ["c 1.0", "b 2.0", "a 1.0"]

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("-r https://user:secret@example.org/x.txt", "files elsewhere are not fetched; include a local file"),
            ("-r ../x.txt", "'../x.txt' is not below the folder of the first file"),
            ("-r /etc/passwd", "'/etc/passwd' is not below the folder of the first file"),
            ("-r link.txt", "'link.txt' is not below the folder of the first file"),
            ("-r requirements.txt", "'requirements.txt' includes itself"),
        ],
    )
    def test_other_includes_are_refused(self, tmp_path: Any, line: Any, message: Any) -> None:
        (tmp_path / "x.txt").write_text("")
        (tmp_path / "in").mkdir()
        os.symlink(tmp_path / "x.txt", tmp_path / "in/link.txt")
        path = tmp_path / "in/requirements.txt"
        path.write_text(line)
        with pytest.raises(InvalidSubject) as caught:
            check(path, {"there": LINUX})
        assert str(caught.value) == f"cannot check '{path}': requirements.txt, line 1: {message}"

    def test_cycle_is_refused(self, tmp_path: Any) -> None:
        (tmp_path / "a.txt").write_text("-r b.txt")
        (tmp_path / "b.txt").write_text("\n-r a.txt")
        with pytest.raises(InvalidSubject, match=r"b\.txt, line 2: 'a\.txt' includes itself"):
            check(tmp_path / "a.txt", {"there": LINUX})

    def test_includes_without_end_are_refused(self, tmp_path: Any) -> None:
        (tmp_path / "b.txt").write_text("")
        (tmp_path / "a.txt").write_text("-r b.txt\n" * 101)
        with pytest.raises(InvalidSubject, match=r"a\.txt, line 101: more than 100 files are included"):
            check(tmp_path / "a.txt", {"there": LINUX})

    def test_text_in_hand_includes_nothing(self) -> None:
        assert problem("-r x.txt", "requirements") == (
            "cannot check 'requirements': requirements, line 1: a text in hand cannot include files"
        )


class TestFiles:
    """A file is a lock by its name, else by its content."""

    @pytest.mark.parametrize(
        ("name", "text", "kind"),
        [
            ("pylock.toml", pylock(), "pylock.toml"),
            ("pylock.dev.toml", pylock(), "pylock.toml"),
            ("uv.lock", uv(uv_package("a")), "uv.lock"),
            ("poetry.lock", poetry(), "poetry.lock"),
            ("tool.py.lock", uv(uv_package("a")), "uv.lock"),
            ("old.lock", poetry(poetry_package("a")), "poetry.lock"),
            ("my.toml", pylock(), "pylock.toml"),
            ("requirements.txt", "\ufeffa==1.0", "requirements"),
            ("page.html", "<a href='a-1.0-py3-none-any.whl'>x</a>", "page"),
            ("page", "<a href='a-1.0-py3-none-any.whl'>x</a>", "page"),
        ],
    )
    def test_kinds(self, tmp_path: Any, name: Any, text: Any, kind: Any) -> None:
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert check(tmp_path / name, {"there": LINUX}).kind == kind

    def test_pyproject_beside_a_lock_is_read(self, tmp_path: Any) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.poetry.dependencies]\na = "*"')
        (tmp_path / "poetry.lock").write_text(poetry(poetry_package("a"), poetry_package("b")))
        report = check(str(tmp_path / "poetry.lock"), {"there": LINUX})
        assert [row.verdict for row in report.rows] == [Verdict.WHEEL, Verdict.NOT_NEEDED]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
    @pytest.mark.parametrize("name", ["requirements.txt", "uv.lock", "page.html"])
    def test_files_are_read_in_each_encoding_that_shells_write(self, name: str, encoding: str, tmp_path: Any) -> None:
        """Report A18: PowerShell's ``pip freeze > requirements.txt`` is UTF-16."""
        text = {
            "requirements.txt": "a==1.0\n",
            "uv.lock": uv(uv_package("a")),
            "page.html": '<a href="a-1.0-py3-none-any.whl">x</a>',
        }
        mark = "\ufeff" if encoding == "utf-16-be" else ""
        (tmp_path / name).write_bytes(f"{mark}{text[name]}".encode(encoding))
        assert [row.title for row in check(tmp_path / name, [LINUX]).rows] == ["a 1.0"]

    @pytest.mark.parametrize(
        ("name", "command"),
        [
            ("pyproject.toml", "uv lock"),
            ("pdm.lock", "pdm export -o requirements.txt"),
            ("Pipfile", "pipenv lock && pipenv requirements > requirements.txt"),
            ("Pipfile.lock", "pipenv requirements > requirements.txt"),
        ],
    )
    def test_files_of_other_tools_are_refused(self, name: str, command: str, tmp_path: Any) -> None:
        (tmp_path / name).write_text('[[package]]\nname = "a"\n[metadata]\n')
        with pytest.raises(InvalidSubject) as caught:
            check(tmp_path / name, [LINUX])
        assert caught.value.problem == f"check does not read this kind of file; `{command}` makes one that it reads"

    def test_other_files_are_refused(self, tmp_path: Any) -> None:
        (tmp_path / "x.lock").write_text("a = 1")
        (tmp_path / "binary").write_bytes(b"\xff\xfe\xd8")
        with pytest.raises(InvalidSubject, match=r"x\.lock': file: expected a pylock\.toml, a uv\.lock or a poetry\.lock"):
            check(tmp_path / "x.lock", {"there": LINUX})
        with pytest.raises(InvalidSubject, match=r"file: not a text in UTF-8 or UTF-16$"):
            check(tmp_path / "binary", {"there": LINUX})
        for head in (b"\x7fELF\xff", b"MZ\xff"):
            (tmp_path / "python3").write_bytes(head)
            with pytest.raises(InvalidSubject, match=r"or UTF-16; for a Python, use --python \(check_environment\)$"):
                check(tmp_path / "python3", {"there": LINUX})
        with pytest.raises(InvalidSubject, match="file: No such file or directory"):
            check(tmp_path / "none", {"there": LINUX})
        os.mkfifo(tmp_path / "fifo")
        with pytest.raises(InvalidSubject, match="file: not a regular file"):
            check(tmp_path / "fifo", {"there": LINUX})

    def test_file_that_is_too_large(self, tmp_path: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(locks, "MAX_LOCK", 1 << 20)
        (tmp_path / "x").write_bytes(b"#" * 2_000_000)
        with pytest.raises(InvalidSubject, match="file: larger than 1 MiB"):
            locks.read_text(str(tmp_path / "x"), 1 << 20)

    def test_unknown_kind(self) -> None:
        assert problem("", "Pipfile.lock") == (
            "cannot check 'Pipfile.lock': kind: expected one of pylock.toml, uv.lock, poetry.lock, requirements"
        )


SCRAPS = ["1", '"x"', "[]", "{}", "true", "[[1]]", '{name = "a"}', '["a"]', "1979-05-27", '"' + "9" * 5000 + '"', "9" * 5000]
SEEDS = {
    "pylock.toml": pylock(pylock_package("a", 'marker = "os_name == \'x\'"\nrequires-python = ">=3"'), 'extras = ["x"]\n'),
    "uv.lock": uv(
        ROOT + 'dependencies = [{ name = "a", extra = ["m"], marker = "os_name == \'x\'", version = "1.0" }]',
        uv_package("a", 'resolution-markers = ["x"]\n[package.optional-dependencies]\nm = [{ name = "a" }]'),
        head='requires-python = ">=3"\n[manifest]\nmembers = ["root"]\nrequirements = [{name = "a"}]\n'
        '[manifest.dependency-groups]\ndev = [{name = "a"}]\n',
    ),
    "poetry.lock": poetry(
        poetry_package("a", 'groups = ["main"]\nmarkers = "os_name == \'x\'"\n[package.dependencies]\na = "*"\n'),
        poetry_package(
            "b",
            '[package.dependencies]\na = {version = "*", optional = true, extras = ["x"]}\n'
            '[package.extras]\nx = ["a"]\n[package.source]\ntype = "url"\nurl = "x"\n',
        ),
        extras='[extras]\nx = ["a"]',
    ),
    "requirements": "a==1.0 --hash=sha256:00\nb @ https://example.org/x\n-e x\nc>1;os_name=='x'\n",
}


class TestHostileText:
    """Whatever a lock holds, there is a report or an InvalidSubject, never another exception."""

    def test_versions_that_cannot_be_written(self) -> None:
        version = "9" * 5000
        for text in (f"a>={version}", f"a==1\na<{version}"):
            assert problem(text, "requirements").endswith("is not a requirement such as 'demo==1.0'")
        whole, of_package = f'requires-python = ">={version}"\n', pylock_package("a", f'requires-python = ">={version}"')
        for kind, text in (
            ("pylock.toml", pylock(head=whole)),
            ("pylock.toml", pylock(of_package)),
            ("uv.lock", f"version = 1\n{whole}"),
        ):
            assert problem(text, kind).endswith("is not a list of versions such as '>=3.9'")
        # What cannot be read in a range of poetry's allows everything.
        text = poetry(
            poetry_package("a", python=f"^{version}"), metadata=f'lock-version = "2.0"\npython-versions = ">={version}"'
        )
        assert rows(text, "poetry.lock") == ["a 1.0: wheel"]

    @pytest.mark.parametrize("kind", ["pylock.toml", "uv.lock", "poetry.lock"])
    @pytest.mark.parametrize("base", ["0x", "0o", "0b"])
    def test_numbers_that_cannot_be_written(self, kind: str, base: str) -> None:
        expected = f"cannot check '{kind}': TOML: a number has more than 1,000 digits"
        assert problem(f"version = {base}{'1' * 20_000}", kind) == expected
        assert problem(f"version = 1\nmembers = [{base}{'1' * 1000}]", kind) == expected

    @pytest.mark.parametrize("kind", SEEDS)
    def test_values_in_the_wrong_places(self, kind: Any) -> None:
        chance = random.Random(kind)
        lines = SEEDS[kind].splitlines()
        outcomes = {"report": 0, "error": 0}
        for _ in range(600):
            changed = list(lines)
            for _ in range(chance.randint(1, 2)):
                place = chance.randrange(len(changed))
                words = changed[place].split(" ")
                words[chance.randrange(len(words))] = chance.choice(SCRAPS)
                changed[place] = chance.choice(
                    [" ".join(words), changed[place].partition("=")[0] + "= " + chance.choice(SCRAPS)]
                )
            try:
                report = check_lock("\n".join(changed), kind=kind, targets={"there": LINUX}, pyproject=None)
                report.to_json()
                outcomes["report"] += 1
            except InvalidSubject as error:
                assert "\n" not in str(error)  # noqa: PT017 -- a report is as good
                outcomes["error"] += 1
        assert all(outcomes.values())

    @pytest.mark.parametrize("part", ["tool", "poetry", "group", "dependencies", "extras", "dev-dependencies", "x"])
    @pytest.mark.parametrize("scrap", SCRAPS[:9])
    def test_pyproject_of_the_wrong_kind(self, part: Any, scrap: Any) -> None:
        text = {
            "tool": f"tool = {scrap}",
            "poetry": f"tool.poetry = {scrap}",
            "x": f"tool.poetry.dependencies.a = {scrap}",
        }.get(part, f"[tool.poetry]\n{part} = {scrap}\n" + ('dependencies.a = "*"' if part != "dependencies" else ""))
        try:
            check_lock(poetry(poetry_package("a")), kind="poetry.lock", targets={"there": LINUX}, pyproject=text)
        except InvalidSubject as error:
            assert "pyproject.toml" in str(error)  # noqa: PT017 -- a report is as good
