"""The black-box cases of ``cases.json``: input and expected answer; where a rule of ours says otherwise, the row below says so."""

import base64
import builtins
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import module

import mltags
from mltags import _core, _elf, _probe
from mltags.testing import FakeHost

CASES = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="ascii"))
assert len(CASES) > 200

#: id -> (the rule that says otherwise, what we answer). The expected values of the cases are packaging's, or PEP 600's.
DEVIATIONS = {
    "linux_aarch64, 32-bit, no confstr, 64-bit little-endian x86-64 program loaded by /lib/ld-musl-x.so.1, "
    "a loader that prints 'musl libc (x)\\nVersion 1.1.0\\n'": (
        "R6: a 64-bit header contradicts 4-byte pointers, so it counts as unreadable",
        ["linux_armv8l", "linux_armv7l"],
    ),
    "linux-aarch64_be, glibc 2.36": (
        "R4: an architecture packaging does not know gets its manylinux tags",
        ["linux_aarch64_be", *[f"manylinux_2_{minor}_aarch64_be" for minor in range(36, 16, -1)], "manylinux2014_aarch64_be"],
    ),
    "linux-x86_64, glibc 2.7, manylinux_compatible is None": (
        "R10: an attribute that cannot be called is an OverrideError",
        mltags.OverrideError,
    ),
    "confstr raises KeyError, ctypes '2.31'": ("R8: every failure of confstr is caught, and ctypes is asked", [2, 31]),
    "no confstr, ctypes '2.3\\xff'": ("R8: every failure of ctypes is caught", None),
    "no confstr, CDLL raises TypeError": ("R8: every failure of ctypes is caught", None),
    "manylinux2014_riscv64 on glibc 2.40": ("R4: parity with packaging", True),
    "manylinux2014_loongarch64 on glibc 2.40": ("R4: parity with packaging", True),
    "manylinux2014_armv8l on glibc 2.40": ("R4: parity with packaging", True),
    "manylinux_2_60_x86_64 on glibc 3.0": ("R3: an older major ends at minor 50, as in packaging", False),
    "manylinux_2_12_aarch64 on glibc 2.17": ("R3: the oldest version is packaging's", False),
    "glibc 2.0 on glibc 2.5, no override": (
        "R3: no tag names so old a glibc; packaging's inner function answers all the same",
        False,
    ),
}


def rows(*kinds: str) -> list:
    found = [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] in kinds]
    assert found
    return found


def expected_of(case: dict) -> object:
    return DEVIATIONS[case["id"]][1] if case["id"] in DEVIATIONS else case["expected"]


def exception(name: str) -> Exception:
    return getattr(builtins, name)(f"scripted {name}")  # type: ignore[no-any-return]


def scripted(value: object) -> object:
    """An answer as the cases write it: a text, null, or a way to fail."""
    if not isinstance(value, dict):
        return value
    if "raises" in value or "cdll_raises" in value:
        return exception(value.get("raises") or value["cdll_raises"])
    if "bytes" in value:
        return value["bytes"].encode("latin-1")
    if "str" in value:
        return value["str"]
    return AttributeError("absent")


def override_of(value: dict | None, calls: list) -> object:
    if value is None:
        return None
    if "import_raises" in value:
        return exception(value["import_raises"])
    attributes = dict(value)
    function = attributes.get("manylinux_compatible")
    if isinstance(function, dict):
        if "value" in function:
            attributes["manylinux_compatible"] = function["value"]
        else:

            def manylinux_compatible(major: int, minor: int, arch: str) -> object:
                calls.append([major, minor, arch])
                if "raises" in function:
                    raise exception(function["raises"])
                return function["returns"]

            attributes["manylinux_compatible"] = manylinux_compatible
    return module(**attributes)


