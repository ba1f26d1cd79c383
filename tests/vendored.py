"""mltags in its two kinds of place: vendored in a real pip, and beside another installer; and folders of wheels to choose from.

``vendored_pip(folder)`` makes a folder to be put on ``PYTHONPATH``: ``import pip`` is then the newest pip with mltags among its
vendored packages and behind ``pip._internal.utils.compatibility_tags.get_supported``.
"""

import base64
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import mltags

#: What takes the place of pip's own ``get_supported``. It has pip's names and meanings, but for ``PLATFORM``, which is what
#: the two arrangements differ in.
_GET_SUPPORTED = '''

def get_supported(version=None, platforms=None, impl=None, abis=None):
    """The tags of a target in pip's words, best first."""
    from pip._internal.exceptions import CommandError
    from pip._vendor import mltags

    here = mltags.Target.current()
    impl = impl or here.python.implementation
    if abis is None and (impl != "cp" or (version is None and here.python.implementation == "cp")):
        abis = here.python.abis if impl == "cp" else here.python.abis[:1]
    try:
        platform = {PLATFORM} if platforms else here.platform
        # Plain linux tags first, as pip has them on that machine itself.
        target = mltags.Target.of(
            python_version=version, platform=platform, implementation=impl, abis=abis, linux_tags="first"
        )
    except mltags.MltagsError as problem:
        raise CommandError(str(problem)) from problem
    if impl == "cp" and "any" not in target.platform_tags:
        return list(target.tags)
    # Where "any" is a platform, pip lists some tags twice and goes by the last of equals; and its PyPy has no pp3-none-any.
    extra = "" if target.python.tag == "pp3" else "pp3-none-any"
    pure = [triple for triple in target.triples if triple.endswith("-none-any") and triple != extra]
    other = [triple for triple in target.triples if not triple.endswith("-none-any")]
    return list(mltags.Target.from_tags([*other, *pure]).tags)
'''

#: How ``--platform`` is read: ``parity``, as pip does, each tag for itself but for the aliases that pip adds; ``compatible``, as
#: :meth:`mltags.Target.of` does, each tag with all that its machine accepts.
MODES = {
    "parity": "mltags.Platform(system='declared', explicit_tags=_expand_allowed_platforms(platforms))",
    "compatible": "list(platforms)",
}

#: What an installer has no use for.
WINGS = ("audit", "check", "cli", "testing")


class UnavailableError(Exception):
    """This machine cannot have it; the text says why."""


def install(folder: Path, *projects: str) -> Path:
    """Install the newest of *projects* into *folder*, as this machine's pip is set up to."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(folder), *projects]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(
            f"{projects[0]} cannot be installed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
        )
    return folder


def newest_pip(folder: Path) -> Path:
    """The newest pip as it is, in a folder to be put on ``PYTHONPATH``."""
    return install(folder, "pip")


def copy_to(vendor: Path, package: str) -> None:
    """Copy mltags without its wings into the folder of the package named *package*, its imports of packaging rewritten to the one
    in there."""
    shutil.copytree(Path(mltags.__file__).parent, vendor / "mltags", ignore=shutil.ignore_patterns("__pycache__", *WINGS))
    for path in (vendor / "mltags").glob("*.py"):
        path.write_text(re.sub(r"^( *from )packaging\b", rf"\1{package}.packaging", path.read_text(), flags=re.MULTILINE))


def vendored_pip(folder: Path, *, mode: str = "parity", stock: "Path | None" = None) -> Path:
    """The newest pip with mltags vendored and put behind ``get_supported``, in a folder to be put on ``PYTHONPATH``.

    *stock*: where :func:`newest_pip` has put one already. *mode*: a key of ``MODES``.

    Raises:
        UnavailableError: this machine cannot have the newest pip.
    """
    if stock is None:
        newest_pip(folder)
    else:
        shutil.copytree(stock, folder, ignore=shutil.ignore_patterns("__pycache__"))
    copy_to(folder / "pip/_vendor", "pip._vendor")
    with (folder / "pip/_vendor/vendor.txt").open("a") as listed:
        listed.write(f"mltags=={mltags.__version__}\n")
    with (folder / "pip/_internal/utils/compatibility_tags.py").open("a") as module:
        module.write(_GET_SUPPORTED.replace("{PLATFORM}", MODES[mode]))
    return folder


def environment(*folders: Path) -> "dict[str, str]":
    """The environment of a process that finds packages in *folders* first, and whose pip reads no one's configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {**kept, **settings, "PYTHONPATH": os.pathsep.join(map(str, folders))}


