"""Fake machines for tests: a plain :class:`mltags.Host` that answers what it was told to, and a way to have every library in
this process see that machine.

Does not need pytest; the fixtures and the marker are in the plugin, :mod:`mltags.pytest_plugin`.
"""

from .._abi import INTERPRETERS, MACHINES
from .._core import Platform
from .._errors import InvalidTarget, MltagsError
from .._host import Sheet
from .._probe import LocalHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .boundary import HostBoundary
    from .._host import Host


#: What may be asked.
_QUESTIONS = tuple([name for name in vars(Sheet) if name[0] != "_"])


class UnscriptedQuestionError(MltagsError, AssertionError):
    """A :class:`FakeHost` was asked something that its test did not script."""


class FakeHost(Sheet):
    """A machine that a test makes up.

    One line is enough for the usual ones: ``FakeHost(glibc="2.17")``, ``FakeHost("aarch64", glibc="2.28")``,
    ``FakeHost(musl="1.2")``. The machine's name implies the pointer size and a matching ELF header unless said otherwise.

    Args:
        machine: as ``os.uname().machine`` says it; for macOS and Windows the platform's name in :mod:`sysconfig`:
            ``"macosx-14.0-arm64"``, ``"win-amd64"``.
        glibc, musl: the version of the C library; with neither, both are absent, with both it is a musl with a shim for glibc's
            functions.
        system: as ``platform.system()`` says it; follows from *machine* where left out.
        pointer_size: bytes in a pointer, 4 or 8.
        elf: the bytes of the interpreter's program file; None: it cannot be read.
        override: the ``_manylinux`` module: any object with the attributes to be asked, or an exception that its import raises.
        python: answers of :meth:`mltags.Host.python`; the running interpreter's where left out.
        platform_tags: for systems other than Linux; those of *machine* where it is a platform's name and they are left out.
        answers: raw answers by question, for the odd cases. An exception is raised, a callable is called with the question's
            arguments, everything else is the answer itself.

    Raises:
        InvalidTarget: a version is no text (the number 2.30 would be 2.3), a pointer has no such size, or there is no such question.
    """

    def __init__(
        self,
        machine: "str" = "x86_64",
        *,
        glibc: "str | None" = None,
        musl: "str | None" = None,
        system: "str | None" = None,
        pointer_size: "int | None" = None,
        elf: "bytes | str | None" = "",
        override: "object | None" = None,
        python: "Mapping[str, object] | None" = None,
        platform_tags: "Iterable[str] | None" = None,
        answers: "Mapping[str, object] | None" = None,
    ) -> "None":
        for family, version in (("glibc", glibc), ("musl", musl)):
            if version is not None and not isinstance(version, str):  # not every caller is typed
                raise InvalidTarget(repr(version), f"{family} version", "a text such as '2.17' is accepted")
        if pointer_size not in (None, 4, 8):
            raise InvalidTarget(repr(pointer_size), "pointer size", "4 and 8 are accepted")
        for question in answers or {}:
            if question not in _QUESTIONS:
                raise InvalidTarget(question, "question", f"those of mltags.Host are accepted: {', '.join(_QUESTIONS)}")
        if system is None:
            system = "Darwin" if machine.startswith("macosx-") else "Windows" if machine.startswith("win") else "Linux"
        self._repr = f"FakeHost({machine!r}, glibc={glibc!r}, musl={musl!r})"
        libc = f"musl-{musl}" if musl else f"glibc-{glibc}" if glibc else system.lower()
        #: A short name for the ids of tests: ``aarch64-glibc-2.28``.
        self.mltags_id: str = f"{machine}-{libc}"
        e_machine, bits, order = _identity(machine, pointer_size)
        size = bits // 8 if pointer_size is None else pointer_size
        loader = f"/lib/ld-musl-{machine}.so.1" if musl else "/lib/ld-linux.so.2"
        files: dict[str, bytes] = {}
        if elf is not None:
            made = make_elf(machine, bits=bits, order=order, e_machine=e_machine, interpreter=loader)
            files["/usr/bin/python3"] = elf if isinstance(elf, bytes) else made

        def read(path: "str", size: "int", offset: "int" = 0) -> "bytes":
            if path not in files:
                raise FileNotFoundError(f"no such file: {path}")
            return files[path][offset : offset + size]

        self._answers: dict[str, object] = {
            "system": system,
            "platform": f"linux-{machine}" if system == "Linux" else machine,
            "declared_platform": None,
            "pointer_size": size,
            "confstr": f"glibc {glibc}" if glibc and not musl else ValueError("unrecognized configuration name"),
            "gnu_get_libc_version": glibc or AttributeError("undefined symbol: gnu_get_libc_version"),
            "executable": "/usr/bin/python3",
            "read": read,
            "override": override,
            "python": LocalHost().python if python is None else dict(python),
        }
        if musl:
            release = musl if musl.count(".") > 1 else f"{musl}.0"
            files[loader] = f"\0musl libc ({machine})\nVersion %s\n\0{release}\0".encode()
            self._answers["run_loader"] = f"musl libc ({machine})\nVersion {release}\nDynamic Program Loader\n"
        if platform_tags is not None:
            self._answers["platform_tags"] = tuple(platform_tags)
        elif machine.startswith(("macosx-", "win")):
            tag = machine.replace("-", "_").replace(".", "_")
            self._answers["platform_tags"] = lambda: Platform.parse(tag).listed
        self._answers.update(answers or {})

    def __repr__(self) -> "str":
        return self._repr

    def _answer(self, question: "str", *arguments: "object") -> "object":
        if question not in self._answers:
            raise UnscriptedQuestionError(f"{self!r} was asked {question!r} with {arguments!r}, which its test did not script")
        answer = self._answers[question]
        if isinstance(answer, BaseException) or (isinstance(answer, type) and issubclass(answer, BaseException)):
            raise answer
        # A module is asked, not called, even where it happens to be callable.
        return answer(*arguments) if callable(answer) and question != "override" else answer

    def source(self, question: "str") -> "str":
        return LocalHost().source(question)


