"""Beside packaging: the same machine faked at the operating-system boundary, both lists element by element.

Every deviation is a row of a table, with the rule that wants it.
"""

import sys
import sysconfig
from pathlib import Path

import hypothesis
import packaging
import packaging.tags
import pytest
from conftest import module, os_machine, packaging_tags
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from packaging.version import Version

import mltags
from mltags import _core, _probe
from mltags.testing import make_elf

HARD, SOFT = 0x05000400, 0x05000200
ARM = {"e_machine": 40, "bits": 32, "order": "little"}
I386 = {"e_machine": 3, "bits": 32, "order": "little"}
X32 = {"e_machine": 62, "bits": 32, "order": "little"}
X86_64 = {"e_machine": 62, "bits": 64, "order": "little"}

#: Machines on which both agree: (platform, pointer size, confstr, ELF identity).
AGREED: dict[str, tuple] = {
    "x86_64": ("linux-x86_64", 8, "glibc 2.36", X86_64),
    "x86_64, glibc 2.4": ("linux-x86_64", 8, "glibc 2.4", X86_64),
    "x86_64, glibc 2.5": ("linux-x86_64", 8, "glibc 2.5", X86_64),
    "x86_64, glibc 3.2": ("linux-x86_64", 8, "glibc 3.2", X86_64),
    "x86_64, glibc 4.1": ("linux-x86_64", 8, "glibc 4.1", X86_64),
    "x86_64, glibc 1.1": ("linux-x86_64", 8, "glibc 1.1", X86_64),
    "x86_64, unreadable program": ("linux-x86_64", 8, "glibc 2.36", None),
    "i386 Python on a 64-bit kernel": ("linux-x86_64", 4, "glibc 2.36", I386),
    "the same under linux32": ("linux-i686", 4, "glibc 2.36", I386),
    "i686, unreadable program": ("linux-i686", 4, "glibc 2.36", None),
    "i586": ("linux-i586", 4, "glibc 2.36", I386),
    "x32": ("linux-x86_64", 4, "glibc 2.36", X32),
    "aarch64": ("linux-aarch64", 8, "glibc 2.17", {"e_machine": 183}),
    "aarch64, glibc 2.16": ("linux-aarch64", 8, "glibc 2.16", {"e_machine": 183}),
    "armhf": ("linux-armv7l", 4, "glibc 2.41", {**ARM, "flags": HARD}),
    "armel": ("linux-armv7l", 4, "glibc 2.41", {**ARM, "flags": SOFT}),
    "armhf on a 64-bit kernel": ("linux-aarch64", 4, "glibc 2.41", {**ARM, "flags": HARD}),
    "armhf under linux32": ("linux-armv8l", 4, "glibc 2.41", {**ARM, "flags": HARD}),
    "armv6l": ("linux-armv6l", 4, "glibc 2.41", {**ARM, "flags": HARD}),
    "ppc64le": ("linux-ppc64le", 8, "glibc 2.43", {"e_machine": 21}),
    "s390x": ("linux-s390x", 8, "glibc 2.43", {"e_machine": 22, "order": "big"}),
    "riscv64": ("linux-riscv64", 8, "glibc 2.43", {"e_machine": 243}),
    "loongarch64": ("linux-loongarch64", 8, "glibc 2.43", {"e_machine": 258}),
    "mips64": ("linux-mips64", 8, "glibc 2.43", {"e_machine": 8, "order": "big"}),
    "neither C library": ("linux-x86_64", 8, None, X86_64),
    "no Linux platform": ("isilon onefs", 8, None, X86_64),
    "a cross target of another family": ("linux-aarch64", 8, "glibc 2.36", X86_64),
    "a cross target of another family, armv7l": ("linux-armv7l", 8, "glibc 2.36", X86_64),
}


def elf_of(identity: "dict | None") -> "bytes | None":
    return None if identity is None else make_elf(**{"bits": 64, "order": "little", **identity})