#: What a process of another installer runs to let its packaging believe itself on another machine: ``become(machine)``, a value of
#: ``MACHINES`` or None. ``_manylinux`` and ``_musllinux`` are that packaging's modules.
BECOME = """
import sysconfig
real = sysconfig.get_platform, _manylinux._get_glibc_version, _musllinux._get_musl_version
def become(machine):
    sysconfig.get_platform, _manylinux._get_glibc_version, _musllinux._get_musl_version = real
    if machine:
        arch, glibc, musl = machine
        sysconfig.get_platform = lambda: "linux-" + arch
        _manylinux._get_glibc_version = lambda: tuple(glibc or (-1, -1))
        _musllinux._get_musl_version = lambda executable: musl and _musllinux._MuslVersion(*musl)
"""

#: Platform tag -> the machine that it declares: architecture, glibc, musl.
MACHINES: "dict[str, tuple[str, tuple[int, int] | None, tuple[int, int] | None]]" = {
    "manylinux2014_x86_64": ("x86_64", (2, 17), None),
    "manylinux_2_28_x86_64": ("x86_64", (2, 28), None),
    "manylinux_2_34_aarch64": ("aarch64", (2, 34), None),
    "musllinux_1_2_x86_64": ("x86_64", None, (1, 2)),
    "manylinux_2_31_aarch64": ("aarch64", (2, 31), None),
    "manylinux2014_aarch64": ("aarch64", (2, 17), None),
}

#: Architectures of the wheels in the folders.
ARCHS = ["x86_64", "aarch64", "i686", "s390x"]


def _tags(draw: random.Random, arch: str) -> str:
    """The last three parts of a wheel's name, likelier than not for this Python and for *arch*."""
    digits = f"3{sys.version_info[1]}"
    pythons = [f"cp{digits}-cp{digits}"] * 6 + [
        f"cp{digits}-abi3",
        "cp38-abi3",
        "cp36.cp37-abi3",
        "py3-none",
        f"cp{digits}-none",
    ]
    pythons += ["cp39-cp39", f"cp{digits}-cp{digits}t", "pp311-pypy311_pp73", f"py{digits}-none", "cp3-none", "py2.py3-none"]
    python = draw.choice(pythons)
    if draw.random() < 0.12:
        return f"{draw.choice(['py3', 'py2.py3', f'py{digits}', f'cp{digits}'])}-none-any"
    arch = arch if draw.random() < 0.8 else draw.choice(ARCHS)
    glibc = [f"manylinux_2_{minor}_{arch}" for minor in (5, 12, 17, 24, 27, 28, 31, 34, 36, 39, 41)]
    aliases = [f"manylinux2014_{arch}"] + (
        [f"manylinux1_{arch}", f"manylinux2010_{arch}"] if arch in {"x86_64", "i686"} else []
    )
    other = [f"musllinux_1_1_{arch}", f"musllinux_1_2_{arch}", f"linux_{arch}", "win_amd64", "macosx_11_0_arm64"]
    other += ["macosx_10_9_x86_64", "macosx_10_9_universal2"]
    count = draw.choice([1, 1, 1, 2, 3])
    platforms = draw.sample(glibc, count) if draw.random() < 0.55 else draw.sample(aliases + other, min(count, 2))
    return f"{python}-{'.'.join(sorted(platforms))}"


def wheel_names(seed: int, arch: str) -> "list[str]":
    """A dozen wheels of one project: mostly of one release, some with a build number."""
    draw = random.Random(seed)
    names: dict[str, None] = {}
    while len(names) < 12:
        version = "1.1" if draw.random() < (0.2 if seed % 4 == 0 else 0) else "1.0"
        build = draw.choice(["1-", "2-", "2a-", "10-"]) if draw.random() < 0.2 else ""
        names[f"demo-{version}-{build}{_tags(draw, arch)}.whl"] = None
    return list(names)


def write_wheel(path: Path) -> None:
    """A wheel with one module in it, which holds the wheel's name."""
    _, version, *_ = path.name.split("-")
    info = f"demo-{version}.dist-info"
    files = {
        "demo.py": f'NAME = "{path.name}"\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: demo\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(text)}\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)


def wheel_folders(place: Path, count: int) -> "list[Path]":
    """Make *count* folders of a dozen wheels each, the same ones every time."""
    folders = []
    for seed in range(count):
        folder = place / f"{seed:03}"
        folder.mkdir(parents=True)
        for name in wheel_names(seed, ARCHS[seed % 3 % 2]):
            write_wheel(folder / name)
        folders.append(folder)
    return folders
