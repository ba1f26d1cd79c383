"""Machines by name: the table, how names are read, and what follows from them."""

import sys

import pytest

import mltags
from mltags import _machines

FORMS = (
    "expected manylinux_X_Y_<arch>, manylinux2014_<arch>, manylinux2010_<arch>, manylinux1_<arch>, musllinux_X_Y_<arch>, "
    "linux_<arch>, macosx_X_Y_<arch>, win32, win_<arch>, ios_X_Y_<multiarch>, android_N_<abi> or any"
)


class TestTable:
    """Rows of the table, written out; every row is a target."""

    @pytest.mark.parametrize(
        ("name", "libc", "archs", "python", "end"),
        [
            ("debian-9", mltags.Glibc(2, 24), "x86_64 aarch64 armv7l i686 ppc64le s390x", "3.5", "2020-07-05"),
            (
                "debian-13",
                mltags.Glibc(2, 41),
                "x86_64 aarch64 armv7l i686 loongarch64 ppc64le riscv64 s390x",
                "3.13",
                "2028-08-09",
            ),
            ("debian-testing", mltags.Glibc(2, 42), "x86_64 aarch64 armv7l i686 ppc64le riscv64 s390x", None, "rolling"),
            ("ubuntu-24.04", mltags.Glibc(2, 39), "x86_64 aarch64 armv7l ppc64le riscv64 s390x", "3.12", "2029-04-30"),
            ("rhel-9", mltags.Glibc(2, 34), "x86_64 aarch64 ppc64le s390x", "3.9", "2032-05-31"),
            ("centos-7", mltags.Glibc(2, 17), "x86_64 aarch64 armv7l i686 ppc64le", "3.6", "2024-06-30"),
            ("centos-stream-10", mltags.Glibc(2, 39), "x86_64 aarch64 ppc64le s390x", "3.12", "2030-01-01"),
            ("rockylinux-8", mltags.Glibc(2, 28), "x86_64 aarch64", "3.6", "2029-05-31"),
            ("amazonlinux-2", mltags.Glibc(2, 26), "x86_64 aarch64", "3.7", "2026-06-30"),
            ("amazonlinux-2023", mltags.Glibc(2, 34), "x86_64 aarch64", "3.9", "2028-03-15"),
            ("aws-lambda-python3.11", mltags.Glibc(2, 26), "x86_64 aarch64", "3.11", "2027-06-30"),
            ("aws-lambda-python3.12", mltags.Glibc(2, 34), "x86_64 aarch64", "3.12", "2028-10-31"),
            ("fedora-43", mltags.Glibc(2, 42), "x86_64 aarch64 ppc64le s390x", "3.14", "2026-12-02"),
            ("archlinux", mltags.Glibc(2, 44), "x86_64", None, "rolling"),
            ("raspberry-pi-os-12", mltags.Glibc(2, 36), "aarch64 armv7l armv8l armv6l", "3.11", ""),
            ("alpine-3.12", mltags.Musl(1, 1), "x86_64 aarch64 armv7l i686 ppc64le s390x", "3.8", "2022-05-01"),
            ("alpine-3.13", mltags.Musl(1, 2), "x86_64 aarch64 armv7l i686 ppc64le s390x", "3.8", "2022-11-01"),
            ("alpine-3.20", mltags.Musl(1, 2), "x86_64 aarch64 armv7l i686 ppc64le riscv64 s390x", "3.12", "2026-04-01"),
        ],
    )
    def test_a_row_of_linux(self, name: str, libc: object, archs: str, python: "str | None", end: str) -> None:
        machine = mltags.machines()[name]
        found = (machine.name, machine.system, machine.libc, machine.archs, machine.python_version, machine.end_of_life)
        assert found == (name, "Linux", libc, tuple(archs.split()), python, end)

    def test_a_row_of_macos_and_one_of_windows(self) -> None:
        machines = mltags.machines()
        assert machines["macos-14"] == _machines.Machine("macos-14", "Darwin", None, ("arm64", "x86_64"), None, "", ())
        assert machines["windows-10"] == _machines.Machine(
            "windows-10", "Windows", None, ("amd64", "arm64", "win32"), None, "2025-10-14", ()
        )

    def test_libraries_that_are_not_to_be_had(self) -> None:
        lacks = {name: machine.lacks for name, machine in mltags.machines().items() if machine.lacks}
        photon = ("libGL.so.1", "libICE.so.6", "libSM.so.6", "libX11.so.6", "libXext.so.6", "libXrender.so.1")
        assert lacks == {
            "ubi-8": ("libnsl.so.1",),
            "ubi-9": ("libnsl.so.1",),
            "ubi-10": ("libnsl.so.1",),
            "opensuse-16.0": ("libnsl.so.1",),
            "opensuse-tumbleweed": ("libnsl.so.1",),
            "photon-4.0": photon,
            "photon-5.0": photon,
        }

    def test_ends_of_life_are_dates_rolling_or_empty(self) -> None:
        ends = {machine.end_of_life for machine in mltags.machines().values()} - {"rolling", ""}
        assert all(len(end) == 10 and [len(part) for part in end.split("-")] == [4, 2, 2] for end in ends)

    def test_every_machine_is_a_target_on_each_of_its_architectures(self) -> None:
        for machine in mltags.machines().values():
            for arch in machine.archs:
                target = mltags.Target.of_machine(f"{machine.name}:{arch}", "3.12", implementation="cp")
                assert target.platform_tags[0].endswith(f"_{arch}" if arch != "win32" else "win32")

    def test_a_changed_answer_changes_no_other(self) -> None:
        mltags.machines().clear()
        assert "debian-12" in mltags.machines()


