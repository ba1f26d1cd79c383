"""Machines that a test makes up: hosts with scripted answers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from .. import _core, _declare, _errors, _host, _local
from . import elf as _elf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .._host import Host

#: The beginning of a platform's name in sysconfig -> the system, and an example of a name.
SYSTEMS = {"macosx-": ("Darwin", "macosx-14.0-arm64"), "win": ("Windows", "win-amd64")}

_PROGRAM = "/usr/bin/python3"


class UnscriptedQuestionError(_errors.MltagsError, AssertionError):
    """A :class:`FakeHost` was asked a question that its test did not script.

    >>> import mltags
    >>> from mltags.testing import FakeHost
    >>> mltags.probe(FakeHost("arm64", system="Darwin"))
    Traceback (most recent call last):
    mltags.testing.UnscriptedQuestionError: FakeHost('arm64', glibc=None, musl=None) was asked 'platform_tags', which its test did not script
    """

    __module__ = str(__package__)


class FakeHost(_host.Sheet):
    """A machine that a test makes up; a plain :class:`mltags.Host`.

    One line is enough for common machines. The machine's name implies the pointer size and a matching ELF header unless they are
    given.

    >>> import mltags
    >>> from mltags.testing import FakeHost
    >>> mltags.platform_tags(mltags.probe(FakeHost("aarch64", glibc="2.18")))
    ('linux_aarch64', 'manylinux_2_18_aarch64', 'manylinux_2_17_aarch64', 'manylinux2014_aarch64')
    >>> mltags.probe(FakeHost(musl="1.2")).libc, mltags.probe(FakeHost("macosx-14.0-arm64")).system
    (Musl(1, 2), 'Darwin')

    Args:
        machine: as in ``os.uname().machine``; for macOS and Windows, the platform's name in :mod:`sysconfig`:
            ``"macosx-14.0-arm64"``, ``"win-amd64"``.
        glibc, musl: the version of the C library. Without either, there is none. With both, it is a musl with a shim that
            answers through :mod:`ctypes` only.
        system: as in ``platform.system()``; follows from *machine* unless given.
        pointer_size: bytes in a pointer, 4 or 8.
        elf: the bytes of the interpreter's program file; None: it cannot be read.
        override: the ``_manylinux`` module: any object with the attributes to be asked, or an exception that its import raises.
        python: the answer of :meth:`mltags.Host.python`; the running interpreter's unless given.
        platform_tags: for systems other than Linux; they follow from *machine* if that is a platform's name.
        answers: raw answers by question, for the odd cases. An exception is raised, a callable is called with the question's
            arguments, anything else is the answer.

    A question with no scripted answer raises :class:`UnscriptedQuestionError`.

    Raises:
        InvalidTarget: an argument is not what is expected.
    """

    __module__ = str(__package__)

    def __init__(
        self,
        machine: str = "x86_64",
        *,
        glibc: str | None = None,
        musl: str | None = None,
        system: str | None = None,
        pointer_size: int | None = None,
        elf: bytes | str | None = "",
        override: object | None = None,
        python: Mapping[str, object] | None = None,
        platform_tags: Iterable[str] | None = None,
        answers: Mapping[str, object] | None = None,
    ) -> None:
        for family, version in (("glibc", glibc), ("musl", musl)):
            if version is not None and not isinstance(version, str):  # not every caller is typed
                raise _errors.InvalidTarget(repr(version), f"{family} version", "expected a text such as '2.17'")
        if pointer_size not in (None, 4, 8):
            raise _errors.InvalidTarget(repr(pointer_size), "pointer size", "must be 4 or 8")
        for question in answers or {}:
            if question not in _host.QUESTIONS:
                known = ", ".join(_host.QUESTIONS)
                raise _errors.InvalidTarget(question, "question", f"expected one of those of mltags.Host: {known}")
        implied = next((system for start, (system, _) in SYSTEMS.items() if machine.startswith(start)), "Linux")
        system = implied if system is None else system
        self._repr = f"FakeHost({machine!r}, glibc={glibc!r}, musl={musl!r})"
        libc = f"musl-{musl}" if musl else f"glibc-{glibc}" if glibc else system.lower()
        #: pytest names a test's parameter after this: ``aarch64-glibc-2.28``.
        self.__name__: str = f"{machine}-{libc}"
        e_machine, bits, order = _elf.interpreter_of(machine, pointer_size)
        loader = f"/lib/ld-musl-{machine}.so.1" if musl else "/lib/ld-linux.so.2"
        self._files: dict[str, bytes] = {}
        if elf is not None:
            made = _elf.make_elf(machine, bits=bits, order=order, e_machine=e_machine, interpreter=loader)
            self._files[_PROGRAM] = elf if isinstance(elf, bytes) else made
        self._answers: dict[str, object] = {
            "system": system,
            "platform": f"linux-{machine}" if system == "Linux" else machine,
            "declared_platform": None,
            "pointer_size": pointer_size or bits // 8,
            "confstr": f"glibc {glibc}" if glibc and not musl else ValueError("unrecognized configuration name"),
            "gnu_get_libc_version": glibc or AttributeError("undefined symbol: gnu_get_libc_version"),
            "executable": _PROGRAM,
            "read": self._read,
            "override": override,
            "python": _local.LocalHost().python if python is None else dict(python),
        }
        if musl:
            release = musl if musl.count(".") > 1 else f"{musl}.0"
            self._files[loader] = f"\0musl libc ({machine})\nVersion %s\n\0{release}\0".encode()
            self._answers["run_loader"] = f"musl libc ({machine})\nVersion {release}\nDynamic Program Loader\n"
        if platform_tags is not None:
            self._answers["platform_tags"] = tuple(platform_tags)
        elif implied != "Linux":
            self._answers["platform_tags"] = _tags_elsewhere(machine)
        self._answers.update(answers or {})

    def __repr__(self) -> str:
        return self._repr

    def _read(self, path: str, size: int, offset: int = 0) -> bytes:
        if path not in self._files:
            raise FileNotFoundError(f"no such file: {path}")
        return self._files[path][offset : offset + size]

    def _answer(self, question: str, *arguments: object) -> object:
        if question not in self._answers:
            asked = " ".join([repr(question), *[f"about {argument!r}" for argument in arguments]])
            raise UnscriptedQuestionError(f"{self!r} was asked {asked}, which its test did not script")
        answer = self._answers[question]
        if isinstance(answer, BaseException) or (isinstance(answer, type) and issubclass(answer, BaseException)):
            raise answer
        # A module is returned, not called, even if it happens to be callable.
        return answer(*arguments) if callable(answer) and question != "override" else answer

    def source(self, question: str) -> str:
        return _local.LocalHost().source(question)


def _tags_elsewhere(name: str) -> Callable[[], Iterable[str]]:
    """A function that lists the platform tags of a macOS or Windows whose platform has that name in sysconfig."""
    if not name.startswith("macosx-"):
        return lambda: _declare.parse_platform(name.replace("-", "_")).explicit_tags
    _, version, arch = [*name.split("-", 2), "", ""][:3]
    numbers = _core.leading_version(f"{version}.0")  # in sysconfig's names the minor version may be missing
    if numbers is None or not arch:
        raise _errors.InvalidTarget(name, "machine", f"expected a name such as '{SYSTEMS['macosx-'][1]}'")
    return functools.partial(_declare.numbered_tags, "macosx", numbers, arch)


def _on_machine(name: str) -> FakeHost:
    """The host of a named machine: ``NAME`` or ``NAME:ARCH``, as for :meth:`mltags.Target.of_machine`."""
    machine, arch = _declare.named_machine(name)
    if machine.system == "Windows":
        return FakeHost(arch, pointer_size=4) if arch == "win32" else FakeHost(f"win-{arch}")
    if machine.system == "Darwin":
        return FakeHost(f"macosx-{machine.version}.0-{arch}")
    is_glibc = _core.as_glibc(machine.libc) is not None
    glibc, musl = (str(machine.libc), None) if is_glibc else (None, str(machine.libc))
    if arch == "armv8l":  # 32-bit programs on a 64-bit kernel
        return FakeHost("aarch64", pointer_size=4, glibc=glibc)
    return FakeHost(arch, glibc=glibc, musl=musl)


#: Debian's name of an architecture -> ours.
_DEBIANS = {"i386": "i686", "arm64": "aarch64", "armhf": "armv7l", "ppc64el": "ppc64le", "s390x": "s390x"}

#: Hosts with the same names as in the table of machines.
_SAME = (
    "centos-6 centos-7 almalinux-8 almalinux-9 almalinux-10 debian-11 debian-12 debian-13 ubuntu-20.04 ubuntu-22.04 ubuntu-24.04 "
    "alpine-3.18 alpine-3.20"
)

#: Machines that are often tested, by name. :func:`find_host` and :func:`using_host` also accept every other name of
#: :func:`mltags.machines`.
hosts: dict[str, FakeHost] = {
    name: _on_machine(machine)
    for name, machine in {
        **{name: name for name in _SAME.split()},
        **{f"debian-{release}-{name}": f"debian-{release}:{_DEBIANS[name]}" for release in (11, 12, 13) for name in _DEBIANS},
        "debian-13-riscv64": "debian-13:riscv64",
        "ubuntu-24.04-arm64": "ubuntu-24.04:aarch64",
        "amazon-linux-2": "amazonlinux-2",
        "amazon-linux-2023": "amazonlinux-2023",
        "alpine-3.20-arm64": "alpine-3.20:aarch64",
        "alpine-3.20-x86": "alpine-3.20:i686",
        # On everything newer than a Pi 2 its kernel is 64-bit, and its programs are 32-bit.
        "raspberry-pi-os-32": "raspberry-pi-os-12:armv8l",
        "raspberry-pi-os-64": "raspberry-pi-os-12:aarch64",
        "raspberry-pi-zero": "raspberry-pi-os-12:armv6l",
        "macos-13-x86_64": "macos-13:x86_64",
        "macos-14": "macos-14:arm64",
        "windows-11": "windows-11:amd64",
        "windows-11-arm64": "windows-11:arm64",
        "windows-32": "windows-11:win32",
    }.items()
}


def find_host(host: Host | str) -> Host:
    """*host* itself, the one of that name in ``hosts``, or the machine of that name in :func:`mltags.machines`.

    >>> from mltags.testing import find_host
    >>> find_host("centos-7"), find_host("fedora-43:aarch64")
    (FakeHost('x86_64', glibc='2.17', musl=None), FakeHost('aarch64', glibc='2.42', musl=None))

    Raises:
        InvalidTarget: there is no host of that name; the problem says what is expected.
    """
    if not isinstance(host, str):
        return host
    if host in hosts:
        return hosts[host]
    try:
        return _on_machine(host)
    except _errors.InvalidTarget as wrong:
        problem = (
            "expected a machine with its C library, such as ('aarch64', glibc='2.28'), or a name in mltags.testing.hosts or "
            f"mltags.machines(): {wrong.problem}"
        )
        raise _errors.InvalidTarget(host, "host", problem) from wrong