#: rule -> (platform, pointer size, confstr, ELF identity, our tags beyond packaging's, packaging's beyond ours).
DEVIATING: dict[str, tuple] = {
    "R4: an unheard-of architecture": (
        "linux-legv8le",
        8,
        "glibc 2.18",
        {"e_machine": 999},
        ["manylinux_2_18_legv8le", "manylinux_2_17_legv8le", "manylinux2014_legv8le"],
        [],
    ),
    "R6: s390 on s390x": (
        "linux-s390x",
        4,
        "glibc 2.18",
        {"e_machine": 22, "bits": 32, "order": "big"},
        [],
        ["manylinux_2_18_s390x", "manylinux_2_17_s390x", "manylinux2014_s390x"],
    ),
    "R6: 32-bit ppc on ppc64": (
        "linux-ppc64",
        4,
        "glibc 2.17",
        {"e_machine": 20, "bits": 32, "order": "big"},
        [],
        ["manylinux_2_17_ppc64", "manylinux2014_ppc64"],
    ),
    "R6: a 64-bit interpreter under linux32": (
        "linux-i686",
        8,
        "glibc 2.6",
        X86_64,
        ["linux_x86_64", "manylinux_2_6_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"],
        [],
    ),
    "R6: aarch64 under linux32": (
        "linux-armv8l",
        8,
        "glibc 2.17",
        {"e_machine": 183},
        ["linux_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"],
        [],
    ),
}


IDENTITIES = [
    None,
    I386,
    X86_64,
    X32,
    {**ARM, "flags": HARD},
    {**ARM, "flags": SOFT},
    {**ARM, "flags": 0x04000400},
    {**ARM, "order": "big", "flags": HARD},
    {"e_machine": 183},
    {"e_machine": 183, "bits": 32},
    {"e_machine": 183, "order": "big"},
    {"e_machine": 21},
    {"e_machine": 21, "order": "big"},
    {"e_machine": 20, "bits": 32, "order": "big"},
    {"e_machine": 22, "order": "big"},
    {"e_machine": 22, "bits": 32, "order": "big"},
    {"e_machine": 243},
    {"e_machine": 258},
    {"e_machine": 8, "order": "big"},
    {"e_machine": 999},
]
KNOWN = ("x86_64", "i686", "aarch64", "armv7l", "armv8l", "ppc64", "ppc64le", "s390x", "riscv64", "loongarch64")
OTHER = ("i386", "i586", "armv6l", "armv5tel", "mips", "mips64", "s390", "ppc", "aarch64_be", "sparc64", "legv8le", "foo64")
VERDICTS = {"yes": True, "no": False, "none": None, "odd": "no"}


def rule_for(machine: str, size: int, identity: "dict | None") -> "str | None":
    """The rule by which we may differ from packaging on such a machine, in this file's own words; None where there is none."""
    name = {"x86_64": "i686", "aarch64": "armv8l"}.get(machine, machine) if size == 4 else machine
    if name not in KNOWN:
        return "R4: packaging does not know the architecture; or R6"
    if identity is None:
        return "R7: /proc/self/exe is read instead, a 64-bit x86 program" if (size, name) == (8, "i686") else None
    elf = {"bits": 64, "order": "little", "flags": 0, **identity}
    if elf["bits"] != size * 8:
        # Both look at the same three names; packaging does not compare the header with the pointers.
        return "R6: a header of another size counts as unreadable" if name in {"i686", "armv7l", "armv8l"} else None
    families = {3: "x86", 62: "x86", 40: "arm", 183: "arm", 20: "ppc", 21: "ppc", 22: "s390", 243: "riscv", 258: "loongarch"}
    mine = {"x86_64": "x86", "i686": "x86", "s390x": "s390", "ppc64": "ppc", "ppc64le": "ppc", "riscv64": "riscv"}
    family = mine.get(name, "loongarch" if name == "loongarch64" else "arm")
    if families.get(elf["e_machine"]) != family:
        return None  # a cross target: packaging's answer
    if size == 4 and name in {"s390x", "ppc64", "ppc64le", "riscv64", "loongarch64"}:
        return "R6: a 32-bit interpreter of a 64-bit family"
    if size == 8 and name in {"i686", "armv7l", "armv8l"}:
        return "R6: a 64-bit interpreter under linux32"
    # The header of a 64-bit interpreter is not looked at where confstr names glibc.
    return None


