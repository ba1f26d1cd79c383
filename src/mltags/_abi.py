"""What only the interpreter's own program shows: its ABI, and whether its C library is musl (R5 to R7, R9)."""

from . import _core, _elf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._core import Glibc, Musl
    from ._elf import Elf
    from ._local import Inquiry

    Libc = Glibc | Musl | None

# Names of architectures

#: Name of an architecture -> (processor family, bytes of a pointer). Other names have no family, except that every name that begins
#: with "arm" is 32-bit ARM.
FAMILIES = {
    **dict.fromkeys(["x86_64"], ("x86", 8)),
    **dict.fromkeys(["i686", "i586", "i486", "i386"], ("x86", 4)),
    **dict.fromkeys(["aarch64", "aarch64_be"], ("arm", 8)),
    **dict.fromkeys(["ppc64", "ppc64le"], ("ppc", 8)),
    **dict.fromkeys(["ppc", "ppcle"], ("ppc", 4)),
    "s390x": ("s390", 8),
    "s390": ("s390", 4),
    "riscv64": ("riscv", 8),
    "riscv32": ("riscv", 4),
    "loongarch64": ("loongarch", 8),
    "loongarch32": ("loongarch", 4),
    "sparc64": ("sparc", 8),
    "sparc": ("sparc", 4),
}

#: (e_machine, bits, byte order) -> the architecture whose wheels such an interpreter loads. Left out on purpose: x32 (EM_X86_64
#: with 32 bits) and AArch64 with 32 bits, for which nobody builds wheels. Source: gABI, e_machine.
INTERPRETERS = {
    (62, 64, "little"): "x86_64",
    (3, 32, "little"): "i686",
    (183, 64, "little"): "aarch64",
    (183, 64, "big"): "aarch64_be",
    (40, 32, "little"): "armv7l",
    (40, 32, "big"): "armeb",
    (21, 64, "big"): "ppc64",
    (21, 64, "little"): "ppc64le",
    (20, 32, "big"): "ppc",
    (20, 32, "little"): "ppcle",
    (22, 64, "big"): "s390x",
    (22, 32, "big"): "s390",
    (243, 64, "little"): "riscv64",
    (243, 32, "little"): "riscv32",
    (258, 64, "little"): "loongarch64",
    (258, 32, "little"): "loongarch32",
    (43, 64, "big"): "sparc64",
    (2, 32, "big"): "sparc",
    (18, 32, "big"): "sparc",
    # Linux uses one name for both byte orders, so the name identifies neither.
    (8, 64, "big"): "mips64",
    (8, 64, "little"): "mips64",
    (8, 32, "big"): "mips",
    (8, 32, "little"): "mips",
}

#: ELF e_machine -> the kernel's name of a machine whose 32-bit interpreters (x32, AArch64 with 32 bits) have no name.
KERNELS = {62: "x86_64", 183: "aarch64"}

#: The kernel's name of a machine -> the name of a 32-bit interpreter on it (R6).
NAMES_OF_32_BITS = {"x86_64": "i686", "aarch64": "armv8l"}

#: Architectures whose tags require more of a machine than its name shows; only the ELF header does (PEP 600, "legv7").
CHECKED = ("armv7l", "armv8l", "i686")

#: The 32-bit interpreters that 64-bit kernels of the same family run under other names (i586, armv6l and the like).
_ORDINARY_32_BITS = ("i686", "armv7l", "armeb")


def family(arch: "str") -> "tuple[str | None, int]":
    """The processor family of an architecture and its bytes in a pointer; (None, 0) for an unknown name."""
    return FAMILIES.get(arch) or (("arm", 4) if arch.startswith("arm") else (None, 0))


#: ELF e_machine -> processor family.
MACHINES = {machine: family(arch)[0] for (machine, _, _), arch in INTERPRETERS.items()}


def arch_of(elf: "Elf") -> "str | None":
    """The architecture whose wheels a program with that header loads; None if it has no name here."""
    return INTERPRETERS.get((elf.machine, elf.bits, elf.order))


def has_abi_of(arch: "str", elf: "Elf | None") -> "bool":
    """Whether *elf* has the ABI of the wheels for an architecture in ``CHECKED``; True for every other architecture (R5)."""
    if arch not in CHECKED:
        return True
    if elf is None:
        return False
    return arch_of(elf) == "i686" if arch == "i686" else elf.is_hard_float_arm