def host_of(given: dict, calls: list | None = None, runs: list | None = None) -> FakeHost:
    elf = base64.b64decode(given["elf_b64"]) if "elf_b64" in given else None

    def read(path: str, size: int, offset: int = 0) -> bytes:
        if elf is None or path != "/usr/bin/python3":
            raise FileNotFoundError(path)
        return elf[offset : offset + size]

    def run_loader(path: str) -> str:
        if runs is not None:
            runs.append([path])
        return str(given["loader_stderr"])

    bits = given.get("pointer_bits", 64)
    return FakeHost(
        override=override_of(given.get("override"), [] if calls is None else calls),
        answers={
            "platform": given.get("sysconfig_platform", "linux-x86_64"),
            "pointer_size": bits // 8,
            "confstr": scripted(given.get("confstr")),
            "gnu_get_libc_version": scripted(given.get("ctypes", {"no_symbol": True})),
            "executable": given.get("executable", "/usr/bin/python3"),
            "read": read,
            "run_loader": run_loader if "loader_stderr" in given else FileNotFoundError("no loader"),
        },
    )


@pytest.mark.parametrize("case", rows("linux_platform_tags"))
def test_linux_platform_tags_are_the_expected(case: dict) -> None:
    expected = expected_of(case)
    if isinstance(expected, list):
        assert list(mltags.platform_tags(mltags.probe(host_of(case["input"])))) == expected
    else:
        with pytest.raises(mltags.OverrideError):
            mltags.probe(host_of(case["input"]))


@pytest.mark.parametrize("case", rows("override_calls"))
def test_override_calls_are_the_expected(case: dict) -> None:
    calls: list[list[object]] = []
    mltags.probe(host_of(case["input"], calls))
    assert calls == case["expected"]


@pytest.mark.parametrize("case", rows("manylinux_is_compatible"))
def test_manylinux_is_compatible_as_expected(case: dict) -> None:
    given = case["input"]
    glibc = given["system_glibc"]
    host = host_of(
        {
            "confstr": "glibc {}.{}".format(*glibc) if glibc else None,
            "sysconfig_platform": "linux-x86_64",
            "override": given["override"],
        }
    )
    tag = "manylinux_{}_{}_x86_64".format(*given["version"])
    assert (tag in mltags.platform_tags(mltags.probe(host))) is expected_of(case)


@pytest.mark.parametrize("case", rows("pep600_tag_compatible"))
def test_pep600_tag_is_compatible_as_expected(case: dict) -> None:
    given = case["input"]
    glibc, arch = given["system_glibc"], given["arch"]
    size = 4 if arch in {"i686", "armv7l", "armv8l"} else 8
    host = FakeHost(
        arch, glibc="{}.{}".format(*glibc) if glibc else None, pointer_size=size, override=override_of(given["override"], [])
    )
    assert (given["tag"] in mltags.platform_tags(mltags.probe(host))) is expected_of(case)


@pytest.mark.parametrize("case", rows("glibc_version", "glibc_version_string"))
def test_glibc_version_is_the_expected(case: dict) -> None:
    expected: Any = expected_of(case)
    if isinstance(expected, str):
        expected = [int(number) for number in expected.split(".")]
    libc = mltags.probe(host_of(case["input"])).libc
    assert libc == (None if expected is None else mltags.Glibc(*expected))


@pytest.mark.parametrize("case", rows("parse_glibc_version"))
def test_glibc_version_text_is_read_as_expected(case: dict) -> None:
    expected = case["expected"]["version"]
    assert _core.leading_version(case["input"]) == (tuple(expected) if expected else None)


@pytest.mark.parametrize("case", rows("musl_version"))
def test_musl_version_is_the_expected(case: dict) -> None:
    runs: list[list[str]] = []
    libc = mltags.probe(host_of(case["input"], runs=runs)).libc
    expected = case["expected"]["version"]
    assert libc == (mltags.Musl(*expected) if expected else None)
    assert runs == case["expected"]["loader_runs"]


@pytest.mark.parametrize("case", rows("parse_musl_version"))
def test_musl_banner_is_read_as_expected(case: dict) -> None:
    text = _elf.banner_version(case["input"])
    assert (_core.leading_version(text) if text else None) == (tuple(case["expected"]) if case["expected"] else None)


@pytest.mark.parametrize("case", [row for row in rows("parse_elf") if row.id != "no path"])
def test_elf_is_read_as_expected(case: dict) -> None:
    data = base64.b64decode(case["input"]["elf_b64"])
    elf = _elf.read_elf(lambda size, offset: data[offset : offset + size])
    expected = case["expected"]
    if expected is None:
        assert isinstance(elf, str)
    else:
        assert not isinstance(elf, str)
        order = {"lsb": "little", "msb": "big"}[expected["data"]]
        assert (elf.bits, elf.order, elf.machine) == (expected["class"], order, expected["machine"])
        assert (elf.flags, elf.interpreter) == (expected["flags"], expected["interpreter"])