class TestTargets:
    """A machine with a name is a declared target: its libc's tags, its own Python, plain linux tags last."""

    def test_name_alone_means_its_first_architecture_and_its_own_python(self) -> None:
        target = mltags.Target.of_machine("centos-7", linux_tags=None)
        assert target.python == mltags.Python("cp", (3, 6), ["cp36m"])
        assert target.platform_tags[:3] == ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_16_x86_64")
        assert target.platform_tags[-1] == "linux_x86_64"
        assert target.platform is not None
        assert target.platform.evidence == (
            mltags.Evidence("machine", "declared", "'centos-7:x86_64'", "x86_64"),
            mltags.Evidence("libc", "declared", "'centos-7:x86_64'", "glibc 2.17"),
        )

    @pytest.mark.parametrize(
        ("name", "tags"),
        [
            ("centos-7:aarch64", ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64")),
            ("CentOS-7:ARM64", ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64")),
            ("centos-7:linux/arm64", ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64")),
            ("centos-7:arm/v7", ("manylinux_2_17_armv7l", "manylinux2014_armv7l", "linux_armv7l")),
            ("centos-7:armhf", ("manylinux_2_17_armv7l", "manylinux2014_armv7l", "linux_armv7l")),
            ("alpine-3.12:x86", ("musllinux_1_1_i686", "musllinux_1_0_i686", "linux_i686")),
            ("rhel-5:i386", ("manylinux_2_5_i686", "manylinux1_i686", "linux_i686")),
            ("raspberry-pi-os-12:armv6l", ("linux_armv6l",)),
            ("windows-11", ("win_amd64",)),
            ("windows-11:x86_64", ("win_amd64",)),
            ("windows-11:x86", ("win32",)),
            ("windows-11:win32", ("win32",)),
            ("windows-11:arm64", ("win_arm64",)),
        ],
    )
    def test_short_lists(self, name: str, tags: "tuple[str, ...]") -> None:
        assert mltags.Target.of_machine(name, "3.9").platform_tags == tags

    @pytest.mark.parametrize(
        ("name", "tag"),
        [
            ("debian-12", "manylinux_2_36_x86_64"),
            ("debian-12:riscv64", None),
            ("debian-13:riscv64", "manylinux_2_41_riscv64"),
            ("raspberry-pi-os-11", "manylinux_2_31_aarch64"),
            ("raspberry-pi-os-11:armv8l", "manylinux_2_31_armv8l"),
            ("alpine-3.23:loongarch64", "musllinux_1_2_loongarch64"),
            ("macos-11", "macosx_11_0_arm64"),
            ("macos-26:x86_64", "macosx_26_0_x86_64"),
            ("macos-13:amd64", "macosx_13_0_x86_64"),
        ],
    )
    def test_the_machine_is_the_one_that_its_tag_names(self, name: str, tag: "str | None") -> None:
        if tag is None:
            with pytest.raises(mltags.InvalidTarget, match="architecture: debian-12 has x86_64, aarch64"):
                mltags.Target.of_machine(name)
        else:
            assert mltags.Target.of_machine(name, "3.12").platform == mltags.parse_platform(tag)

    def test_a_version_given_comes_before_the_machines_own(self) -> None:
        assert mltags.Target.of_machine("debian-12", "3.13", implementation="cp").python == mltags.Python(
            "cp", (3, 13), ["cp313"]
        )

    def test_a_machine_without_a_python_of_its_own_has_the_running_version(self) -> None:
        python = mltags.Target.of_machine("archlinux", implementation="cp").python
        assert python is not None
        assert python.version == sys.version_info[:2]

    def test_the_machines_own_python_is_a_cpython_unless_another_is_named(self) -> None:
        assert mltags.Target.of_machine("debian-12", implementation="py").python == mltags.Python("py", (3, 11), declared=True)

    def test_under_another_implementation_it_is_a_cpython_still(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mltags.LocalHost, "python", lambda _: {"implementation": "pypy", "version": (3, 10)})
        assert mltags.Target.of_machine("debian-12").python == mltags.Python("cp", (3, 11), ["cp311"])

    def test_the_other_arguments_are_those_of_of(self) -> None:
        target = mltags.Target.of_machine(
            "debian-12:aarch64",
            "3.12.4",
            implementation="cp",
            abis=["cp312d"],
            linux_tags="first",
            max_glibc="2.18",
            environment={"platform_release": "6.1"},
        )
        assert target.platform_tags == (
            "linux_aarch64",
            "manylinux_2_18_aarch64",
            "manylinux_2_17_aarch64",
            "manylinux2014_aarch64",
        )
        assert target.python == mltags.Python("cp", (3, 12), ["cp312d"])
        assert (target.environment["platform_release"], target.environment["python_full_version"]) == ("6.1", "3.12.4")

    @pytest.mark.parametrize(
        ("name", "system", "machine", "sys_platform"),
        [
            ("debian-12:arm64", "Linux", "aarch64", "linux"),
            ("raspberry-pi-os-12:armv7l", "Linux", "armv7l", "linux"),
            ("raspberry-pi-os-12:armv8l", "Linux", "aarch64", "linux"),
            ("macos-14", "Darwin", "arm64", "darwin"),
            ("windows-11:x86", "Windows", "x86", "win32"),
        ],
    )
    def test_environment_markers(self, name: str, system: str, machine: str, sys_platform: str) -> None:
        found = mltags.Target.of_machine(name, "3.12", implementation="cp").environment
        assert (found["platform_system"], found["platform_machine"], found["sys_platform"]) == (system, machine, sys_platform)

    @pytest.mark.parametrize("name", ["manylinux2014", "win_amd64", "manylinux_2_28_x86_64"])
    def test_a_platform_tag_is_no_machine(self, name: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Target.of_machine(name)
        problem = "that is a platform tag; pass it to --platform (Target.of(platform=...))"
        assert (caught.value.part, caught.value.problem) == ("machine", problem)

    def test_a_marker_given_comes_before_what_the_machine_says(self) -> None:
        target = mltags.Target.of_machine("raspberry-pi-os-12:armv8l", environment={"platform_machine": "armv8l"})
        assert target.environment["platform_machine"] == "armv8l"

    def test_a_saved_one_is_equal(self) -> None:
        target = mltags.Target.of_machine("alpine-3.20:arm64")
        assert mltags.Target.from_json(target.to_json()) == target


class TestNames:
    """A name that no machine has: the error names those that are meant."""

    @pytest.mark.parametrize(
        ("name", "part", "problem"),
        [
            ("centos7", "machine", "did you mean centos-7?"),
            ("centos-7.9.2009", "machine", "did you mean centos-7?"),
            ("debian-12.5", "machine", "did you mean debian-12?"),
            ("debian:12", "machine", "did you mean debian-12?"),
            ("Ubuntu24.04", "machine", "did you mean ubuntu-24.04?"),
            ("ubuntu-24.04.1", "machine", "did you mean ubuntu-24.04?"),
            ("bookworm", "machine", "did you mean debian-12?"),
            ("debian-sid", "machine", "did you mean debian-unstable?"),
            ("rocky-9", "machine", "did you mean rockylinux-9?"),
            ("rocky-9.3", "machine", "did you mean rockylinux-9?"),
            ("al2023", "machine", "did you mean amazonlinux-2023?"),
            ("el8", "machine", "did you mean rhel-8?"),
            ("rhubi-9", "machine", "did you mean ubi-9?"),
            ("opensuse-leap-15.6", "machine", "did you mean opensuse-15.6?"),
            ("aws-lambda-3.12", "machine", "did you mean aws-lambda-python3.12?"),
            ("macOS15", "machine", "did you mean macos-15?"),
            ("win11", "machine", "did you mean windows-11?"),
            ("debian:12-slim", "machine", "did you mean debian-12?"),
            ("ubuntu:noble", "machine", "did you mean ubuntu-24.04?"),
            ("debian:bookworm-slim", "machine", "did you mean debian-12?"),
            ("docker.io/library/debian:11", "machine", "did you mean debian-11?"),
            ("registry.access.redhat.com/ubi9/python-311", "machine", "did you mean ubi-9?"),
            ("ubi8-minimal", "machine", "did you mean ubi-8?"),
            ("macos-14-arm64", "machine", "did you mean macos-14?"),
            ("ubuntu-22", "machine", "expected one of ubuntu-22.04, ubuntu-22.10"),
            ("alpine-3.20:armhf", "architecture", "alpine-3.20 has x86_64, aarch64, armv7l, i686, ppc64le, riscv64, s390x"),
            ("windows-latest", "machine", "expected one of windows-10, windows-11"),
            ("centos:stream9", "machine", "did you mean centos-stream-9?"),
            ("python:3.12-slim-bookworm", "machine", "did you mean debian-12?"),
            ("python:3.12-alpine3.20", "machine", "did you mean alpine-3.20?"),
            ("public.ecr.aws/lambda/python:3.12", "machine", "did you mean aws-lambda-python3.12?"),
            ("Debian GNU/Linux 12 (bookworm)", "machine", "did you mean debian-12?"),
            ("CentOS Linux 7 (Core)", "machine", "did you mean centos-7?"),
            ("Red Hat Enterprise Linux 9.4 (Plow)", "machine", "did you mean rhel-9?"),
            ("Alpine Linux v3.20", "machine", "did you mean alpine-3.20?"),
            ("Fedora Linux 40 (Container Image)", "machine", "did you mean fedora-40?"),
            ("Oracle Linux Server 8.9", "machine", "did you mean oraclelinux-8?"),
            ("Raspbian GNU/Linux 11 (bullseye)", "machine", "did you mean raspberry-pi-os-11?"),
            ("macOS Sonoma", "machine", "did you mean macos-14?"),
            (
                "quay.io/pypa/manylinux_2_28_x86_64:latest",
                "machine",
                "that is a platform tag; pass it to --platform (Target.of(platform=...))",
            ),
            ("arch", "machine", "did you mean archlinux?"),
            ("debain-12", "machine", "did you mean debian-12?"),
            ("amazonlinux", "machine", "expected one of amazonlinux-2, amazonlinux-2023"),
            ("raspberrypi", "machine", "expected one of raspberry-pi-os-11, raspberry-pi-os-12, raspberry-pi-os-13"),
            ("raspbian:armv7l", "machine", "expected one of raspberry-pi-os-11, raspberry-pi-os-12, raspberry-pi-os-13"),
            ("photon-3.0", "machine", "expected one of photon-4.0, photon-5.0"),
            (
                "centos",
                "machine",
                "expected one of centos-6, centos-7, centos-8, centos-stream-8, centos-stream-9, centos-stream-10",
            ),
            ("alpine", "machine", f"expected one of {', '.join([f'alpine-3.{minor}' for minor in range(12, 24)])}"),
            ("nonsense", "machine", "there is no machine of that name; the command machines lists them (mltags.machines())"),
            ("", "machine", "there is no machine of that name; the command machines lists them (mltags.machines())"),
            ("debian-12:mips", "architecture", "debian-12 has x86_64, aarch64, armv7l, i686, ppc64le, s390x"),
            ("debian-12:x32", "architecture", "debian-12 has x86_64, aarch64, armv7l, i686, ppc64le, s390x"),
            ("windows-11:ia64", "architecture", "windows-11 has amd64, arm64, win32"),
            ("archlinux:", "architecture", "is missing; archlinux has x86_64"),
        ],
    )
    def test_the_problem(self, name: str, part: str, problem: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Target.of_machine(name)
        assert (caught.value.text, caught.value.part, caught.value.problem) == (name, part, problem)

    def test_every_release_of_a_name_is_listed(self) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Target.of_machine("ubuntu")
        known = [name for name in mltags.machines() if name.startswith("ubuntu-")]
        assert len(known) == 26
        assert caught.value.problem == f"expected one of {', '.join(known)}"

    def test_what_is_no_text_is_no_machine(self) -> None:
        with pytest.raises(mltags.InvalidTarget, match="invalid target '12': machine: there is no machine of that name"):
            mltags.Target.of_machine(12)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("tag", "named"),
        [
            ("centos7", "centos-7"),
            ("centos-7", "centos-7"),
            ("centos-7:aarch64", "centos-7"),
            ("debian:12", "debian-12"),
            ("raspberrypi", "one of raspberry-pi-os-11, raspberry-pi-os-12, raspberry-pi-os-13"),
        ],
    )
    def test_a_machine_in_place_of_a_platform_tag_is_pointed_to_its_option(self, tag: str, named: str) -> None:
        with pytest.raises(mltags.InvalidPlatformTag) as caught:
            mltags.parse_platform(tag)
        assert caught.value.part == "platform tag"
        problem = f"that is the name of a machine, not a tag; pass it to --machine (Target.of_machine) as {named}"
        assert caught.value.problem == problem

    @pytest.mark.parametrize("tag", ["win", "nonsense", "centos_7_x86_64"])
    def test_what_no_machine_is_called_gets_the_forms_of_tags(self, tag: str) -> None:
        with pytest.raises(mltags.InvalidPlatformTag) as caught:
            mltags.parse_platform(tag)
        assert caught.value.problem == FORMS


class TestFitting:
    """On which machines wheels would install, with each machine's own Python or a given one."""

    def test_where_one_wheel_fits(self) -> None:
        wheel = "numpy-2.2.6-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
        names = [
            name for name, fitting in mltags.machines_fitting([wheel]).items() if fitting and not name.startswith("fedora")
        ]
        has_own = {name: machine.python_version for name, machine in mltags.machines().items()}
        assert [name for name in names if has_own[name.partition(":")[0]]] == [
            "ubuntu-24.04:x86_64",
            "ubuntu-24.10:x86_64",
            "rhel-10:x86_64",
            "ubi-10:x86_64",
            "centos-stream-10:x86_64",
            "almalinux-10:x86_64",
            "rockylinux-10:x86_64",
            "oraclelinux-10:x86_64",
            "aws-lambda-python3.12:x86_64",
            "alt-p11:x86_64",
        ]

    def test_each_of_several_in_their_order(self) -> None:
        one, other = "a-1-cp39-cp39-manylinux_2_17_aarch64.whl", "a-1-py3-none-any.whl"
        fitting = mltags.machines_fitting(iter([one, other]), "3.9")
        assert fitting["centos-7:aarch64"] == (one, other)
        assert fitting["centos-7:x86_64"] == (other,)
        assert fitting["alpine-3.12:aarch64"] == (other,)
        assert set(fitting) == {f"{name}:{arch}" for name, machine in mltags.machines().items() for arch in machine.archs}

    def test_a_given_version_counts_on_every_machine(self) -> None:
        wheel = "a-1-cp39-cp39-win_amd64.whl"
        assert [name for name, fitting in mltags.machines_fitting([wheel], "3.9").items() if fitting] == [
            "windows-10:amd64",
            "windows-11:amd64",
        ]

    def test_a_malformed_name_is_an_error(self) -> None:
        with pytest.raises(mltags.InvalidWheelName, match="must end in"):
            mltags.machines_fitting(["a-1.zip"])

    def test_a_single_text_is_not_a_list(self) -> None:
        with pytest.raises(mltags.InvalidWheelName, match="expected a list of names"):
            mltags.machines_fitting("a-1-py3-none-any.whl")


class TestHints:
    """When well-known distributions reached a version of glibc, as explain says it."""

    @pytest.mark.parametrize(
        ("libc", "hint"),
        [
            (mltags.Glibc(2, 5), "glibc 2.5: Debian 7, Ubuntu 12.04, RHEL 5, Amazon Linux 2"),
            (mltags.Glibc(2, 17), "glibc 2.17: Debian 8, Ubuntu 13.04, RHEL 7, Amazon Linux 2"),
            (mltags.Glibc(2, 28), "glibc 2.28: Debian 10, Ubuntu 18.10, RHEL 8, Amazon Linux 2023"),
            (mltags.Glibc(2, 33), "glibc 2.33: Debian 12, Ubuntu 21.04, RHEL 9, Amazon Linux 2023"),
            (mltags.Glibc(2, 39), "glibc 2.39: Debian 13, Ubuntu 24.04, RHEL 10"),
            (mltags.Glibc(2, 42), "glibc 2.42: Ubuntu 25.10"),
            (mltags.Glibc(2, 99), ""),
            (mltags.Glibc(3, 0), ""),
            (mltags.Musl(1, 2), ""),
        ],
    )
    def test_the_hint(self, libc: "mltags.Glibc | mltags.Musl", hint: str) -> None:
        assert _machines.first_with(libc) == hint
