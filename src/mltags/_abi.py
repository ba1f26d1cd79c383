"""What only the interpreter's own program tells: its ABI, and whether its C library is musl (R5 to R7, R9)."""

from ._core import PLAIN, Evidence, Glibc, Musl, leading_version
from ._elf import MAX_LOADER, banner_version, musl_release, read_elf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._elf import Elf
    from ._probe import Inquiry

#: name of an architecture -> (processor family, bytes of a pointer). Names that are not here have no family; every other name
#: that begins with "arm" is 32-bit ARM.
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
    # Linux has one name for both byte orders, so that it pins neither.
    (8, 64, "big"): "mips64",
    (8, 64, "little"): "mips64",
    (8, 32, "big"): "mips",
    (8, 32, "little"): "mips",
}

#: What the evidence says of a program without a loader.
STATIC = "statically linked"

#: Architectures whose tags promise more than their name says, so that only a matching ELF header shows it (PEP 600, "legv7").
CHECKED = ("armv7l", "armv8l", "i686")


def identify(
    inquiry: "Inquiry", machine: "str", size: "int", declared: "str | None", confstr: "object", words: "list[str]"
) -> "tuple[tuple[str, ...], tuple[str, ...], Glibc | Musl | None]":
    """The architectures with a native tag, those with a ladder, and the C library of an interpreter on *machine*.

    *size*: bytes of a pointer; *declared*: the cross target; *confstr*, *words*: what confstr said of the C library.
    """
    # What a 32-bit interpreter on such a kernel is called (R6).
    arch = {"x86_64": "i686", "aarch64": "armv8l"}.get(machine, machine) if size == 4 else machine
    elf = None
    if len(words) != 2 or words[0] != "glibc" or size == 4 or _family(machine)[1] == 4:
        elf = _interpreter(inquiry)
    libc = _libc(inquiry, confstr, words, elf.interpreter if elf else None)
    if elf is not None and size in {4, 8} and elf.bits != size * 8:
        inquiry.note("executable", "executable", f"{elf.bits}-bit", "not the interpreter itself: pointers have another size")
        elf = None
    archs, ladders, why = _architectures(arch, elf, declared, is_musl=type(libc) is Musl)
    if type(libc) is Glibc:
        pinned = tuple([arch for arch in ladders if is_pinned(arch, size)])
        if pinned != ladders:
            why = f"the name {arch!r} does not tell which ABI a wheel would need (PEP 600)"
            ladders = pinned
    if why:
        inquiry.evidence.append(Evidence("ladder", "architecture", arch, why))
    return archs, ladders, libc


def _family(arch: "str") -> "tuple[str | None, int]":
    """The processor family of an architecture and its bytes in a pointer; (None, 0) for a name we do not know."""
    return FAMILIES.get(arch) or (("arm", 4) if arch.startswith("arm") else (None, 0))


#: ELF e_machine -> processor family.
MACHINES = {machine: _family(arch)[0] for (machine, _, _), arch in INTERPRETERS.items()}


def is_pinned(arch: "str", size: "int") -> "bool":
    """Whether the name of an architecture says which ABI its wheels have, as PEP 600 asks ("legv7", "legv8"; R4)."""
    if arch in FAMILIES or arch in CHECKED:
        return arch not in {"i386", "i486", "i586"} and not (arch == "sparc64" and size == 4)
    vague = arch.startswith(("arm", "mips")) or (arch.endswith("64") and size == 4)
    return not vague and arch.isascii() and ("_" + arch).isidentifier() and arch != ""


def taken_by(arch: "str") -> "tuple[str, ...]":
    """The architectures whose wheels a machine of that name takes, its own first (R5)."""
    return ("armv8l", "armv7l") if arch == "armv8l" else (arch,)


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

        elf = read_elf(read)
        if not isinstance(elf, str):
            loader = f"loaded by {elf.interpreter}" if elf.interpreter else STATIC if elf.is_static else "no loader found in it"
            program = f"{elf.bits}-bit, {elf.order}-endian, machine {elf.machine}"
            inquiry.note("executable", question, path, f"{program}, {loader}")
            return elf
        inquiry.note("executable", question, problems[0] if problems else path, "cannot be read" if problems else elf)
    return None


def note_program(inquiry: "Inquiry") -> "None":
    """Look at the interpreter's program for the evidence alone, where nobody had to."""
    if not any(item.fact == "executable" for item in inquiry.evidence):
        _interpreter(inquiry)


def _libc(inquiry: "Inquiry", confstr: "object", words: "list[str]", interpreter: "str | None") -> "Glibc | Musl | None":
    """The one C library of the interpreter (R7, R8, R9)."""
    if interpreter is None or "musl" not in interpreter:
        return inquiry.glibc(confstr, words)
    data = inquiry.ask("read", interpreter, MAX_LOADER)
    release = musl_release(data) if isinstance(data, bytes) else None
    version = leading_version(release) if release else None
    if version:
        inquiry.note("libc", "read", interpreter, f"musl {version[0]}.{version[1]}, from the loader's own text {release!r}")
        return Musl(*version)
    inquiry.note("libc", "read", interpreter if isinstance(data, bytes) else data, "the loader's file shows no musl version")
    glibc = inquiry.glibc(confstr, words if words[:1] == ["glibc"] else [])
    if glibc is not None:
        return glibc
    banner = inquiry.ask("run_loader", interpreter)
    text = banner_version(banner) if isinstance(banner, str) else None
    version = leading_version(text) if text else None
    if version is None:
        inquiry.note("libc", "run_loader", banner, f"musl, version unknown: {interpreter} did not say it")
        return None
    inquiry.note("libc", "run_loader", banner, f"musl {version[0]}.{version[1]}")
    return Musl(*version)


def _architectures(
    arch: "str", elf: "Elf | None", declared: "str | None", *, is_musl: "bool"
) -> "tuple[tuple[str, ...], tuple[str, ...], str]":
    """The architectures with a native tag, those with a ladder, and why some have none (R5, R6)."""
    archs = taken_by(arch)
    family, size = _family(arch)
    interpreter = INTERPRETERS.get((elf.machine, elf.bits, elf.order)) if elf else None
    fits = arch not in CHECKED or (interpreter == "i686" if arch == "i686" else elf is not None and elf.is_hard_float_arm)
    why = f"the interpreter is not what {arch} wheels are built for: "
    if declared is not None or (elf is not None and family is not None and MACHINES.get(elf.machine) != family):
        cross = "a cross target was declared; the C library is this machine's"
        # packaging's answer: it checks the header, and whether it knows the name, for manylinux only.
        if is_musl or (fits and (arch in PLAIN or arch in CHECKED)):
            return archs, archs, cross
        lacking = f"{arch} has no manylinux tags" if fits else f"the interpreter no {arch} program"
        return archs, (), f"{cross}, and {lacking}"
    if elf is None:
        why = f"only the interpreter's ELF header tells whether {arch} wheels fit, and it could not be read"
    elif family is None or interpreter == arch or (size == 4 and interpreter in {"i686", "armv7l", "armeb"}):
        # i586 and the like run i686 programs, and one ARM header stands for every 32-bit ARM name.
        why += "it is no little-endian, hard-float EABI 5 program"
    elif interpreter and _family(interpreter)[1] == 8 and size == 4:
        # The kernel tells a 64-bit interpreter its 32-bit name (linux32).
        return (*archs, interpreter), (interpreter,), ""
    else:
        return archs, (), f"{why}it is a {elf.bits}-bit program of machine {elf.machine}"
    return archs, archs if fits else (), "" if fits else why
