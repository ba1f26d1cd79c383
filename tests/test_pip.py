"""mltags vendored in the newest pip, behind pip's own list of supported tags: the same choices, and better ones for a declared
machine."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import packaging
import pytest
import vendored

import mltags

FOLDERS = 200

#: Runs many of pip's commands in one process: rows ``[options, machine]`` in, the file that each chose out, or None. *machine*
#: is where pip is to believe itself; None: where it is.
DRIVER = f"""
import json, os, shutil, sys, tempfile
from pip._internal.cli.main import main
from pip._vendor.packaging import _manylinux, _musllinux
{vendored.BECOME}
place = tempfile.mkdtemp()
def run(options, machine):
    become(machine)
    if options[0] == "install":
        report = os.path.join(place, "report")
        options = [*options, "--dry-run", "--ignore-installed", "--report", report]
        code = main([*options, "-qqq"])
        if code:
            return None
        with open(report) as file:
            (item,) = json.load(file)["install"]
        return item["download_info"]["url"].rpartition("/")[2]
    folder = os.path.join(place, "download")
    shutil.rmtree(folder, ignore_errors=True)
    code = main([*options, "-qqq", "-d", folder])
    return None if code else os.listdir(folder)[0]
print(json.dumps([run(*row) for row in json.load(sys.stdin)]))
shutil.rmtree(place)
"""

#: The same for pip's list of tags itself: for every way to ask, its length and a digest. Some tags are in pip's list twice, where
#: "any" is a platform or the implementation is not CPython; the last of equals counts.
LISTS = """
import hashlib, itertools, json, sys
from pip._internal.utils.compatibility_tags import get_supported
def row(version, platforms, impl, abis):
    tags = [str(tag) for tag in get_supported(version, platforms, impl, abis)]
    tags = list(dict.fromkeys(tags[::-1]))[::-1]
    return [version, platforms, impl, abis, len(tags), hashlib.sha256(" ".join(tags).encode()).hexdigest()]
