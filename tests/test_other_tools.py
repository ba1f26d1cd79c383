"""What pex and uv choose for a target that we wrote for them: the wheel that ``rank`` puts first."""

import json
import subprocess
import zipfile
from pathlib import Path

import pytest
import wheels

import mltags
from mltags.cli import options

#: Ten targets, each with the machine or the platform and the version of Python that describe it.
TARGETS = {
    "CentOS 7": ("centos-7", "3.12"),
    "Debian 12": ("debian-12", "3.11"),
    "Ubuntu 24.04 on ARM": ("ubuntu-24.04:aarch64", "3.12"),
    "RHEL 8": ("rhel-8", "3.9"),
    "Alpine 3.20": ("alpine-3.20", "3.12"),
    "Alpine 3.20 on ARM": ("alpine-3.20:aarch64", "3.13"),
    "Windows": ("win_amd64", "3.12"),
    "Windows on ARM": ("win_arm64", "3.12"),
    "macOS 13 on ARM": ("macosx_13_0_arm64", "3.12"),
    "macOS 13 on Intel": ("macosx_13_0_x86_64", "3.10"),
}

PYTHONS = ("cp39-cp39", "cp310-cp310", "cp311-cp311", "cp312-cp312", "cp313-cp313", "cp37-abi3", "py3-none")
PLATFORMS = (
    "manylinux_2_17_x86_64.manylinux2014_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_34_x86_64",
    "manylinux_2_39_x86_64",
    "manylinux_2_17_aarch64.manylinux2014_aarch64",
    "manylinux_2_35_aarch64",
    "musllinux_1_1_x86_64",
    "musllinux_1_2_x86_64",
    "musllinux_1_2_aarch64",
    "win_amd64",
    "win_arm64",
    "macosx_11_0_arm64",
    "macosx_13_0_arm64",
    "macosx_10_9_x86_64",
    "macosx_14_0_arm64",
)


def target(name: str) -> mltags.Target:
    machine, version = TARGETS[name]
    if machine in mltags.machines() or ":" in machine:
        return mltags.Target.of_machine(machine, version, implementation="cp")
    return mltags.Target.of(python_version=version, implementation="cp", platform=machine)


@pytest.fixture(scope="module", params=["every platform", "no pair of CPython", "the stable ABI"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wheels of one release, each of which says in a module which one it is."""
    folder = tmp_path_factory.mktemp("page")
    chosen = {"every platform": PYTHONS, "no pair of CPython": PYTHONS[-1:], "the stable ABI": PYTHONS[-2:]}[request.param]
    names = [f"demo-1.0-{python}-{platform}.whl" for python in chosen for platform in PLATFORMS]
    for name in [*names, "demo-1.0-py3-none-any.whl"]:
        tag = name.removeprefix("demo-1.0-").removesuffix(".whl")
        files = {
            "demo.py": f"NAME = {name!r}\n",
            "demo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
            "demo-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: false\nTag: {tag}\n",
        }
        record = "".join(f"{path},,\n" for path in [*files, "demo-1.0.dist-info/RECORD"])
        with zipfile.ZipFile(folder / name, "w") as archive:
            for path, text in {**files, "demo-1.0.dist-info/RECORD": record}.items():
                archive.writestr(path, text)
    return folder


def program(name: str) -> str:
    try:
        return str(wheels.tool(name))
    except wheels.UnavailableError as problem:
        pytest.skip(str(problem))


@pytest.mark.real
@pytest.mark.parametrize("name", TARGETS)
def test_uv_installs_the_wheel_that_rank_puts_first(name: str, page: Path, tmp_path: Path) -> None:
    chosen = target(name)
    command = [program("uv"), "pip", "install", "-q", "--no-index", "--find-links", str(page), "--no-cache"]
    command += [*options.uv_words(chosen), "--target", str(tmp_path), "demo"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    best = chosen.best(path.name for path in page.iterdir())
    assert (tmp_path / "demo.py").read_text() == f"NAME = {best!r}\n"


@pytest.mark.real
@pytest.mark.parametrize("name", TARGETS)
def test_pex_takes_the_wheel_that_rank_puts_first(name: str, page: Path, tmp_path: Path) -> None:
    if len(list(page.iterdir())) < 50:
        pytest.skip("one page is enough: pex takes some seconds")
    chosen = target(name)
    platform = tmp_path / "platform.json"
    platform.write_text(options.FORMATS["pex"](chosen))
    made = tmp_path / "demo.pex"
    command = [program("pex"), "demo", "--no-pypi", "--find-links", str(page), "--complete-platform", str(platform)]
    command += ["--pex-root", str(tmp_path / "root"), "--disable-cache", "--output-file", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(made) as archive:
        wheel = next(iter(json.loads(archive.read("PEX-INFO"))["distributions"]))
    assert wheel == chosen.best(path.name for path in page.iterdir())
    assert mltags.Target.from_json(platform.read_text()).environment == chosen.environment


def test_a_target_that_uv_has_no_name_for_is_refused() -> None:
    for platform, abis in (
        ("manylinux_2_24_x86_64", None),
        ("musllinux_1_1_x86_64", None),
        ("linux_x86_64", None),
        ("win_amd64", "cp312d"),
    ):
        target = mltags.Target.of(python_version="3.12", implementation="cp", platform=platform, abis=abis)
        with pytest.raises(mltags.InvalidTarget, match=f"^invalid target '{target.title}': --format uv: uv "):
            options.uv_words(target)
    with pytest.raises(mltags.InvalidTarget, match="uv can be asked for released versions of CPython only"):
        options.uv_words(mltags.Target.from_tags(["py3-none-any"]))
