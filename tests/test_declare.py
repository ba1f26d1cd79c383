"""Machines and interpreters that are named, not asked."""

import packaging.tags
import pytest
from conftest import os_machine, packaging_tags
from hypothesis import given
from hypothesis import strategies as st

import mltags
from mltags.testing import FakeHost, make_elf

FORMS = (
    "accepted are manylinux_X_Y_<arch>, manylinux2014_<arch>, manylinux2010_<arch>, manylinux1_<arch>, musllinux_X_Y_<arch>, "
    "linux_<arch>, macosx_X_Y_<arch>, win32, win_<arch>, ios_X_Y_<multiarch>, android_N_<abi> and any"
)


@given(
    arch=st.sampled_from(["x86_64", "i686", "aarch64", "armv7l", "armv8l", "ppc64le", "s390x", "riscv64", "legv8le"]),
    version=st.one_of(st.tuples(st.just(2), st.integers(17, 60)), st.tuples(st.integers(3, 5), st.integers(0, 60))),
)
def test_one_tag_opens_the_ladder_of_the_machine_it_names(arch: str, version: tuple) -> None:
    glibc = "{}.{}".format(*version)
    real = mltags.probe(FakeHost(arch, glibc=glibc))
    declared = mltags.Platform.parse("manylinux_{}_{}_{}".format(*version, arch))
    assert declared == real
    musl = mltags.probe(FakeHost(arch, musl="1.2"))
    assert mltags.Platform.parse(f"musllinux_1_2_{arch}") == musl


@pytest.mark.parametrize(("machine", "size"), [("x86_64", 8), ("aarch64", 8), ("armv7l", 4), ("i686", 4), ("s390x", 8)])
def test_the_ladder_is_packagings_on_that_host(machine: str, size: int, tmp_path: "pytest.TempPathFactory") -> None:
    with os_machine(
        tmp_path,  # type: ignore[arg-type]
        platform=f"linux-{machine}",
        pointer_size=size,
        confstr="glibc 2.28",
        elf=make_elf(machine),
    ):
        assert list(mltags.platform_tags(mltags.Platform.parse(f"manylinux_2_28_{machine}"))) == packaging_tags(size)


