"""mltags as the list of tags of an installer that takes one: unearth, the finder of PDM."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import vendored

import mltags

pytestmark = pytest.mark.real

FOLDERS = 200

#: Rows ``[folder, words, machine]`` in; out, for each, what unearth chooses by its own list, what it chooses by ours, and what by
#: its own on *machine* itself, for which the words stand.
DRIVER = f"""
import json, sys
from packaging import _manylinux, _musllinux
from unearth import PackageFinder, TargetPython
import mltags
{vendored.BECOME}
class Declared(TargetPython):
    def supported_tags(self):
        return list(mltags.Target.of(python_version=self.py_ver, platform=self.platforms, implementation=self.impl, abis=self.abis, linux_tags="first").tags)
class Running(TargetPython):
    def supported_tags(self):
        return list(mltags.Target.current().tags)
def choice(folder, target):
    best = PackageFinder(find_links=[folder], target_python=target).find_best_match("demo").best
    return best and best.link.filename
def rows(folder, words, machine):
    become(None)
    own, ours = choice(folder, TargetPython(**words)), choice(folder, (Declared if words else Running)(**words))
    become(machine)
    return own, ours, choice(folder, TargetPython())
print(json.dumps([rows(*row) for row in json.load(sys.stdin)]))
"""


@pytest.fixture(scope="module")
def unearth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return vendored.install(tmp_path_factory.mktemp("unearth"), "unearth", "packaging>=26.3")
    except vendored.UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> "list[Path]":
    return vendored.wheel_folders(tmp_path_factory.mktemp("wheels"), FOLDERS)


def choices(unearth: Path, rows: "list[tuple[str, dict[str, Any], Any]]") -> "list[list[str | None]]":
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        input=json.dumps(rows),
        env=vendored.environment(unearth, Path(mltags.__file__).parent.parent),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(done.stdout))


def test_every_choice_on_this_machine_is_the_same(unearth: Path, folders: "list[Path]") -> None:
    found = choices(unearth, [(str(folder), {}, vendored.MACHINES["manylinux_2_28_x86_64"]) for folder in folders])
    assert [own for own, _, _ in found] == [ours for _, ours, _ in found]
    assert len({own for own, _, _ in found}) > FOLDERS // 2


def test_with_all_compatible_tags_the_choice_is_the_one_on_that_very_machine(unearth: Path, folders: "list[Path]") -> None:
    tags = list(vendored.MACHINES)
    rows = []
    for seed, folder in enumerate(folders):
        tag = tags[seed % len(tags)]
        words = {"platforms": [tag], "py_ver": sys.version_info[:2], "impl": "cp", "abis": [f"cp3{sys.version_info[1]}"]}
        rows.append((str(folder), words, vendored.MACHINES[tag]))
    found = choices(unearth, rows)
    assert [ours for _, ours, _ in found] == [there for _, _, there in found]
    assert sum(own != ours for own, ours, _ in found) > FOLDERS // 4
