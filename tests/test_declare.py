"""Machines and interpreters that are named, not asked."""

import re
from pathlib import Path

import packaging.tags
import pytest
from conftest import os_machine, packaging_tags
from hypothesis import given
from hypothesis import strategies as st

import mltags
from mltags import _declare
from mltags.testing import FakeHost, make_elf

FORMS = (
    "expected manylinux_X_Y_<arch>, manylinux2014_<arch>, manylinux2010_<arch>, manylinux1_<arch>, musllinux_X_Y_<arch>, "
    "linux_<arch>, macosx_X_Y_<arch>, win32, win_<arch>, ios_X_Y_<multiarch>, android_N_<abi> or any"
)


def refusal(tag: str) -> "tuple[str, str]":
    """Which part of *tag* is refused, and why."""
    with pytest.raises(mltags.InvalidPlatformTag) as caught:
        mltags.parse_platform(tag)
    assert caught.value.text == tag
    return caught.value.part, caught.value.problem


class TestMachineOfATag:
    """One tag stands for the machine that it names: the oldest one on which wheels with that tag run."""

    @given(
        arch=st.sampled_from(["x86_64", "i686", "aarch64", "armv7l", "armv8l", "ppc64le", "s390x", "riscv64", "legv8le"]),
        version=st.one_of(st.tuples(st.just(2), st.integers(17, 60)), st.tuples(st.integers(3, 5), st.integers(0, 60))),
    )
    def test_the_machine_is_the_probed_one_with_its_plain_tags_last(self, arch: str, version: tuple) -> None:
        real = mltags.probe(FakeHost(arch, glibc="{}.{}".format(*version)))._replace(linux_tags="last")
        assert mltags.parse_platform("manylinux_{}_{}_{}".format(*version, arch)) == real
        musl = mltags.probe(FakeHost(arch, musl="1.2"))._replace(linux_tags="last")
        assert mltags.parse_platform(f"musllinux_1_2_{arch}") == musl

    @pytest.mark.parametrize(("machine", "size"), [("x86_64", 8), ("aarch64", 8), ("armv7l", 4), ("i686", 4), ("s390x", 8)])
    def test_its_tags_are_packagings_on_that_machine(self, machine: str, size: int, tmp_path: Path) -> None:
        with os_machine(tmp_path, platform=f"linux-{machine}", pointer_size=size, confstr="glibc 2.28", elf=make_elf(machine)):
            platform = mltags.parse_platform(f"manylinux_2_28_{machine}")
            assert list(mltags.platform_tags(platform, linux_tags="first")) == packaging_tags(size)

    @pytest.mark.parametrize(
        ("tag", "tags"),
        [
            ("manylinux2014_aarch64", ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64")),
            ("manylinux1_i686", ("manylinux_2_5_i686", "manylinux1_i686", "linux_i686")),
            ("ManyLinux1_X86_64", ("manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64")),
            ("musllinux_1_0_i686", ("musllinux_1_0_i686", "linux_i686")),
            ("linux_armv8l", ("linux_armv8l", "linux_armv7l")),
            ("linux_mips64", ("linux_mips64",)),
            ("linux_i386", ("linux_i386",)),
            ("win_amd64", ("win_amd64",)),
            ("win_arm64", ("win_arm64",)),
            ("Win32", ("win32",)),
            ("any", ("any",)),
        ],
    )
    def test_short_lists(self, tag: str, tags: tuple) -> None:
        assert mltags.platform_tags(mltags.parse_platform(tag)) == tags

    @pytest.mark.parametrize(
        ("tag", "system", "tags"),
        [
            ("macosx_13_0_arm64", "Darwin", packaging.tags.mac_platforms((13, 0), "arm64")),
            ("macosx_10_9_x86_64", "Darwin", packaging.tags.mac_platforms((10, 9), "x86_64")),
            ("ios_13_0_arm64_iphoneos", "iOS", packaging.tags.ios_platforms((13, 0), "arm64_iphoneos")),
            ("android_24_arm64_v8a", "Android", packaging.tags.android_platforms(24, "arm64_v8a")),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_the_lists_of_other_systems_are_packagings(self, tag: str, system: str, tags: "list[str]") -> None:
        platform = mltags.parse_platform(tag)
        assert platform.system == system
        assert mltags.platform_tags(platform) == tuple(tags)

    @pytest.mark.parametrize(
        ("tag", "system"),
        [
            ("freebsd_14_1_release_amd64", "FreeBSD"),
            ("openbsd_7_6_amd64", "OpenBSD"),
            ("netbsd_10_0_amd64", "NetBSD"),
            ("dragonfly_6_4_release_x86_64", "DragonFly"),
            ("aix_7204_1806_64", "AIX"),
            ("haiku_1_x86_64", "Haiku"),
            ("solaris_2_11_sun4v_64bit", "SunOS"),
            ("cygwin_3_5_x86_64", "Cygwin"),
            ("pyodide_2024_0_wasm32", "Emscripten"),
            ("pyemscripten_2026_0_wasm32", "Emscripten"),
            ("emscripten_3_1_58_wasm32", "Emscripten"),
            ("wasi_0_0_0_wasm32", "WASI"),
        ],
    )
    def test_a_tag_of_a_system_without_rules_is_taken_as_it_is(self, tag: str, system: str) -> None:
        platform = mltags.parse_platform(tag)
        assert (platform.system, mltags.platform_tags(platform)) == (system, (tag,))

    def test_the_evidence_says_that_it_was_declared(self) -> None:
        assert mltags.parse_platform("ManyLinux1_x86_64").evidence == (
            mltags.Evidence("machine", "declared", "'ManyLinux1_x86_64'", "x86_64"),
            mltags.Evidence("libc", "declared", "'ManyLinux1_x86_64'", "glibc 2.5"),
        )
        assert mltags.parse_platform("linux_x86_64").evidence[1].conclusion == "that tag names no C library"
        assert mltags.parse_platform("win32").evidence == (mltags.Evidence("platform", "declared", "'win32'", "win32"),)

    @given(st.text(max_size=30))
    def test_any_text_is_a_machine_or_refused(self, text: str) -> None:
        for tag in (text, f"manylinux_{text}", f"manylinux_2_17_{text}", f"macosx_{text}", f"win_{text}"):
            try:
                tags = mltags.platform_tags(mltags.parse_platform(tag))
            except mltags.InvalidPlatformTag as refused:
                problem = refused
            else:
                assert tag.lower() in tags
                continue
            assert problem.text == tag
            assert str(problem).isprintable()


class TestR14MustExist:
    """What is declared must exist: the refusal names the part that is wrong, and what is expected or meant."""

    @pytest.mark.parametrize(
        "tag",
        [
            pytest.param("", id="nothing"),
            pytest.param("nonsense", id="a word"),
            pytest.param("win", id="win alone"),
            pytest.param("win_", id="win_"),
            pytest.param("freebsd", id="freebsd alone"),
            pytest.param("manylinux_2_28_\u00e4", id="a letter that is not ASCII"),
        ],
    )
    def test_other_forms_are_refused(self, tag: str) -> None:
        assert refusal(tag) == ("platform tag", FORMS)

    @pytest.mark.parametrize("tag", [None, 5, b"manylinux1_x86_64", 2.5], ids=["None", "a number", "bytes", "a fraction"])
    def test_what_is_no_text_is_refused(self, tag: object) -> None:
        for parse in (mltags.parse_platform, lambda given_tag: mltags.Target.of(platform=[given_tag])):
            with pytest.raises(mltags.InvalidPlatformTag) as caught:
                parse(tag)  # type: ignore[arg-type]
            assert (caught.value.text, caught.value.part, caught.value.problem) == (str(tag), "platform tag", FORMS)

    def test_what_is_no_platform_is_refused(self) -> None:
        with pytest.raises(mltags.InvalidPlatformTag) as caught:
            mltags.Target.of(platform=mltags.Glibc(2, 28))  # type: ignore[arg-type]
        assert caught.value.text == "2.28"
        with pytest.raises(mltags.InvalidTarget) as refused:
            mltags.platform_tags("manylinux_2_28_x86_64")  # type: ignore[arg-type]
        assert str(refused.value) == (
            "invalid target 'manylinux_2_28_x86_64': platform: "
            "expected a Platform, such as that of probe() or parse_platform(tag)"
        )

    @pytest.mark.parametrize(
        ("tag", "problem"),
        [
            ("centos7", "that is the name of a machine, not a tag; pass it to --machine (Target.of_machine) as centos-7"),
            (
                "raspberrypi",
                (
                    "that is the name of a machine, not a tag; pass it to --machine (Target.of_machine) as one of "
                    "raspberry-pi-os-11, raspberry-pi-os-12, raspberry-pi-os-13"
                ),
            ),
        ],
    )
    def test_the_name_of_a_machine_is_pointed_to_where_it_belongs(self, tag: str, problem: str) -> None:
        assert refusal(tag) == ("platform tag", problem)

    @pytest.mark.parametrize(
        ("tag", "problem"),
        [
            ("manylinux_2_4_x86_64", "must be glibc 2.5 or newer on x86_64; did you mean manylinux_2_5_x86_64?"),
            ("manylinux_1_9_x86_64", "must be glibc 2.5 or newer on x86_64; did you mean manylinux_2_5_x86_64?"),
            ("manylinux_2_16_aarch64", "must be glibc 2.17 or newer on aarch64; did you mean manylinux_2_17_aarch64?"),
            ("manylinux_2_16_mips64", "must be glibc 2.17 or newer on mips64"),
            ("musllinux_0_9_x86_64", "must be musl 1.0 or newer"),
            ("macosx_9_0_x86_64", "must be macOS 10.0 or newer"),
            ("macosx_11_0_ppc", "macOS 11.0 never ran on ppc"),
            ("macosx_12_3_arm64", "since macOS 11 the minor version in tags is 0; did you mean macosx_12_0_arm64?"),
            ("ios_11_0_arm64_iphoneos", "must be iOS 12.0 or newer"),
            ("android_15_arm64_v8a", "must be Android API level 16 or newer"),
            ("manylinux_2_x86_64", "is incomplete; expected a tag such as manylinux_2_28_x86_64"),
            ("manylinux_2_028_x86_64", "'028' begins with 0; expected a tag such as manylinux_2_28_x86_64"),
            ("musllinux_x86_64", "is missing; expected a tag such as musllinux_1_2_x86_64; did you mean musllinux_1_2_x86_64?"),
            (
                "manylinux_2014_x86_64",
                "'2014' is not a whole number up to 99; expected a tag such as manylinux_2_28_x86_64; did you mean manylinux2014_x86_64?",
            ),
            ("manylinux_amd64", "is missing; expected a tag such as manylinux_2_28_x86_64"),
            (
                "ios_17_arm64",
                "is incomplete; expected a tag such as ios_13_0_arm64_iphoneos; did you mean ios_17_0_arm64_iphoneos?",
            ),
            ("macosx", "is missing; expected a tag such as macosx_11_0_arm64"),
        ],
    )
    def test_a_version_that_there_is_not_is_refused(self, tag: str, problem: str) -> None:
        assert refusal(tag) == ("version", problem)

    HEADS = (
        *("linux", "manylinux1", "manylinux2010", "manylinux2014", "manylinux_2_4", "manylinux_2_28", "musllinux_1_2"),
        *("win", "macosx_10_9", "macosx_11_0", "macosx_12_3", "ios_13_0", "android_24", "manylinux2_28"),
    )
    ENDS = (
        *("x86_64", "amd64", "x64", "i386", "i586", "386", "x86", "aarch64", "arm64", "arm64v8", "armhf", "armv6l", "ppc64el"),
        *(
            "mips64",
            "e2k",
            "riscv64gc",
            "gnu_x86_64",
            "universal2",
            "intel",
            "win_amd64",
            "aarch64_simulator",
            "arm64_iphoneos",
        ),
    )

    @pytest.mark.parametrize("head", HEADS)
    def test_the_tag_that_is_suggested_exists(self, head: str) -> None:
        suggested = []
        for end in self.ENDS:
            try:
                mltags.parse_platform(f"{head}_{end}")
            except mltags.InvalidPlatformTag as refused:
                suggested += re.findall(r"did you mean (\w+)", str(refused))
        assert suggested
        for tag in suggested:
            assert mltags.parse_platform(tag).linux_tags == "last"

    @pytest.mark.parametrize(
        ("tag", "problem"),
        [
            ("manylinux1_aarch64", "manylinux1 exists for x86_64 and i686 only; did you mean manylinux_2_17_aarch64?"),
            ("manylinux2010_s390x", "manylinux2010 exists for x86_64 and i686 only; did you mean manylinux_2_17_s390x?"),
        ],
    )
    def test_an_alias_that_an_architecture_never_had_is_refused(self, tag: str, problem: str) -> None:
        assert refusal(tag) == ("alias", problem)

    @pytest.mark.parametrize(
        ("tag", "problem"),
        [
            ("manylinux_2_28", "is missing; expected a tag such as manylinux_2_28_x86_64"),
            ("manylinux_2_28_", "is missing; expected a tag such as manylinux_2_28_x86_64"),
            ("manylinux2014", "is missing; add one: manylinux2014_x86_64"),
            ("linux", "is missing; add one: linux_x86_64"),
            ("linux_", "is missing; add one: linux_x86_64"),
            ("manylinux2014_", "is missing; add one: manylinux2014_x86_64"),
            ("manylinux1", "is missing; add one: manylinux1_x86_64"),
        ],
    )
    def test_a_missing_architecture_is_asked_for(self, tag: str, problem: str) -> None:
        assert refusal(tag) == ("architecture", problem)

    @pytest.mark.parametrize(
        ("tag", "problem"),
        [
            ("linux_amd64", "wheels for Linux use x86_64, not amd64; did you mean linux_x86_64?"),
            ("linux_arm64", "wheels for Linux use aarch64, not arm64; did you mean linux_aarch64?"),
            ("linux_armhf", "wheels for Linux use armv7l, not armhf; did you mean linux_armv7l?"),
            ("manylinux_2_28_amd64", "wheels for Linux use x86_64, not amd64; did you mean manylinux_2_28_x86_64?"),
            ("manylinux_2_28_x86", "wheels for Linux use i686, not x86; did you mean manylinux_2_28_i686?"),
            ("manylinux_2_28_x32", "wheels for Linux use x86_64, not x32; did you mean manylinux_2_28_x86_64?"),
            ("Manylinux_2_28_ARM64", "wheels for Linux use aarch64, not arm64; did you mean manylinux_2_28_aarch64?"),
            ("manylinux_2_28_ppc64el", "wheels for Linux use ppc64le, not ppc64el; did you mean manylinux_2_28_ppc64le?"),
            ("manylinux2014_amd64", "wheels for Linux use x86_64, not amd64; did you mean manylinux2014_x86_64?"),
            ("manylinux1_amd64", "wheels for Linux use x86_64, not amd64; did you mean manylinux1_x86_64?"),
            ("manylinux2010_arm64", "wheels for Linux use aarch64, not arm64; did you mean manylinux_2_17_aarch64?"),
            ("manylinux_2_5_arm64", "wheels for Linux use aarch64, not arm64; did you mean manylinux_2_17_aarch64?"),
            ("musllinux_1_2_arm64", "wheels for Linux use aarch64, not arm64; did you mean musllinux_1_2_aarch64?"),
            ("win_x86_64", "wheels for Windows do not use the name x86_64; did you mean win_amd64?"),
            ("win_x64", "wheels for Windows do not use the name x64; did you mean win_amd64?"),
            ("win_x86", "wheels for Windows do not use the name x86; did you mean win32?"),
            ("win_aarch64", "wheels for Windows do not use the name aarch64; did you mean win_arm64?"),
            ("win_foo", "expected win32, win_amd64, win_arm64, win_arm32 or win_ia64"),
            ("macosx_11_0_aarch64", "wheels for macOS use arm64, not aarch64; did you mean macosx_11_0_arm64?"),
            ("macosx_10_9_amd64", "wheels for macOS use x86_64, not amd64; did you mean macosx_10_9_x86_64?"),
            ("macosx_12_3_aarch64", "wheels for macOS use arm64, not aarch64; did you mean macosx_12_0_arm64?"),
            ("ios_13_0_arm64", "wheels for iOS use arm64_iphoneos, not arm64; did you mean ios_13_0_arm64_iphoneos?"),
            ("android_24_aarch64", "wheels for Android use arm64_v8a, not aarch64; did you mean android_24_arm64_v8a?"),
            ("linux_386", "wheels for Linux use i686, not 386; did you mean linux_i686?"),
            ("manylinux_2_17_9_x86_64", "'9_x86_64' begins with '9', and no architecture does"),
            ("linux_9", "'9' begins with '9', and no architecture does"),
            ("linux__x86_64", "'_x86_64' begins with '_', and no architecture does; did you mean linux_x86_64?"),
            ("manylinux_2_28_x86_64_v3", "wheels for Linux use x86_64, not x86_64_v3; did you mean manylinux_2_28_x86_64?"),
            ("linux_amd64_v2", "wheels for Linux use x86_64, not amd64_v2; did you mean linux_x86_64?"),
            (
                "musllinux_1_2_aarch64_neon",
                "wheels for Linux use aarch64, not aarch64_neon; did you mean musllinux_1_2_aarch64?",
            ),
            ("manylinux_2_17_aarch32", "wheels for Linux use armv7l, not aarch32; did you mean manylinux_2_17_armv7l?"),
            ("linux_mips64el", "wheels for Linux use mips64, not mips64el; did you mean linux_mips64?"),
            ("manylinux_2_17_armv6", "wheels for Linux use armv6l, not armv6"),
            ("manylinux_2_28_x86_64h", "wheels for Linux use x86_64, not x86_64h; did you mean manylinux_2_28_x86_64?"),
            ("linux_mipsle", "wheels for Linux use mips, not mipsle; did you mean linux_mips?"),
            ("manylinux_2_28_any", "'any' is not an architecture of Linux; expected one such as x86_64"),
            ("linux_android_24_x86", "'android_24_x86' is a platform tag of its own; did you mean android_24_x86 alone?"),
            ("manylinux_2_28_arm64v8", "wheels for Linux use aarch64, not arm64v8; did you mean manylinux_2_28_aarch64?"),
            ("manylinux_2_31_arm32v7", "wheels for Linux use armv7l, not arm32v7; did you mean manylinux_2_31_armv7l?"),
            ("manylinux_2_39_riscv64gc", "wheels for Linux use riscv64, not riscv64gc; did you mean manylinux_2_39_riscv64?"),
            ("linux_gnu_x86_64", "wheels for Linux use x86_64, not gnu_x86_64; did you mean linux_x86_64?"),
            ("linux_universal2", "universal2 is an architecture of macOS"),
            ("manylinux_2_28_intel", "intel is an architecture of macOS"),
            ("manylinux_2_28_win32", "'win32' is a platform tag of its own; did you mean win32 alone?"),
            ("manylinux2014_win_amd64", "'win_amd64' is a platform tag of its own; did you mean win_amd64 alone?"),
            (
                "manylinux_2_28_macosx_11_0_arm64",
                "'macosx_11_0_arm64' is a platform tag of its own; did you mean macosx_11_0_arm64 alone?",
            ),
            (
                "macosx_11_0_foo",
                "expected one of macOS: arm64, x86_64, i386, ppc, ppc64, universal2, universal, intel, fat, fat3, fat32, fat64",
            ),
            ("ios_13_0_foo", "expected one of iOS: arm64_iphoneos, arm64_iphonesimulator, x86_64_iphonesimulator"),
            ("android_24_foo", "expected one of Android: arm64_v8a, armeabi_v7a, x86, x86_64"),
        ],
    )
    def test_an_architecture_by_the_name_of_another_ecosystem_is_refused(self, tag: str, problem: str) -> None:
        assert refusal(tag) == ("architecture", problem)

    @pytest.mark.parametrize(
        ("tag", "meant"),
        [
            ("linux_x86-64", "linux_x86_64"),
            ("manylinux_2_28_x86_64 ", "manylinux_2_28_x86_64"),
            ("manylinux_2_28_x86.64", "manylinux_2_28_x86_64"),
            ("manylinux-2-28-x86-64", "manylinux_2_28_x86_64"),
            ("cp312-cp312-manylinux_2_28_x86_64", "manylinux_2_28_x86_64"),
            ("win64", "win_amd64"),
            ("win-amd64", "win_amd64"),
            ("windows_amd64", "win_amd64"),
            ("macos_11_0_arm64", "macosx_11_0_arm64"),
            ("osx-arm64", "macosx_11_0_arm64"),
            ("osx-64", "macosx_11_0_x86_64"),
            ("universal2", "macosx_11_0_universal2"),
            ("x86_64", "linux_x86_64"),
            ("linux-64", "linux_x86_64"),
            ("linux/amd64", "linux_x86_64"),
            ("linux/arm64/v8", "linux_aarch64"),
            ("linux/arm/v7", "linux_armv7l"),
            ("linux/386", "linux_i686"),
            ("manylinux_2_28_x86_64 (1)", "manylinux_2_28_x86_64"),
            ("linux_x86_64,linux_i686", "linux_x86_64"),
            ("x86_64-unknown-linux-gnu", "manylinux_2_17_x86_64"),
            ("aarch64-unknown-linux-musl", "musllinux_1_2_aarch64"),
            ("aarch64-apple-darwin", "macosx_11_0_arm64"),
            ("x86_64-linux-gnu", "manylinux_2_17_x86_64"),
            ("s390x-redhat-linux-gnu", "manylinux_2_17_s390x"),
            ("arm-linux-gnueabihf", "manylinux_2_17_armv7l"),
            ("armv7-unknown-linux-musleabihf", "musllinux_1_2_armv7l"),
            ("x86_64-alpine-linux-musl", "musllinux_1_2_x86_64"),
            ("musl_arm64", "musllinux_1_2_aarch64"),
            ("x86_64-manylinux_2_28", "manylinux_2_28_x86_64"),
            ("aarch64-manylinux2014", "manylinux2014_aarch64"),
            ("glibc-2.28", "manylinux_2_28_x86_64"),
            ("linux_x86_64.whl", "linux_x86_64"),
            ("x86_64-linux", "linux_x86_64"),
            ("aarch64-darwin", "macosx_11_0_arm64"),
            ("arm64-apple-darwin22.1.0", "macosx_11_0_arm64"),
            ("android24_arm64_v8a", "android_24_arm64_v8a"),
            ("winarm64", "win_arm64"),
            ("win10_amd64", "win_amd64"),
            ("muslinux_1_2_x86_64", "musllinux_1_2_x86_64"),
            ("many_linux_2_28_x86_64", "manylinux_2_28_x86_64"),
            ("manylinux228_x86_64", "manylinux_2_28_x86_64"),
            ("quay.io/pypa/manylinux_2_28_x86_64", "manylinux_2_28_x86_64"),
            ("x86_64-pc-windows-msvc", "win_amd64"),
            ("i686-pc-windows-msvc", "win32"),
            ("aarch64-pc-windows-msvc", "win_arm64"),
            ("freebsd-14.1-release-amd64", "freebsd_14_1_release_amd64"),
            ("openbsd_7.5_amd64", "openbsd_7_5_amd64"),
            ("manylinux_2.28_arm64", "manylinux_2_28_aarch64"),
            ("manylinux2010-arm64", "manylinux_2_17_aarch64"),
            ("macosx-12.3-arm64", "macosx_12_0_arm64"),
        ],
    )
    def test_the_tag_that_is_meant_is_named(self, tag: str, meant: str) -> None:
        assert refusal(tag) == ("platform tag", f"there is no such tag; did you mean {meant}?")

    @pytest.mark.parametrize(
        ("tag", "meant"), [("manylinux_2_28_i386", "manylinux_2_28_i686"), ("manylinux1_i586", "manylinux1_i686")]
    )
    def test_older_names_of_32_bit_x86_mean_i686(self, tag: str, meant: str) -> None:
        arch = tag[-4:]
        problem = f"the name {arch} does not identify the ABI of a wheel, so it has no such tags (PEP 600)"
        assert refusal(tag) == ("architecture", f"{problem}; did you mean {meant}?")

    @pytest.mark.parametrize("tag", ["macosx_10_15_arm64", "macosx_10_9_arm64"])
    def test_no_mac_of_arm_had_a_macos_before_11(self, tag: str) -> None:
        version = tag[7:-6].replace("_", ".")
        assert refusal(tag) == ("version", f"macOS {version} never ran on arm64; did you mean macosx_11_0_arm64?")


class TestR15DeclaredMarkers:
    """The markers of systems that no rule here knows are those of CPython there."""

    @pytest.mark.parametrize(
        ("tag", "version", "sys_platform", "system", "machine"),
        [
            ("pyodide_2025_0_wasm32", "3.13", "emscripten", "Emscripten", "wasm32"),
            ("freebsd_14_1_release_amd64", "3.13", "freebsd14", "FreeBSD", "amd64"),
            ("freebsd_14_1_release_amd64", "3.14", "freebsd", "FreeBSD", "amd64"),
            ("openbsd_7_6_amd64", "3.14", "openbsd7", "OpenBSD", "amd64"),
            ("haiku_1_r5_x86_64", "3.12", "haiku1", "Haiku", "x86_64"),
            ("aix_7204_2015_64", "3.12", "aix", "AIX", ""),
            ("solaris_2_11_i86pc_64bit", "3.12", "sunos5", "SunOS", "i86pc"),
            ("cygwin_3_5_4_x86_64", "3.12", "cygwin", "Cygwin", "x86_64"),
            ("sunos_5_11_x86_64", "3.12", "sunos5", "SunOS", "x86_64"),
            ("manylinux_2_17_x86_64", "2.7", "linux2", "Linux", "x86_64"),
        ],
    )
    def test_markers(self, tag: str, version: str, sys_platform: str, system: str, machine: str) -> None:
        found = mltags.Target.of(python_version=version, implementation="cp", platform=tag).environment
        assert (found["sys_platform"], found["platform_system"]) == (sys_platform, system)
        assert found["platform_machine"] == machine


class TestR4DeclaredArchitectures:
    """An architecture's name that does not identify the ABI of a wheel has no manylinux and no musllinux tags."""

    @pytest.mark.parametrize("arch", ["mips", "mips64", "e2k", "armv6l"])
    @pytest.mark.parametrize("head", ["manylinux_2_29", "manylinux2014", "musllinux_1_2"])
    def test_a_name_that_does_not_identify_the_abi_is_refused(self, arch: str, head: str) -> None:
        assert refusal(f"{head}_{arch}") == (
            "architecture",
            f"the name {arch} does not identify the ABI of a wheel, so it has no such tags (PEP 600); use linux_{arch}",
        )

    def test_an_architecture_that_nobody_has_heard_of_has_tags_from_its_first_day(self) -> None:
        assert mltags.platform_tags(mltags.parse_platform("manylinux_2_18_legv8le")) == (
            "manylinux_2_18_legv8le",
            "manylinux_2_17_legv8le",
            "manylinux2014_legv8le",
            "linux_legv8le",
        )


class TestR13DeclaredBounds:
    """No declared number opens a range beyond 99.999."""

    @pytest.mark.parametrize(
        ("tag", "number", "limit", "example"),
        [
            ("manylinux_100_0_x86_64", "100", 99, "manylinux_2_28_x86_64"),
            ("manylinux_2_1000_x86_64", "1000", 999, "manylinux_2_28_x86_64"),
            ("musllinux_1_1000_x86_64", "1000", 999, "musllinux_1_2_x86_64"),
            ("macosx_100_0_arm64", "100", 99, "macosx_11_0_arm64"),
            ("android_30000_arm64_v8a", "30000", 999, "android_24_arm64_v8a"),
        ],
    )
    def test_a_larger_number_is_refused(self, tag: str, number: str, limit: int, example: str) -> None:
        problem = f"'{number}' is not a whole number up to {limit}; expected a tag such as {example}"
        assert refusal(tag) == ("version", problem)

    def test_the_largest_version_is_a_machine(self) -> None:
        assert mltags.parse_platform("manylinux_99_999_x86_64").libc == mltags.Glibc(99, 999)


class TestDeclaredPython:
    """pip's words describe an interpreter; its ABI follows from a CPython version as released, never from the running build."""

    @pytest.mark.parametrize(
        ("version", "tag", "abis"),
        [
            ("3.12", "cp312", ("cp312",)),
            ("312", "cp312", ("cp312",)),
            ("3.12.1", "cp312", ("cp312",)),
            ((3, 12), "cp312", ("cp312",)),
            ([3, 12, 1], "cp312", ("cp312",)),
            ("3.7", "cp37", ("cp37m",)),
            ("2.7", "cp27", ("cp27mu",)),
            ("3.2", "cp32", ("cp32mu",)),
            ("3", "cp3", ()),
        ],
        ids=str,
    )
    def test_the_abi_follows_from_the_version(self, version: object, tag: str, abis: tuple) -> None:
        python = _declare.declared_python(version, "cp", None)  # type: ignore[arg-type]
        assert (python.tag, python.abis) == (tag, abis)

    def test_a_free_threaded_python_is_named_by_its_abi(self) -> None:
        python = _declare.declared_python("3.13", "cp", "cp313t")
        assert python.pairs[:2] == (("cp313", "cp313t"), ("cp313", "abi3t"))

    @pytest.mark.parametrize(
        ("words", "part", "problem"),
        [
            (
                {"implementation": "pypy3"},
                "implementation",
                "expected pp; pass the version as python_version (--python-version)",
            ),
            (
                {"implementation": "cp312"},
                "implementation",
                "expected cp; pass the version as python_version (--python-version)",
            ),
            ({"implementation": "graal"}, "implementation", "expected the short name of graal: graalpy"),
            (
                {"python_version": "cp312"},
                "Python version",
                "expected a version such as '3.12', '312' or '3'; did you mean 312?",
            ),
            (
                {"python_version": "python3.12"},
                "Python version",
                "expected a version such as '3.12', '312' or '3'; did you mean 3.12?",
            ),
            (
                {"python_version": "3.13t"},
                "Python version",
                (
                    "expected a version such as '3.12', '312' or '3'; did you mean 3.13? "
                    "Its free-threaded build is the ABI cp313t (abis, --abi)."
                ),
            ),
            ({"python_version": "3.x"}, "Python version", "expected a version such as '3.12', '312' or '3'"),
        ],
    )
    def test_a_nearly_right_word_gets_the_one_that_is_meant(self, words: dict, part: str, problem: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Target.of(**{"platform": "linux_x86_64", "implementation": "cp", **words})
        assert (caught.value.part, caught.value.problem) == (part, problem)

    @pytest.mark.parametrize("tag", ["linux/arm/v5", "linux/arm", "freebsd/amd64", "wasi-wasm32"])
    def test_a_tag_of_no_use_is_not_suggested(self, tag: str) -> None:
        assert "did you mean" not in refusal(tag)[1]

    def test_other_implementations_name_their_abi(self) -> None:
        python = _declare.declared_python((3, 11), "PP", ["pypy311_pp73"])
        assert python == mltags.Python("pp", (3, 11), ["pypy311_pp73"], declared=True)
        assert python.pairs[0] == ("pp311", "pypy311_pp73")
        assert _declare.declared_python("3.11", "py", None).pairs[0] == ("py311", "none")

    def test_a_declared_implementation_accepts_its_own_pure_wheels(self) -> None:
        target = mltags.Target.of(implementation="fk", python_version="3", abis=["fk3"], platform="linux_x86_64")
        assert target.triples == [
            "fk3-fk3-linux_x86_64",
            "fk3-none-linux_x86_64",
            "py3-none-linux_x86_64",
            "fk3-none-any",
            "py3-none-any",
        ]
        assert target.rank("a-1-fk3-none-any.whl") == 3

    def test_what_is_left_out_is_the_running_interpreters(self) -> None:
        current = mltags.Target.current()
        assert current.python is not None
        assert _declare.declared_python(None, "py", None).version == current.python.version
        assert _declare.declared_python("3.12", None, ["none"]).implementation == current.python.implementation

    @pytest.mark.parametrize(
        ("words", "part", "problem"),
        [
            ({"python_version": "3.x"}, "Python version", "expected a version such as '3.12', '312' or '3'"),
            ({"python_version": ""}, "Python version", "expected a version such as '3.12', '312' or '3'"),
            ({"python_version": "3.1.2.3"}, "Python version", "expected a version such as '3.12', '312' or '3'"),
            ({"python_version": "3.99999"}, "Python version", "expected a version such as '3.12', '312' or '3'"),
            ({"python_version": (3, 1000)}, "Python version", "expected one or two whole numbers, up to 99 and 999"),
            ({"python_version": 3.12}, "Python version", "expected a text such as '3.12' or a pair such as (3, 12)"),
            ({"implementation": "c p"}, "implementation", "may hold letters, digits and '_' only, such as cp, pp or py"),
            ({"implementation": ""}, "implementation", "may hold letters, digits and '_' only, such as cp, pp or py"),
            ({"implementation": 3}, "implementation", "may hold letters, digits and '_' only, such as cp, pp or py"),
            ({"implementation": b"cp"}, "implementation", "may hold letters, digits and '_' only, such as cp, pp or py"),
            ({"implementation": "cpython"}, "implementation", "expected the short name of cpython: cp"),
            ({"implementation": "PyPy"}, "implementation", "expected the short name of pypy: pp"),
            (
                {"implementation": "pp", "python_version": "3.11"},
                "ABI",
                "only CPython's follows from the version; pass abis (--abi), such as pypy311_pp73",
            ),
            ({"implementation": "\u00e7p"}, "implementation", "may hold letters, digits and '_' only, such as cp, pp or py"),
            ({"abis": ["cp312", "a-b"]}, "ABI", "may hold letters, digits and '_' only, such as cp312, abi3 or none"),
            ({"abis": [None]}, "ABI", "may hold letters, digits and '_' only, such as cp312, abi3 or none"),
            ({"abis": [3]}, "ABI", "may hold letters, digits and '_' only, such as cp312, abi3 or none"),
            ({"abis": b"cp312"}, "ABI", "may hold letters, digits and '_' only, such as cp312, abi3 or none"),
            ({"abis": 5}, "ABI", "may hold letters, digits and '_' only, such as cp312, abi3 or none"),
            ({"platform": []}, "platform", "expected at least one platform tag; None probes this machine"),
            ({"max_glibc": "x"}, "max_glibc", "expected a text such as '2.28', up to 99.999"),
            ({"max_glibc": 2.30}, "max_glibc", "expected a text such as '2.28', up to 99.999"),
        ],
        ids=lambda value: str(value) if isinstance(value, dict) else "",
    )
    def test_what_describes_no_target_is_refused(self, words: dict, part: str, problem: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Target.of(**{"platform": "linux_x86_64", **words})
        assert (caught.value.part, caught.value.problem) == (part, problem)


class TestSeveralPlatforms:
    """Several declared tags are one machine: the tags of each in the order given, the first of equals kept."""

    def test_the_tags_of_each_follow_one_another(self) -> None:
        tags = ["manylinux2014_aarch64", "linux_x86_64", "linux_aarch64"]
        assert mltags.Target.of(python_version="3.12", platform=tags).platform_tags == (
            "manylinux_2_17_aarch64",
            "manylinux2014_aarch64",
            "linux_aarch64",
            "linux_x86_64",
        )

    def test_linux_tags_first_counts_for_each(self) -> None:
        tags = ["manylinux2014_aarch64", "manylinux1_x86_64"]
        assert mltags.Target.of(python_version="3.12", platform=tags, linux_tags="first").platform_tags == (
            "linux_aarch64",
            "manylinux_2_17_aarch64",
            "manylinux2014_aarch64",
            "linux_x86_64",
            "manylinux_2_5_x86_64",
            "manylinux1_x86_64",
        )

    def test_a_list_of_one_is_that_one(self) -> None:
        one = mltags.Target.of(python_version="3.12", platform=["manylinux2014_aarch64"])
        assert one == mltags.Target.of(python_version="3.12", platform="manylinux2014_aarch64")

    def test_without_a_platform_this_machine_is_probed(self) -> None:
        assert mltags.Target.of(implementation="py").platform == mltags.probe()


FULL = mltags.Platform(
    system="Other",
    archs=["a", "b"],
    libc_archs=["a"],
    libc=mltags.Glibc(2, 28),
    linux_tags="last",
    override=mltags.Override("x"),
    explicit_tags=["y"],
    evidence=[mltags.Evidence("libc", "q", "a", "c")],
)


class TestMaxGlibc:
    """``max_glibc`` leaves out the manylinux tags above it, whatever names the machine, and never rises."""

    PLATFORMS = (
        mltags.parse_platform("manylinux_2_28_x86_64"),
        "manylinux_2_28_x86_64",
        ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64"],
    )

    @pytest.mark.parametrize("platform", PLATFORMS, ids=["a Platform", "a tag", "several tags"])
    @pytest.mark.parametrize("limit", ["2.5", (2, 5), mltags.Glibc(2, 5)], ids=["text", "pair", "Glibc"])
    def test_it_goes_with_every_kind_of_platform(self, platform: object, limit: object) -> None:
        target = mltags.Target.of(python_version="3.12", platform=platform, max_glibc=limit)  # type: ignore[arg-type]
        assert target.platform_tags == ("manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64")

    def test_everything_else_of_a_platform_stays(self) -> None:
        lower = _declare.limited(FULL, mltags.Glibc(2, 17))
        assert lower == mltags.Platform(
            system="Other",
            archs=["a", "b"],
            libc_archs=["a"],
            libc=mltags.Glibc(2, 28),
            max_glibc=mltags.Glibc(2, 17),
            linux_tags="last",
            override=mltags.Override("x"),
            explicit_tags=["y"],
        )
        assert lower.evidence == (
            mltags.Evidence("libc", "q", "a", "c"),
            mltags.Evidence("max_glibc", "max_glibc", "2.17", "no manylinux tag above glibc 2.17"),
        )

    def test_it_never_rises(self) -> None:
        lower = _declare.limited(FULL, mltags.Glibc(2, 17))
        assert _declare.limited(FULL, None) is FULL
        assert _declare.limited(lower, None) is lower
        assert _declare.limited(lower, mltags.Glibc(2, 17)) is lower
        assert _declare.limited(lower, mltags.Glibc(2, 28)) is lower
        assert _declare.limited(lower, mltags.Glibc(2, 12)).max_glibc == mltags.Glibc(2, 12)

    def test_it_goes_with_a_platform_that_several_tags_named(self) -> None:
        words = ["manylinux_2_18_aarch64", "musllinux_1_0_aarch64", "manylinux2014_x86_64", "win32"]
        several = mltags.Target.of(python_version="3.12", implementation="cp", platform=words).platform
        assert several is not None
        lower = mltags.Target.of(python_version="3.12", implementation="cp", platform=several, max_glibc="2.16")
        assert lower.platform_tags == (
            "linux_aarch64",
            "musllinux_1_0_aarch64",
            "manylinux_2_16_x86_64",
            "manylinux_2_15_x86_64",
            "manylinux_2_14_x86_64",
            "manylinux_2_13_x86_64",
            "manylinux_2_12_x86_64",
            "manylinux2010_x86_64",
            "manylinux_2_11_x86_64",
            "manylinux_2_10_x86_64",
            "manylinux_2_9_x86_64",
            "manylinux_2_8_x86_64",
            "manylinux_2_7_x86_64",
            "manylinux_2_6_x86_64",
            "manylinux_2_5_x86_64",
            "manylinux1_x86_64",
            "linux_x86_64",
            "win32",
        )

    def test_what_is_no_tag_of_a_c_library_stays(self) -> None:
        odd = mltags.Platform(
            explicit_tags=[
                "manylinux_x_y_z",
                "manylinux",
                "manylinux_2_18_z",
                "manylinux_2_018_z",
                "foo_2_99_z",
                "manylinux2014_z",
            ]
        )
        assert _declare.limited(odd, mltags.Glibc(2, 16)).explicit_tags == (
            "manylinux_x_y_z",
            "manylinux",
            "manylinux_2_018_z",
            "foo_2_99_z",
        )
