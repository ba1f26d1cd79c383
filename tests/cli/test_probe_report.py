"""The report of a probe: how each fact is known, and why there are no tags of a C library where there are none."""

import pytest
from conftest import module

import mltags
from mltags import _probe
from mltags.cli.report import describe, why_no_libc_tags
from mltags.testing import FakeHost, make_elf

LOADER = "/lib/ld-musl-x86_64.so.1"
PYTHON = mltags.Python("cp", (3, 12), ["cp312"])

WITHOUT = [
    pytest.param(
        FakeHost(musl="x.y.z", answers={"run_loader": "?"}),
        None,
        f"no manylinux or musllinux tags: the C library is unknown (musl of unknown version: {LOADER} did not print one)",
        id="musl of unknown version",
    ),
    pytest.param(
        FakeHost(), None, "no manylinux or musllinux tags: the C library is unknown (not glibc)", id="neither C library"
    ),
    pytest.param(
        FakeHost("armv7l", glibc="2.17", elf=make_elf("armv7l", flags=0)),
        None,
        "no manylinux or musllinux tags: the interpreter is not what armv7l wheels are built for: "
        "it is not a little-endian, hard-float EABI 5 program",
        id="soft float",
    ),
    pytest.param(
        FakeHost("e2k", glibc="2.29"),
        None,
        "no manylinux or musllinux tags: the name e2k does not identify the ABI of a wheel (PEP 600)",
        id="a name without an ABI",
    ),
    pytest.param(
        FakeHost(glibc="2.4"),
        None,
        "no manylinux tags: glibc 2.4 is older than the oldest of x86_64, 2.5",
        id="too old a glibc",
    ),
    pytest.param(
        FakeHost("aarch64", glibc="2.31"),
        "2.16",
        "no manylinux tags: max_glibc 2.16 is older than the oldest of aarch64, 2.17",
        id="too low a max_glibc",
    ),
    pytest.param(
        FakeHost(glibc="2.17", override=module(manylinux_compatible=lambda *_: False)),
        None,
        "no manylinux tags: the override module refuses them all",
        id="an override that refuses all",
    ),
    pytest.param(
        FakeHost(answers={"platform": None}),
        None,
        "no tags at all: the machine's architecture is unknown",
        id="an unknown platform",
    ),
    pytest.param(FakeHost(glibc="2.17"), None, "", id="an ordinary machine"),
    pytest.param(FakeHost(system="Windows", platform_tags=["win_amd64"]), None, "", id="another system"),
]


@pytest.mark.parametrize(("host", "limit", "words"), WITHOUT)
def test_there_is_a_sentence_for_each_way_to_have_no_such_tags(host: FakeHost, limit: "str | None", words: str) -> None:
    platform = mltags.probe(host, max_glibc=limit)
    assert why_no_libc_tags(platform) == words
    assert words in describe(mltags.Target(PYTHON, platform), None)


def test_the_report_is_aligned_and_says_how_each_fact_is_known() -> None:
    host = FakeHost(glibc="2.5", elf=make_elf(interpreter=None))
    target = mltags.Target(PYTHON, _probe.inquire(host, None, thorough=True))
    assert describe(target, None) == (
        """\
python      CPython 3.12                              cp312
system      Linux                                     platform.system(): 'Linux'
machine     x86_64                                    sysconfig.get_platform(): 'linux-x86_64'
pointers    64-bit                                    struct.calcsize("P"): 8
libc        glibc 2.5                                 os.confstr: 'glibc 2.5'
executable  64-bit, little-endian, x86_64, statically linked  sys.executable: '/usr/bin/python3'
            it cannot load extension modules, whatever the tags are  statically linked
override    no override module                        import _manylinux: None
tags        3 platform tags                           linux_x86_64 ... manylinux1_x86_64"""
    )


def test_a_target_of_explicit_tags_has_little_to_report() -> None:
    assert describe(mltags.Target.from_tags(["py3-none-any"]), None) == "tags  1 explicit tags"