def test_no_path_is_no_elf() -> None:
    # with /proc/self/exe missing too
    platform = mltags.probe(FakeHost("armv7l", glibc="2.31", answers={"executable": None}))
    assert mltags.platform_tags(platform) == ("linux_armv7l",)


@pytest.mark.parametrize("case", rows("uv_platform_tags"))
def test_uvs_order_is_ours_with_linux_tags_last(case: dict) -> None:
    given = case["input"]
    version = given["version"]
    libc = mltags.Glibc(*version) if given["os"] == "manylinux" else mltags.Musl(*version)
    platform = mltags.Platform(archs=[given["arch"]], libc=libc)
    assert list(mltags.platform_tags(platform, linux_tags="last")) == case["expected"]
    assert list(mltags.platform_tags(platform)) == [case["expected"][-1], *case["expected"][:-1]]


def python_of(given: dict) -> mltags.Python:
    names = {"cpython": "cp", "pypy": "pp"}
    return mltags.Python(names[given.get("implementation", "cpython")], given["version"], given.get("abis") or ())


@pytest.mark.parametrize("case", rows("cpython_tags"))
def test_cpython_tags_are_the_expected(case: dict) -> None:
    given = case["input"]
    own = len(mltags.Python("py", given["version"]).pairs)
    pairs = python_of(given).pairs
    pairs = pairs[: len(pairs) - own]
    assert [f"{py}-{abi}-{tag}" for py, abi in pairs for tag in given["platforms"]] == case["expected"]


@pytest.mark.parametrize("case", rows("compatible_tags"))
def test_compatible_tags_are_the_expected(case: dict) -> None:
    given = case["input"]
    assert given["interpreter"].startswith("cp")
    python = mltags.Python("cp", given["version"])
    generic = [(py, abi) for py, abi in python.pairs if py.startswith("py")]
    tags = [f"{py}-{abi}-{tag}" for py, abi in generic for tag in given["platforms"]]
    assert tags + [f"{py}-none-any" for py in python.pure] == case["expected"]


@pytest.mark.parametrize("case", rows("sys_tags"))
def test_sys_tags_are_the_expected(case: dict) -> None:
    given = case["input"]
    platform = mltags.Platform(system="other", explicit_tags=given["platforms"])
    triples = list(mltags.Target(python_of(given), platform).triples)
    expected = case["expected"]
    if "list" in expected:
        assert triples == expected["list"]
    else:
        assert len(triples) == expected["count"]
        assert triples[: len(expected["first"])] == expected["first"]
        assert triples[-len(expected["last"]) :] == expected["last"]


@pytest.mark.parametrize("case", rows("cpython_accepts"))
def test_cpython_accepts_as_expected(case: dict) -> None:
    given = case["input"]
    major, minor = given["version"]
    python = mltags.Python("cp", (major, minor), [f"cp{major}{minor}" + "t" * given["free_threaded"]])
    target = mltags.Target(python, mltags.Platform(system="other", explicit_tags=["any_linux"]))
    pythons, abis, platforms = given["wheel_tag"].split("-")
    expanded = {f"{p}-{a}-{t}" for p in pythons.split(".") for a in abis.split(".") for t in platforms.split(".")}
    assert bool(expanded & set(target.triples)) is case["expected"]


@pytest.mark.parametrize("case", rows("debug_accepts"))
def test_debug_build_accepts_as_expected(case: dict) -> None:
    version = tuple(case["input"]["version"])
    host = FakeHost(glibc="2.17", python={"implementation": "cpython", "version": version, "debug": case["input"]["debug"]})
    abis = _probe.python_of(host).abis
    assert abis == ("cp314d", "cp314")
    assert (case["input"]["wheel_abi"] in abis) is case["expected"]


def test_every_deviation_is_a_case() -> None:
    assert set(DEVIATIONS) <= {case["id"] for case in CASES}