print(json.dumps([row(*words) for words in itertools.product(*json.load(sys.stdin))]))
"""
VERSIONS = [None, "3", "27", "32", "37", "38", "310", "313", "4", "0", "399"]
PLATFORMS = [
    None,
    ["manylinux2014_x86_64"],
    ["manylinux2010_i686", "linux_i686"],
    ["manylinux_2_28_aarch64", "any"],
    ["macosx_12_0_universal2"],
    ["macosx_10_9_x86_64", "win_amd64"],
    ["ios_15_0_arm64_iphoneos"],
    ["android_24_x86_64"],
    ["nonsense"],
    ["Manylinux2014_X86_64"],
    ["musllinux_1_2_x86_64", "musllinux_1_2_x86_64"],
]
IMPLEMENTATIONS = [None, "cp", "py", "pp", "ip"]
ABIS = [None, ["cp311"], ["abi3", "none"], ["cp313t"], ["pypy311_pp73", "cp39m"], []]

#: What else pip may be given, beside the machine.
WORDS = [
    [],
    ["--python-version", "3.13"],
    ["--python-version", "39", "--implementation", "cp"],
    ["--abi", "abi3", "--abi", "none"],
    ["--implementation", "py"],
    ["--implementation", "pp", "--python-version", "3.11", "--abi", "pypy311_pp73"],
    ["--python-version", "3"],
    ["--python-version", "3.7"],
    ["--implementation", "pp"],
    ["--platform", "linux_x86_64", "--platform", "manylinux2014_aarch64"],
    ["--platform", "macosx_12_0_universal2"],
    ["--platform", "any", "--platform", "nonsense"],
]


def declared(seed: int) -> "list[str]":
    """A target in pip's words, another one for each folder."""
    return ["--platform", list(vendored.MACHINES)[seed % len(vendored.MACHINES)], *WORDS[seed // 2 % len(WORDS)]]


@pytest.fixture(scope="module")
def pips(tmp_path_factory: pytest.TempPathFactory) -> "dict[str, Path]":
    """Three pips: the stock one, and mltags in each of its arrangements."""
    if getattr(sys, "abiflags", ""):
        pytest.skip("pip hands the flags of a debug or free-threaded build on to other versions, and Target.of never does")
    place = tmp_path_factory.mktemp("pips")
    try:
        stock = vendored.newest_pip(place / "stock")
    except vendored.UnavailableError as reason:
        pytest.skip(str(reason))
    made = {mode: vendored.vendored_pip(place / mode, mode=mode, stock=stock) for mode in vendored.MODES}
    return {"stock": stock, **made}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> "list[Path]":
    return vendored.wheel_folders(tmp_path_factory.mktemp("wheels"), FOLDERS)


def answers(pip: Path, program: str, question: object) -> "list[Any]":
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(question),
        env=vendored.environment(pip),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(done.stdout.splitlines()[-1]))


def choices(pip: Path, rows: "list[tuple[list[str], Any]]") -> "list[str | None]":
    return answers(pip, DRIVER, rows)


def command(name: str, folder: Path, *words: str) -> "list[str]":
    only = ["--only-binary=:all:"] if words else []
    return [name, "--no-deps", "--find-links", str(folder), *only, *words, "demo"]


@pytest.mark.real
def test_every_choice_on_this_machine_is_pips(pips: "dict[str, Path]", folders: "list[Path]") -> None:
    rows = [(command("install", folder), None) for folder in folders]
    stock = choices(pips["stock"], rows)
    assert choices(pips["parity"], rows) == stock
    assert choices(pips["compatible"], rows) == stock
    assert len(set(filter(None, stock))) > FOLDERS // 2


@pytest.mark.real
def test_every_choice_for_a_declared_target_is_pips(pips: "dict[str, Path]", folders: "list[Path]") -> None:
    rows = [(command("download", folder, *declared(seed)), None) for seed, folder in enumerate(folders)]
    stock = choices(pips["stock"], rows)
    assert choices(pips["parity"], rows) == stock
    assert sum(choice is not None for choice in stock) > FOLDERS // 4


@pytest.mark.real
def test_with_all_compatible_tags_the_choice_is_pips_on_that_very_machine(
    pips: "dict[str, Path]", folders: "list[Path]"
) -> None:
    names = list(vendored.MACHINES)
    rows: list[tuple[list[str], Any]] = [
        (command("download", folder, "--platform", names[seed % len(names)]), None) for seed, folder in enumerate(folders)
    ]
    there: list[tuple[list[str], Any]] = [
        (command("download", folder), vendored.MACHINES[names[seed % len(names)]]) for seed, folder in enumerate(folders)
    ]
    stock, opened = choices(pips["stock"], rows), choices(pips["compatible"], rows)
    assert opened == choices(pips["stock"], there)
    better = [(before, after) for before, after in zip(stock, opened, strict=True) if before != after]
    assert len(better) > FOLDERS // 4
    assert all(after is not None for _, after in better)


def run_pip(pip: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pip", *words]
    return subprocess.run(command, env=vendored.environment(pip), capture_output=True, text=True, check=False)


@pytest.mark.real
def test_every_list_is_pips(pips: "dict[str, Path]") -> None:
    ways = [VERSIONS, PLATFORMS, IMPLEMENTATIONS, ABIS]
    stock, parity = [answers(pips[name], LISTS, ways) for name in ("stock", "parity")]
    assert [ours for ours, theirs in zip(parity, stock, strict=True) if ours != theirs] == []
    assert len(stock) == 11 * 11 * 5 * 6


@pytest.mark.real
@pytest.mark.parametrize("words", [[], declared(0), declared(6)], ids=" ".join)
def test_debug_lists_the_tags_that_pip_lists(pips: "dict[str, Path]", words: "list[str]") -> None:
    shown = [run_pip(pips[name], "debug", "--verbose", *words).stdout for name in ("stock", "parity")]
    stock, parity = [text.partition("Compatible tags: ")[2].splitlines() for text in shown]
    assert parity == stock
    assert len(parity) > 30


@pytest.mark.real
def test_debug_lists_mltags_among_the_vendored_libraries(pips: "dict[str, Path]") -> None:
    shown = run_pip(pips["parity"], "debug").stdout
    assert f"  mltags=={mltags.__version__}\n" in shown
    assert "CONFLICT" not in shown


@pytest.mark.real
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_pip_as_a_program_installs_what_stock_pip_installs(
    pips: "dict[str, Path]", folders: "list[Path]", tmp_path: Path, seed: int
) -> None:
    found = {}
    for name, pip in pips.items():
        done = run_pip(pip, "install", "-q", "--find-links", str(folders[seed]), "--target", str(tmp_path / name), "demo")
        found[name] = (done.returncode, (tmp_path / name / "demo.py").read_text() if done.returncode == 0 else done.stderr)
    assert found["stock"] == found["parity"] == found["compatible"]


@pytest.mark.real
def test_a_platform_that_does_not_exist_is_an_error_without_a_traceback(pips: "dict[str, Path]", folders: "list[Path]") -> None:
    done = run_pip(
        pips["compatible"], *command("download", folders[0], "--platform", "manylinux1_aarch64"), "-d", str(folders[0])
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        "ERROR: invalid platform tag 'manylinux1_aarch64': alias: manylinux1 exists for x86_64 and i686 only; "
        "did you mean manylinux_2_17_aarch64?"
    )
    assert "Traceback" not in done.stderr


#: Run where nothing but the standard library and the vendored packages can be imported.
VENDORED = """
import sys
sys.path.insert(0, sys.argv[1])
import importlib, pkgutil
from scratch._vendor import mltags
mltags.load()
for module in pkgutil.iter_modules(mltags.__path__):
    importlib.import_module("scratch._vendor.mltags." + module.name)
mac = mltags.Target.of(python_version="3.12", implementation="cp", platform="macosx_11_0_arm64")
pypy = mltags.Target.of(python_version="3.11", implementation="pp", abis="pypy311_pp73", platform="manylinux_2_17_x86_64")
print(mac.tags[0], type(mac.tags[0]).__module__, pypy.triples[1], mac.rank("x-1.0.post1+1-py3-none-any.whl"))
print(mac.explain("x-1-cp312-cp312-win_amd64.whl").reason.name, mltags.Target.from_json(mac.to_json()) == mac)
print(mltags.Target.of_interpreter(sys.executable).triples == mltags.Target.current().triples)
print(sorted({name.split(".")[0] for name in sys.modules} & {"mltags", "packaging", "typing_extensions"}))
"""


def test_vendored_it_works_with_nothing_else_to_be_imported(tmp_path: Path) -> None:
    vendor = tmp_path / "scratch/_vendor"
    vendor.mkdir(parents=True)
    vendored.copy_to(vendor, "scratch._vendor")
    shutil.copytree(Path(packaging.__file__).parent, vendor / "packaging")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", VENDORED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "cp312-cp312-macosx_11_0_arm64 scratch._vendor.packaging.tags pp311-pypy311_pp73-manylinux2014_x86_64 407",
        "SYSTEM True",
        "True",
        "[]",
    ], done.stderr