#: machine -> the ELF identity of its interpreters, where that is not the machine's own.
_IDENTITIES = {"armv8l": "armv7l", "armv6l": "armv7l", "i386": "i686", "i586": "i686"}


def _identity(machine: "str", size: "int | None" = None) -> "tuple[int, int, str]":
    """(e_machine, bits, byte order) of a machine's interpreters; x86-64's for a machine nobody has heard of.

    *size*: bytes of a pointer, where those of its family are wanted that have such ones.
    """
    name = _IDENTITIES.get(machine, machine)
    own = next((key for key, arch in INTERPRETERS.items() if arch == name), None)
    if own is None:
        return 62, 64, "little"
    alike = [key for key in INTERPRETERS if MACHINES[key[0]] == MACHINES[own[0]] and key[1:] == (8 * (size or 0), own[2])]
    return alike[0] if alike else own


def make_elf(
    machine: "str" = "x86_64",
    *,
    bits: "int | None" = None,
    order: "str | None" = None,
    e_machine: "int | None" = None,
    flags: "int | None" = None,
    interpreter: "str | None" = "/lib64/ld-linux-x86-64.so.2",
) -> "bytes":
    """Make the smallest ELF program of *machine* that a probe can read; it cannot be run.

    *bits*, *order*, *e_machine* and *flags* (e_flags; EABI 5 and hard float on ARM) follow from *machine* where left out;
    *interpreter* is its loader (PT_INTERP), None for a statically linked program.
    """
    import struct

    known_machine, known_bits, known_order = _identity(machine)
    e_machine = known_machine if e_machine is None else e_machine
    bits = known_bits if bits is None else bits
    mark = ">" if (order or known_order) == "big" else "<"
    if flags is None:
        flags = 0x05000400 if e_machine == 40 else 0
    path = b"" if interpreter is None else interpreter.encode() + b"\0"
    kind = 1 if interpreter is None else 3  # PT_LOAD, PT_INTERP
    ident = b"\x7fELF" + bytes([bits // 32, 2 if mark == ">" else 1, 1]) + bytes(9)
    if bits == 64:
        header = struct.pack(mark + "HHIQQQIHHHHHH", 2, e_machine, 1, 0, 64, 0, flags, 64, 56, 1, 64, 0, 0)
        program = struct.pack(mark + "IIQQQQQQ", kind, 4, 120, 0, 0, len(path), len(path), 1)
    else:
        header = struct.pack(mark + "HHIIIIIHHHHHH", 2, e_machine, 1, 0, 52, 0, flags, 52, 32, 1, 40, 0, 0)
        program = struct.pack(mark + "IIIIIIII", kind, 84, 0, 0, len(path), len(path), 4, 1)
    return ident + header + program + path


def _on_debian(release: "str", glibc: "str") -> "dict[str, FakeHost]":
    """A release of Debian on each of its machines that others test for; plain ``debian-12`` is x86_64."""
    machines = ":x86_64 -i386:i686 -arm64:aarch64 -armhf:armv7l -ppc64el:ppc64le -s390x:s390x"
    rows = [row.split(":") for row in machines.split()]
    return {f"debian-{release}{suffix}": FakeHost(machine, glibc=glibc) for suffix, machine in rows}


#: Machines that people test for, by name. Versions of the C library are those of the release's own packages.
hosts: "dict[str, FakeHost]" = {
    "centos-6": FakeHost(glibc="2.12"),
    "centos-7": FakeHost(glibc="2.17"),
    "amazon-linux-2": FakeHost(glibc="2.26"),
    "amazon-linux-2023": FakeHost(glibc="2.34"),
    "almalinux-8": FakeHost(glibc="2.28"),
    "almalinux-9": FakeHost(glibc="2.34"),
    "almalinux-10": FakeHost(glibc="2.39"),
    **_on_debian("11", "2.31"),
    **_on_debian("12", "2.36"),
    **_on_debian("13", "2.41"),
    "debian-13-riscv64": FakeHost("riscv64", glibc="2.41"),
    "ubuntu-20.04": FakeHost(glibc="2.31"),
    "ubuntu-22.04": FakeHost(glibc="2.35"),
    "ubuntu-24.04": FakeHost(glibc="2.39"),
    "ubuntu-24.04-arm64": FakeHost("aarch64", glibc="2.39"),
    "alpine-3.18": FakeHost(musl="1.2.4"),
    "alpine-3.20": FakeHost(musl="1.2.5"),
    "alpine-3.20-arm64": FakeHost("aarch64", musl="1.2.5"),
    "alpine-3.20-x86": FakeHost("i686", musl="1.2.5"),
    # Its kernel is a 64-bit one on everything newer than a Pi 2; its programs are 32-bit.
    "raspberry-pi-os-32": FakeHost("aarch64", glibc="2.36", pointer_size=4),
    "raspberry-pi-os-64": FakeHost("aarch64", glibc="2.36"),
    "raspberry-pi-zero": FakeHost("armv6l", glibc="2.36"),
    "macos-13-x86_64": FakeHost("macosx-13.0-x86_64"),
    "macos-14": FakeHost("macosx-14.0-arm64"),
    "windows-11": FakeHost("win-amd64"),
    "windows-11-arm64": FakeHost("win-arm64"),
    "windows-32": FakeHost("win32", pointer_size=4),
}


def using_host(host: "Host | str") -> "HostBoundary":
    """Put *host*, or the one of that name in ``hosts``, in place of this machine, for every library in this process.

    Replaced while it is in force: what ``os.confstr``, :mod:`ctypes`, :mod:`sysconfig`, :mod:`platform` and
    ``struct.calcsize("P")`` say of the machine, ``sys.executable`` (a small program file that cannot be run, with a loader
    that can), ``_PYTHON_HOST_PLATFORM`` and the ``_manylinux`` module; packaging's caches are cleared before and after, in
    every loaded copy. Not replaced: the running Python (its version, ``sys.platform``, ``os.name``), and whatever another
    process sees, a child included. For all threads of the process; may be nested, and may
    decorate a function.

    Raises:
        InvalidTarget: there is no host of that name; the problem lists those that are.
    """
    from .boundary import HostBoundary

    return HostBoundary(find_host(host))


def find_host(host: "Host | str") -> "Host":
    """*host* itself, or the one of that name in ``hosts``; ``InvalidTarget`` where there is none."""
    if not isinstance(host, str):
        return host
    if host not in hosts:
        problem = (
            "a machine with its C library is accepted, such as ('aarch64', glibc='2.28'), or a name in mltags.testing.hosts"
        )
        raise InvalidTarget(host, "host", f"{problem}: {', '.join(hosts)}")
    return hosts[host]