class TestR4SameAsPackaging:
    """On every architecture that packaging knows, the list is packaging's on the same facts, element by element; where it is not,
    a rule says why."""

    @pytest.mark.parametrize("row", AGREED.values(), ids=AGREED)
    def test_both_agree(self, row: tuple, tmp_path: Path) -> None:
        platform, size, confstr, identity = row
        with os_machine(tmp_path, platform=platform, pointer_size=size, confstr=confstr, elf=elf_of(identity)):
            assert list(mltags.platform_tags()) == packaging_tags(size)

    @pytest.mark.parametrize("rule", DEVIATING)
    def test_a_deviation_is_the_one_its_rule_wants(self, rule: str, tmp_path: Path) -> None:
        platform, size, confstr, identity, ours, theirs = DEVIATING[rule]
        with os_machine(tmp_path, platform=platform, pointer_size=size, confstr=confstr, elf=elf_of(identity)):
            mine, packagings = list(mltags.platform_tags()), packaging_tags(size)
        assert [tag for tag in mine if tag not in packagings] == ours
        assert [tag for tag in packagings if tag not in mine] == theirs
        assert [tag for tag in mine if tag in packagings] == [tag for tag in packagings if tag in mine]

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
    @given(
        machine=st.sampled_from(KNOWN + OTHER),
        size=st.sampled_from([4, 8]),
        glibc=st.one_of(st.none(), st.tuples(st.just(2), st.integers(0, 60)), st.tuples(st.integers(0, 5), st.integers(0, 60))),
        identity=st.sampled_from(IDENTITIES),
        verdicts=st.one_of(st.none(), st.lists(st.sampled_from(sorted(VERDICTS)), min_size=1, max_size=7)),
        legacy=st.dictionaries(
            st.sampled_from(["manylinux1_compatible", "manylinux2010_compatible", "manylinux2014_compatible"]),
            st.sampled_from([True, False, None, 0, "x"]),
        ),
    )
    @example(
        machine="x86_64", size=8, glibc=(2, 20), identity=X86_64, verdicts=None, legacy={"manylinux2014_compatible": False}
    )
    @example(machine="armv8l", size=4, glibc=(2, 20), identity=IDENTITIES[4], verdicts=["no", "yes"], legacy={})
    def test_any_machine_is_judged_as_packaging_does_or_by_a_rule(
        self,
        machine: str,
        size: int,
        glibc: "tuple[int, int] | None",
        identity: "dict | None",
        verdicts: "list[str] | None",
        legacy: dict,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        calls: list[tuple] = []
        attributes = dict(legacy)
        if verdicts is not None:

            def manylinux_compatible(*arguments: object) -> object:
                calls.append(arguments)
                return VERDICTS[verdicts[(arguments[1] + len(arguments[2])) % len(verdicts)]]  # type: ignore[operator,arg-type]

            attributes["manylinux_compatible"] = manylinux_compatible
        confstr = None if glibc is None else "glibc {}.{}".format(*glibc)
        with os_machine(
            tmp_path_factory.getbasetemp(),
            platform=f"linux-{machine}",
            pointer_size=size,
            confstr=confstr,
            elf=elf_of(identity),
            override=module(**attributes),
        ):
            ours = list(mltags.platform_tags())
            our_calls = list(calls)
            calls.clear()
            theirs = packaging_tags(size)
        rule = rule_for(machine, size, identity)
        if rule is None:
            assert ours == theirs
            assert our_calls == calls
        else:
            plain = [tag for tag in theirs if tag.startswith("linux_")]
            assert ours[: len(plain)] == plain, rule
            assert len(set(ours)) == len(ours)

    def test_this_machine_agrees(self) -> None:
        assert list(mltags.platform_tags()) == list(packaging.tags.platform_tags())
        assert list(mltags.sys_tags()) == list(packaging.tags.sys_tags())

    def test_a_system_that_is_not_linux_is_packagings(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("platform.system", lambda: "Darwin")
            patch.setattr("platform.mac_ver", lambda: ("13.2", ("", "", ""), "arm64"))
            tags = mltags.platform_tags()
            assert list(tags) == list(packaging.tags.platform_tags())
            assert tags[:2] == ("macosx_13_0_arm64", "macosx_13_0_universal2")
            assert list(mltags.sys_tags()) == list(packaging.tags.sys_tags())
            patch.setattr("platform.system", lambda: "Windows")
            patch.setattr("sysconfig.get_platform", lambda: "win-amd64")
            assert mltags.platform_tags() == ("win_amd64",)
        assert sys.platform == "linux"
        assert mltags.probe().system == "Linux"


class TestR5MuslTags:
    """Where the ABI is right, the musllinux tags are packaging's; soft-float ARM has none."""

    @pytest.mark.parametrize("machine", KNOWN)
    def test_musl_tags_agree_where_the_abi_does(self, machine: str, tmp_path: Path) -> None:
        small = machine in {"i686", "armv7l", "armv8l"}
        size = 4 if small else 8
        loader = tmp_path / "ld-musl-stub.so.1"
        loader.write_text("#!/bin/sh\nprintf 'musl libc (stub)\\nVersion 1.2.5\\n' >&2; exit 1\n")
        loader.chmod(0o755)
        elf = make_elf(machine, interpreter=str(loader))
        with os_machine(tmp_path, platform=f"linux-{machine}", pointer_size=size, elf=elf):
            assert list(mltags.platform_tags()) == packaging_tags(size)
            assert any(tag.startswith("musllinux_1_2_") for tag in packaging_tags(size))

    @pytest.mark.parametrize(
        ("machine", "flags"),
        [("armv7l", SOFT), ("armv8l", SOFT), ("armv7l", 0x04000400)],
        ids=["armv7l", "armv8l", "armv7l of EABI 4"],
    )
    def test_soft_float_musl_has_no_musllinux_tags(self, machine: str, flags: int, tmp_path: Path) -> None:
        # R5: packaging checks hard float for glibc only.
        loader = tmp_path / "ld-musl-stub.so.1"
        loader.write_bytes(b"musl libc (arm)\nVersion %s\n\x001.2.5\x00")
        elf = make_elf(machine, flags=flags, interpreter=str(loader))
        with os_machine(tmp_path, platform=f"linux-{machine}", pointer_size=4, elf=elf):
            plain = {"armv7l": ("linux_armv7l",), "armv8l": ("linux_armv8l", "linux_armv7l")}[machine]
            assert mltags.platform_tags() == plain
            assert mltags.probe().libc == mltags.Musl(1, 2)


FLAGS = {"debug": st.booleans(), "free_threaded": st.booleans(), "pymalloc": st.booleans(), "wide_unicode": st.booleans()}


ABIS = st.lists(
    st.sampled_from(["cp313", "cp313t", "cp313td", "cp27mu", "cp36dm", "abi3", "abi3t", "none", "cpxt", "foo"]),
    max_size=4,
    unique=True,
)


#: Before 26.4 packaging looks at the first ABI alone to see whether a build is free-threaded, even if that one does not identify it.
FIRST_IDENTIFIES = Version(packaging.__version__) < Version("26.4")


SUFFIXES = [
    ".so",
    ".pyd",
    ".cpythonx-311-y.so",
    ".cpython-312-x86_64-linux-gnu.so",
    ".cpython-313t-darwin.so",
    ".cp310-win_amd64.pyd",
    ".pypy311-pp73-x86_64-linux-gnu.so",
    ".graalpy-38-native-x86_64-darwin.dylib",
    ".pyston-23-x86_64-linux-gnu.so",
    ".foo bar.so",
    "..so",
    "",
    None,
    "invalid",
    ".cpython.so",
    ".cpython-.so",
    ".cpythonx.so",
    ".cpython--x.so",
    ".7pypy-1-2.so",
]


class TestR11PairsAsPackaging:
    """The pairs that follow from our rule are packaging's, for CPython and for every other implementation; the ABIs of a running
    one are read as packaging reads them."""

    @given(major=st.sampled_from([2, 3]), minor=st.integers(0, 40), flags=st.fixed_dictionaries(FLAGS))
    def test_cpython_abis_agree(self, major: int, minor: int, flags: dict) -> None:
        answers = {
            "Py_DEBUG": flags["debug"],
            "Py_GIL_DISABLED": flags["free_threaded"],
            "WITH_PYMALLOC": flags["pymalloc"],
            "Py_UNICODE_SIZE": 4 if flags["wide_unicode"] else 2,
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(packaging.tags, "_get_config_var", lambda name, warn=False: answers[name])
            assert _core.cpython_abis((major, minor), flags) == list(packaging.tags._cpython_abis((major, minor)))

    @given(version=st.one_of(st.tuples(st.integers(1, 4)), st.tuples(st.integers(1, 4), st.integers(0, 40))), abis=ABIS)
    def test_cpython_triples_agree(self, version: tuple, abis: list) -> None:
        identifying = [abi for abi in abis if abi == "abi3t" or (abi[:2] == "cp" and abi != "cpxt")]
        hypothesis.assume(not (FIRST_IDENTIFIES and identifying and (identifying[0] != abis[0] or abis[0] == "abi3t")))
        platforms = ["plat2", "plat1"]
        target = mltags.Target(mltags.Python("cp", version, abis), mltags.Platform(system="other", explicit_tags=platforms))
        tags = [*packaging.tags.cpython_tags(version, abis, platforms)]
        tags += packaging.tags.compatible_tags(version, "cp" + "".join(map(str, version)), platforms)
        assert list(target.tags) == list(dict.fromkeys(tags))
        assert list(target.triples) == [str(tag) for tag in dict.fromkeys(tags)]

    @given(
        name=st.sampled_from(["pp", "graalpy", "jy", "py", "fk"]),
        version=st.one_of(st.tuples(st.integers(1, 4)), st.tuples(st.integers(1, 4), st.integers(0, 20))),
        abis=st.lists(st.sampled_from(["pypy311_pp73", "none", "graalpy242_311_native", "foo"]), unique=True, max_size=3),
    )
    def test_other_implementations_agree(self, name: str, version: tuple, abis: list) -> None:
        tags = [*packaging.tags.generic_tags(name + "".join(map(str, version)), abis, ["plat2", "plat1"])]
        tags += packaging.tags.compatible_tags(version, "pp3" if name == "pp" else None, ["plat2", "plat1"])
        python = mltags.Python(name, version, abis)
        target = mltags.Target(python, mltags.Platform(system="other", explicit_tags=["plat2", "plat1"]))
        assert list(target.tags) == list(dict.fromkeys(tags))

    @given(
        name=st.sampled_from(["pp", "graalpy", "jy", "py", "fk"]),
        version=st.one_of(st.tuples(st.integers(1, 4)), st.tuples(st.integers(1, 4), st.integers(0, 20))),
        abis=st.lists(st.sampled_from(["pypy311_pp73", "none", "foo"]), unique=True, max_size=3),
    )
    def test_other_implementations_agree_as_declared(self, name: str, version: tuple, abis: list) -> None:
        interpreter = name + "".join(map(str, version))
        tags = [*packaging.tags.generic_tags(interpreter, abis, ["plat2", "plat1"])]
        tags += packaging.tags.compatible_tags(version, interpreter, ["plat2", "plat1"])
        python = mltags.Python(name, version, abis, declared=True)
        target = mltags.Target(python, mltags.Platform(system="other", explicit_tags=["plat2", "plat1"]))
        # A running PyPy accepts pp3-none-any, and a declared one accepts no less.
        extra = packaging.tags.Tag("pp3", "none", "any")
        assert [tag for tag in target.tags if tag != extra or tag in tags] == list(dict.fromkeys(tags))
        assert (extra in target.tags) is (name == "pp" or extra in tags)

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_abi_of_a_suffix_agrees(self, suffix: "str | None") -> None:
        settings_of_build = {"EXT_SUFFIX": suffix, "Py_DEBUG": 0, "Py_GIL_DISABLED": 0}
        answers = {"implementation": "graalpy", "version": sys.version_info[:2], "ext_suffix": suffix}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(packaging.tags, "_get_config_var", lambda name, warn=False: settings_of_build[name])
            try:
                expected = list(packaging.tags._generic_abi())
            except SystemError:
                with pytest.raises(mltags.ProbeError, match="its ABI is unknown"):
                    _probe.python_from(answers, "a fake")
            else:
                assert _probe.python_from(answers, "a fake").abis == tuple(expected)

    @pytest.mark.parametrize("suffix", ["invalid", None])
    def test_sys_tags_raises_what_packagings_raises(self, suffix: "str | None", monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.implementation, "name", "pypy")
        monkeypatch.setattr(sysconfig, "get_config_var", lambda name: suffix if name == "EXT_SUFFIX" else 0)
        for sys_tags in (packaging.tags.sys_tags, mltags.sys_tags):
            with pytest.raises(SystemError):
                next(sys_tags())