def is_pinned(arch: "str", size: "int") -> "bool":
    """Whether the name of an architecture identifies the ABI of its wheels, as PEP 600 asks ("legv7", "legv8"; R4)."""
    if arch in FAMILIES or arch in CHECKED:
        return arch not in {"i386", "i486", "i586"} and not (arch == "sparc64" and size == 4)
    vague = arch.startswith(("arm", "mips", "e2k")) or (arch.endswith("64") and size == 4)
    return not vague and arch.isascii() and ("_" + arch).isidentifier() and arch != ""


def accepted_archs(arch: "str") -> "tuple[str, ...]":
    """The architectures whose wheels a machine with that name accepts, its own first (R5)."""
    return ("armv8l", "armv7l") if arch == "armv8l" else (arch,)


def is_for(arch: "str | None", archs: "Iterable[str]") -> "bool":
    """Whether a file whose header says *arch* is for one of *archs*; a 32-bit ARM header does not show the version."""
    return arch is not None and (arch in archs or (arch == "armv7l" and any(family(other) == ("arm", 4) for other in archs)))


# From an interpreter's header to its tags


class _Case(_core.Value):
    """What decides the tags of an interpreter.

    ``arch``: the machine's name, for 32-bit pointers that of 32 bits; ``elf``: its program's header, None where unreadable;
    ``is_declared``: a cross target was declared; ``is_musl``: its C library is musl.
    """

    __slots__ = ("arch", "elf", "is_declared", "is_musl")
    arch: "str"
    elf: "Elf | None"
    is_declared: "bool"
    is_musl: "bool"

    @property
    def interpreter(self) -> "str | None":
        """The architecture in the header."""
        return arch_of(self.elf) if self.elf else None

    @property
    def has_abi(self) -> "bool":
        return has_abi_of(self.arch, self.elf)

    @property
    def is_cross(self) -> "bool":
        """Whether the target is not the running machine."""
        known = family(self.arch)[0]
        return self.is_declared or (self.elf is not None and known is not None and MACHINES.get(self.elf.machine) != known)

    @property
    def is_own(self) -> "bool":
        """Whether the machine's name stands for this header."""
        known, size = family(self.arch)
        # i586 and the like run i686 programs, and one ARM header stands for every 32-bit ARM name.
        return known is None or self.interpreter == self.arch or (size == 4 and self.interpreter in _ORDINARY_32_BITS)

    @property
    def is_64_bit_under_32(self) -> "bool":
        """Whether the kernel shows a 64-bit interpreter its 32-bit name (linux32)."""
        return family(self.arch)[1] == 4 and family(self.interpreter or "")[1] == 8

    @property
    def is_known(self) -> "bool":
        """Whether packaging has manylinux tags for the machine's name; for a cross target its answer is kept."""
        return self.arch in _core.PLAIN or self.arch in CHECKED


def _own(case: "_Case") -> "tuple[tuple[str, ...], tuple[str, ...]]":
    return accepted_archs(case.arch), accepted_archs(case.arch)


def _none(case: "_Case") -> "tuple[tuple[str, ...], tuple[str, ...]]":
    return accepted_archs(case.arch), ()


def _interpreters(case: "_Case") -> "tuple[tuple[str, ...], tuple[str, ...]]":
    loaded = case.interpreter or ""
    return (*accepted_archs(case.arch), loaded), (loaded,)


_CROSS = "a cross target; the C library is that of this machine"

#: Which architectures have a plain ``linux_<arch>`` tag, and which of them manylinux or musllinux tags (R5, R6). The first row
#: whose condition holds decides: (condition, the two lists, the reason that evidence gives).
_RULES: "tuple[tuple[Callable[[_Case], bool], Callable[[_Case], tuple[tuple[str, ...], tuple[str, ...]]], str], ...]" = (
    (lambda case: case.is_cross and (case.is_musl or (case.has_abi and case.is_known)), _own, _CROSS),
    (lambda case: case.is_cross and case.has_abi, _none, _CROSS + ", and {arch} has no manylinux tags"),
    (lambda case: case.is_cross, _none, _CROSS + ", and the interpreter is not an {arch} program"),
    (lambda case: case.elf is None and case.has_abi, _own, ""),
    (
        lambda case: case.elf is None,
        _none,
        "only the interpreter's ELF header shows whether {arch} wheels fit, and it could not be read",
    ),
    (lambda case: case.is_own and case.has_abi, _own, ""),
    (
        lambda case: case.is_own,
        _none,
        "the interpreter is not what {arch} wheels are built for: it is not a little-endian, hard-float EABI 5 program",
    ),
    (lambda case: case.is_64_bit_under_32, _interpreters, ""),
    (
        lambda _: True,
        _none,
        "the interpreter is not what {arch} wheels are built for: it is a {bits}-bit program of machine {machine}",
    ),
)