@pytest.mark.parametrize(
    ("tag", "tags"),
    [
        ("manylinux2014_aarch64", ("linux_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")),
        ("manylinux1_i686", ("linux_i686", "manylinux_2_5_i686", "manylinux1_i686")),
        ("ManyLinux1_X86_64", ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")),
        ("musllinux_1_0_i386", ("linux_i386", "musllinux_1_0_i386")),
        ("linux_armv8l", ("linux_armv8l", "linux_armv7l")),
        ("linux_mips64", ("linux_mips64",)),
        ("win_amd64", ("win_amd64",)),
        ("win32", ("win32",)),
        ("any", ("any",)),
    ],
)
def test_short_ladders(tag: str, tags: tuple) -> None:
    assert mltags.platform_tags(mltags.Platform.parse(tag)) == tags


def test_the_lists_of_other_systems_are_packagings() -> None:
    lists = {
        "macosx_13_0_arm64": packaging.tags.mac_platforms((13, 0), "arm64"),
        "macosx_10_9_x86_64": packaging.tags.mac_platforms((10, 9), "x86_64"),
        "ios_13_0_arm64_iphoneos": packaging.tags.ios_platforms((13, 0), "arm64_iphoneos"),
        "android_24_arm64_v8a": packaging.tags.android_platforms(24, "arm64_v8a"),
    }
    for tag, tags in lists.items():
        assert mltags.platform_tags(mltags.Platform.parse(tag)) == tuple(tags)


REFUSED = {
    "": ("platform tag", FORMS),
    "solaris": ("platform tag", FORMS),
    "linux_": ("platform tag", FORMS),
    "linux_x86-64": ("platform tag", FORMS),
    "win_": ("platform tag", FORMS),
    "manylinux_2_28_\u00e4": ("platform tag", FORMS),
    "manylinux_2_28": ("architecture", "none is named; a tag such as manylinux_2_28_x86_64 is accepted"),
    "manylinux_2_28_": ("architecture", "none is named; a tag such as manylinux_2_28_x86_64 is accepted"),
    "manylinux_2_x86_64": ("version", "'x86' is no whole number up to 999; a tag such as manylinux_2_28_x86_64 is accepted"),
    "manylinux_100_0_x86_64": ("version", "'100' is no whole number up to 99; a tag such as manylinux_2_28_x86_64 is accepted"),
    "manylinux_2_1000_x86_64": (
        "version",
        "'1000' is no whole number up to 999; a tag such as manylinux_2_28_x86_64 is accepted",
    ),
    "manylinux_2_028_x86_64": (
        "version",
        "'028' is no whole number up to 999; a tag such as manylinux_2_28_x86_64 is accepted",
    ),
    "manylinux_2_4_x86_64": ("version", "glibc 2.5 or newer is accepted on x86_64"),
    "manylinux_1_9_x86_64": ("version", "glibc 2.5 or newer is accepted on x86_64"),
    "manylinux_2_16_aarch64": ("version", "glibc 2.17 or newer is accepted on aarch64"),
    "manylinux_2_28_mips64": (
        "architecture",
        "the name mips64 does not tell which ABI a wheel would need, so it has no manylinux tags (PEP 600); linux_mips64 is accepted",
    ),
    "manylinux1_aarch64": ("alias", "manylinux1 exists for x86_64 and i686 only; manylinux_2_17_aarch64 may be meant"),
    "manylinux2010": ("alias", "manylinux2010 exists for x86_64 and i686 only; manylinux_2_17_x86_64 may be meant"),
    "manylinux2014_": ("alias", "manylinux2014 exists for an architecture only; manylinux_2_17_x86_64 may be meant"),
    "musllinux_0_9_x86_64": ("version", "musl 1.0 or newer is accepted"),
    "macosx_9_0_arm64": ("version", "Darwin 10.0 or newer is accepted, on an architecture that it has"),
    "ios_11_0_arm64_iphoneos": ("version", "iOS 12.0 or newer is accepted, on an architecture that it has"),
    "android_15_arm64_v8a": ("version", "Android 16 or newer is accepted, on an architecture that it has"),
    "macosx_11_0_foo": ("version", "Darwin 10.0 or newer is accepted, on an architecture that it has"),
    "ios_13_0_foo": ("version", "iOS 12.0 or newer is accepted, on an architecture that it has"),
    "android_24_foo": ("version", "Android 16 or newer is accepted, on an architecture that it has"),
    "android_30000_arm64_v8a": (
        "version",
        "'30000' is no whole number up to 999; a tag such as android_24_arm64_v8a is accepted",
    ),
}


@pytest.mark.parametrize("tag", REFUSED)
def test_what_does_not_exist_is_refused(tag: str) -> None:
    with pytest.raises(mltags.InvalidPlatformTag) as caught:
        mltags.Platform.parse(tag)
    assert (caught.value.text, caught.value.part, caught.value.problem) == (tag, *REFUSED[tag])


@given(st.text(max_size=30))
def test_any_text_is_a_machine_or_refused(text: str) -> None:
    for tag in (text, f"manylinux_{text}", f"manylinux_2_17_{text}", f"macosx_{text}"):
        try:
            tags = mltags.platform_tags(mltags.Platform.parse(tag))
        except mltags.InvalidPlatformTag:
            continue
        assert tags


PYTHONS = {
    "3.12": ("cp312", ["cp312"]),
    "312": ("cp312", ["cp312"]),
    "3.12.1": ("cp312", ["cp312"]),
    "3.7": ("cp37", ["cp37m"]),
    "2.7": ("cp27", ["cp27mu"]),
    "3.2": ("cp32", ["cp32mu"]),
    "3": ("cp3", []),
}


@pytest.mark.parametrize("version", PYTHONS)
def test_the_abi_follows_from_the_version_as_released(version: str) -> None:
    tag, abis = PYTHONS[version]
    python = mltags.Target.of(python_version=version, implementation="cp", platform="linux_x86_64").python
    assert python is not None
    assert (python.tag, list(python.abis)) == (tag, abis)


def test_an_explicit_abi_is_taken() -> None:
    target = mltags.Target.of(python_version="3.13", platform="linux_x86_64", implementation="cp", abis="cp313t")
    assert target.triples[:2] == ["cp313-cp313t-linux_x86_64", "cp313-abi3t-linux_x86_64"]
    target = mltags.Target.of(python_version=(3, 11), platform="linux_x86_64", implementation="PP", abis=["pypy311_pp73"])
    assert target.triples[0] == "pp311-pypy311_pp73-linux_x86_64"
    assert (
        mltags.Target.of(python_version="3.11", platform="linux_x86_64", implementation="py").triples[0]
        == "py311-none-linux_x86_64"
    )


@pytest.mark.parametrize(
    ("words", "part", "problem"),
    [
        ({"python_version": "3.x"}, "Python version", "a version such as '3.12', '312' or '3' is accepted"),
        ({"python_version": ""}, "Python version", "a version such as '3.12', '312' or '3' is accepted"),
        ({"python_version": "3.1.2.3"}, "Python version", "a version such as '3.12', '312' or '3' is accepted"),
        ({"python_version": "3.99999"}, "Python version", "a version such as '3.12', '312' or '3' is accepted"),
        ({"implementation": "c p"}, "implementation", "letters, digits and '_' are accepted, such as cp, pp or py"),
        ({"abis": ["cp312", "a-b"]}, "ABI", "letters, digits and '_' are accepted, such as cp312, abi3 or none"),
        (
            {"implementation": "pp", "python_version": "3.11"},
            "ABI",
            "it follows from the version for CPython only; name it (abis, --abi), such as pypy311_pp73",
        ),
        ({"python_version": 3.12}, "Python version", "a text such as '3.12' or a pair such as (3, 12) is accepted"),
        ({"abis": [None, "a-b"]}, "ABI", "letters, digits and '_' are accepted, such as cp312, abi3 or none"),
        ({"abis": [3]}, "ABI", "letters, digits and '_' are accepted, such as cp312, abi3 or none"),
        ({"abis": b"cp312"}, "ABI", "letters, digits and '_' are accepted, such as cp312, abi3 or none"),
        ({"abis": 5}, "ABI", "letters, digits and '_' are accepted, such as cp312, abi3 or none"),
        ({"implementation": 3}, "implementation", "letters, digits and '_' are accepted, such as cp, pp or py"),
        ({"implementation": b"cp"}, "implementation", "letters, digits and '_' are accepted, such as cp, pp or py"),
        ({"platform": []}, "platform", "one platform tag at least is accepted; None probes this machine"),
        ({"max_glibc": "x"}, "max_glibc", "a text such as '2.28' is accepted, up to 99.999"),
        ({"native": "middle"}, "native", "'first' and 'last' are accepted"),
    ],
)
def test_what_describes_no_target_is_refused(words: dict, part: str, problem: str) -> None:
    with pytest.raises(mltags.InvalidTarget) as caught:
        mltags.Target.of(**{"platform": "linux_x86_64", **words})
    assert (caught.value.part, caught.value.problem) == (part, problem)


def test_several_platforms_open_their_ladders_in_the_order_given() -> None:
    target = mltags.Target.of(python_version="3.12", platform=["manylinux2014_aarch64", "linux_x86_64", "linux_aarch64"])
    assert target.platform_tags == ("linux_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_x86_64")
    last = mltags.Target.of(python_version="3.12", platform=["manylinux2014_aarch64", "linux_x86_64"], native="last")
    assert last.platform_tags == ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64", "linux_x86_64")


def test_without_a_platform_this_machine_is_probed_and_without_a_version_it_runs() -> None:
    target = mltags.Target.of(implementation="py")
    current = mltags.Target.current()
    assert target.platform_tags == current.platform_tags
    assert target.python is not None
    assert current.python is not None
    assert target.python.version == current.python.version


def test_a_ceiling_goes_with_every_kind_of_platform() -> None:
    platform = mltags.Platform.parse("manylinux_2_28_x86_64")
    for given_platform in (platform, "manylinux_2_28_x86_64", ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64"]):
        tags = mltags.Target.of(python_version="3.12", platform=given_platform, max_glibc="2.5").platform_tags
        assert tags == ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")
    assert platform.below(None) is platform
    lower = platform.below(mltags.Glibc(2, 5))
    assert lower.below(mltags.Glibc(2, 17)) is lower
    assert lower.evidence[-1].conclusion == "no manylinux tag above glibc 2.5"


def test_a_ceiling_goes_with_a_platform_that_several_tags_named() -> None:
    words = ["manylinux_2_18_aarch64", "musllinux_1_0_aarch64", "manylinux2014_x86_64", "win32"]
    several = mltags.Target.of(python_version="3.12", implementation="cp", platform=words).platform
    assert several is not None
    lower = mltags.Target.of(python_version="3.12", implementation="cp", platform=several, max_glibc="2.17")
    assert lower.platform_tags[:5] == (
        "linux_aarch64",
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
        "musllinux_1_0_aarch64",
        "linux_x86_64",
    )
    assert lower.platform_tags == mltags.Target.of(python_version="3.12", platform=words, max_glibc="2.17").platform_tags
    assert several.below(mltags.Glibc(2, 16)).listed[:2] == ("linux_aarch64", "musllinux_1_0_aarch64")
    assert "manylinux2014_x86_64" not in several.below(mltags.Glibc(2, 16)).listed
    odd = mltags.Platform(listed=["manylinux_x_y_z", "manylinux", "manylinux_2_18_z"])
    assert odd.below(mltags.Glibc(2, 17)).listed == ("manylinux_x_y_z", "manylinux")


@pytest.mark.parametrize("tag", [None, 5, b"manylinux1_x86_64", 2.5])
def test_what_is_no_text_is_no_platform_tag(tag: object) -> None:
    for given_tag in (tag, [tag]):
        with pytest.raises(mltags.InvalidPlatformTag) as caught:
            mltags.Platform.parse(tag) if given_tag is tag else mltags.Target.of(platform=given_tag)  # type: ignore[arg-type]
        assert str(caught.value).startswith(f"invalid platform tag '{tag}': platform tag: accepted are manylinux_X_Y_<arch>")


def test_what_is_no_platform_is_refused() -> None:
    with pytest.raises(mltags.InvalidPlatformTag):
        mltags.Target.of(platform=mltags.Glibc(2, 28))  # type: ignore[arg-type]
    assert mltags.Target.of(implementation="CP", platform="any", python_version="3.12").triples[0] == "cp312-cp312-any"