def identify(
    inquiry: "Inquiry", machine: "str", size: "int", declared: "str | None", confstr: "object", words: "list[str]"
) -> "tuple[tuple[str, ...], tuple[str, ...], Libc]":
    """The architectures with a plain tag, those with manylinux or musllinux tags, and the C library of an interpreter on *machine*.

    *size*: bytes of a pointer; *declared*: the cross target; *confstr*, *words*: what confstr answered about the C library.
    """
    arch = NAMES_OF_32_BITS.get(machine, machine) if size == 4 else machine
    elf = None
    if len(words) != 2 or words[0] != "glibc" or size == 4 or family(machine)[1] == 4:
        elf = _interpreter(inquiry)
    libc = _libc(inquiry, confstr, words, elf.interpreter if elf else None)
    if elf is not None and size in {4, 8} and elf.bits != size * 8:
        inquiry.note("executable", "executable", f"{elf.bits}-bit", "not the interpreter itself: pointers have another size")
        elf = None
    case = _Case(arch, elf, declared is not None, libc is not None and _core.as_glibc(libc) is None)
    lists, why = next((lists, why) for condition, lists, why in _RULES if condition(case))
    archs, libc_archs = lists(case)
    if _core.as_glibc(libc) is not None and not all(is_pinned(arch, size) for arch in libc_archs):
        libc_archs = tuple([arch for arch in libc_archs if is_pinned(arch, size)])
        why = "the name {arch} does not identify the ABI of a wheel (PEP 600)"
    if why:
        shown = why.format(arch=arch, bits=elf and elf.bits, machine=elf and elf.machine)
        inquiry.evidence.append(_core.Evidence("libc_tags", "architecture", arch, shown))
    return archs, libc_archs, libc


#: What the evidence says about a program without a loader.
STATIC = "statically linked"


def _interpreter(inquiry: "Inquiry") -> "Elf | None":
    """The ELF header of the interpreter's program: ``sys.executable``, else the process's own image (R7)."""
    for question, path in (("executable", inquiry.ask("executable")), ("read", "/proc/self/exe")):
        if not isinstance(path, str) or not path:
            inquiry.note("executable", question, path, "names no program")
            continue
        problems: list[object] = []

        def read(size: "int", offset: "int") -> "bytes":
            data = inquiry.ask("read", path, size, offset)  # noqa: B023 -- called within this turn of the loop only
            if isinstance(data, bytes):
                return data[:size]
            problems.append(data)  # noqa: B023
            return b""

        elf = _elf.read_elf(read)
        if not isinstance(elf, str):
            loader = f"loaded by {elf.interpreter}" if elf.interpreter else STATIC if elf.is_static else "no loader found in it"
            name = arch_of(elf) or f"machine {elf.machine}"
            program = f"{elf.bits}-bit, {elf.order}-endian, {name}"
            inquiry.note("executable", question, path, f"{program}, {loader}")
            return elf
        inquiry.note("executable", question, problems[0] if problems else path, "cannot be read" if problems else elf)
    return None


def note_program(inquiry: "Inquiry") -> "None":
    """Read the interpreter's program for the evidence, if the rules did not need it."""
    if not any(item.fact == "executable" for item in inquiry.evidence):
        _interpreter(inquiry)


def _libc(inquiry: "Inquiry", confstr: "object", words: "list[str]", interpreter: "str | None") -> "Libc":
    """The one C library of the interpreter (R7, R8, R9).

    confstr is answered by the process's own C library, so a glibc that it names is decisive. A shim answers ctypes only.
    """
    if interpreter is None or "musl" not in interpreter or words[:1] == ["glibc"]:
        return inquiry.glibc(confstr, words)
    data = inquiry.ask("read", interpreter, _elf.MAX_LOADER)
    release = _elf.musl_release(data) if isinstance(data, bytes) else None
    version = _core.leading_version(release) if release else None
    if version:
        inquiry.note("libc", "read", interpreter, f"musl {version[0]}.{version[1]}, from the loader's own text {release!r}")
        return _core.Musl(*version)
    inquiry.note("libc", "read", interpreter if isinstance(data, bytes) else data, "no musl version in the loader's file")
    glibc = inquiry.glibc(confstr, [])  # a path such as /home/muslim
    if glibc is not None:
        return glibc
    banner = inquiry.ask("run_loader", interpreter)
    text = _elf.banner_version(banner) if isinstance(banner, str) else None
    version = _core.leading_version(text) if text else None
    if version is None:
        inquiry.note("libc", "run_loader", banner, f"musl of unknown version: {interpreter} did not print one")
        return None
    inquiry.note("libc", "run_loader", banner, f"musl {version[0]}.{version[1]}")
    return _core.Musl(*version)
