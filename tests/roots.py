"""Real root directories made of Debian packages, and commands run inside them; foreign machines under qemu-user.

Needs root, an x86-64 Linux of version 6.7 or newer, Debian's apt and dpkg-deb, and its package mirror; what is compiled needs
gcc, make, musl-tools and libffi-dev as well. Built roots are kept in ``$MLTAGS_TEST_ROOTS`` (default: a folder in the user's
cache). What this machine lacks is an ``UnavailableError``; a release that the mirror no longer has is a ``GoneError``; everything
else that goes wrong is a ``FailedError``.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("MLTAGS_TEST_ROOTS") or Path.home() / ".cache" / "mltags-test-roots")

#: Debian's architecture -> (qemu's name, e_ident[EI_CLASS], e_ident[EI_DATA], e_machine); the kernel runs the first two itself.
ARCHITECTURES = {
    "amd64": ("", 2, 1, 62),
    "i386": ("", 1, 1, 3),
    "arm64": ("aarch64", 2, 1, 183),
    "armhf": ("arm", 1, 1, 40),
    "armel": ("arm", 1, 1, 40),
    "ppc64el": ("ppc64le", 2, 1, 21),
    "s390x": ("s390x", 2, 2, 22),
    "riscv64": ("riscv64", 2, 1, 243),
    "mips64el": ("mips64el", 2, 1, 8),
    "mipsel": ("mipsel", 1, 1, 8),
    "loong64": ("loongarch64", 2, 1, 258),
}

#: Builds of CPython that Debian has no package of -> (options for configure, for the linker, whether musl is its C library).
FLAVOURS = {
    "musl": ("", "", True),
    "musl_static": ("", "-static", True),
    "static": ("", "-static", False),
    "nogil": ("--disable-gil", "", False),
}


class UnavailableError(Exception):
    """This machine cannot make or run such a root; the text says what it lacks."""


class GoneError(UnavailableError):
    """The mirror no longer has that release."""


class FailedError(Exception):
    """A root could not be made, or a command in it failed, although nothing was missing. ``output`` is all that was printed."""

    def __init__(self, text: str, output: str = "") -> None:
        super().__init__(text)
        self.output = output


def _run(*command: object, **options: object) -> str:
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    except subprocess.TimeoutExpired as problem:
        raise FailedError(f"{command[0]}: no end within {problem.timeout:g} seconds") from problem
    if done.returncode:
        raise FailedError(f"{command[0]} failed: {done.stderr.strip()[-300:]}", done.stderr)
    return str(done.stdout)


#: What apt-get prints where a release has been moved to an archive, and where nobody answers.
_GONE = ("does not have a Release file", "does no longer have a Release file", "404  Not Found")
_UNREACHABLE = (
    "Temporary failure resolving",
    "Could not resolve",
    "Could not connect",
    "Connection failed",
    "Connection timed out",
)


def _apt_get(what: str, *words: str, environment: dict[str, str], timeout: int) -> str:
    """Run apt-get for *what*, a release; a release that is gone and a mirror that does not answer are told apart."""
    try:
        return _run("apt-get", "-q", *words, env=environment, timeout=timeout)
    except FailedError as problem:
        if any(words in problem.output for words in _GONE):
            raise GoneError(f"the mirror no longer has {what}") from problem
        if any(words in problem.output for words in _UNREACHABLE):
            raise UnavailableError(f"the mirror of {what} cannot be reached from this machine") from problem
        raise


def _mirror() -> str:
    """The Debian mirror that this machine's own apt uses."""
    files = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    text = "\n".join(file.read_text() for file in files if file.is_file())
    found = re.findall(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+/debian/?)(?:\s|$)", text, re.MULTILINE)
    if not found:
        raise UnavailableError("no Debian mirror in this machine's apt sources")
    return str(found[0])


def _apt(suite: str, arch: str) -> dict[str, str]:
    """An apt of its own for *suite* and *arch*: the environment that makes apt-get use it."""
    folder = CACHE / "apt" / f"{suite}-{arch}"
    for part in ("etc", "state/lists/partial", "cache/archives/partial", "log"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "state/status").touch()
    key = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f"[signed-by={key}] " if key.exists() else ""
    sources = f"deb {signed}{_mirror()} {suite} main\ndeb-src {signed}{_mirror()} {suite} main\n"
    (folder / "etc/sources.list").write_text(sources)
    config = folder / "apt.conf"
    config.write_text(
        f'Dir::State "{folder}/state"; Dir::State::status "{folder}/state/status"; Dir::Cache "{folder}/cache";'
        f'Dir::Log "{folder}/log"; Dir::Etc "{folder}/etc"; Dir::Etc::parts "/dev/null"; Dir::Etc::sourceparts "/dev/null";'
        'Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";'
        'Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d"; Dir::Etc::netrcparts "/etc/apt/auth.conf.d";'
        f'APT::Architecture "{arch}"; APT::Architectures {{ "{arch}"; }}; APT::Sandbox::User "root";'
        'APT::Install-Recommends "false"; APT::Update::Error-Mode "any"; Acquire::Languages "none"; Acquire::Check-Valid-Until "false"; Acquire::Retries "3";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(config)}
    updated = folder / "updated"
    if not updated.exists() or updated.read_text() != sources:
        _apt_get(f"{suite} for {arch}", "update", environment=environment, timeout=300)
        updated.write_text(sources)
    return environment


def _fetch(suite: str, arch: str, packages: "tuple[str, ...]") -> list[Path]:
    """Download *packages* with all they depend on."""
    environment = _apt(suite, arch)
    what = f"{suite} for {arch}"
    _apt_get(what, "-y", "--download-only", "install", *packages, environment=environment, timeout=600)
    planned = _apt_get(what, "-y", "-s", "install", *packages, environment=environment, timeout=100)
    archives = CACHE / "apt" / f"{suite}-{arch}" / "cache/archives"
    found = re.findall(r"^Inst (\S+?)(?::\w+)? \((\S+) .*\[(\w+)\]\)", planned, re.MULTILINE)
    return [archives / f"{name}_{version.replace(':', '%3a')}_{kind}.deb" for name, version, kind in found]


def _check_machine(*programs: str) -> None:
    missing = [program for program in programs if not shutil.which(program)]
    if os.geteuid() or sys.platform != "linux" or missing:
        raise UnavailableError(f"making a root directory needs Linux, root rights and {', '.join(programs)}")


def _empty(root: Path) -> Path:
    """A new root directory with nothing in it, to be renamed to *root* when it is complete."""
    new = root.with_name(root.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    for folder in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "proc", "dev", "tmp", "etc", "root", "test"):
        (new / folder).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (new / name).symlink_to(f"usr/{name}")
    return new


def build(suite: str, arch: str, *packages: str) -> Path:
    """Make the root directory of a Debian *suite* with *packages*, or find the one that was made before."""
    _check_machine("dpkg-deb", "apt-get")
    root = CACHE / "-".join([suite, arch, *packages])
    if root.exists():
        return root
    new = _empty(root)
    for archive in _fetch(suite, arch, ("libc6", "libc-bin", "base-files", "dash", *packages)):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as tar:
            _run(
                "tar", "-x", "-C", new, "--keep-directory-symlink", "--exclude=./usr/share", "--exclude=./dev", stdin=tar.stdout
            )
    if not (new / "bin/sh").exists():
        (new / "bin/sh").symlink_to("dash")
    new.rename(root)
    return root


def _source(suite: str, package: str, folder: Path) -> None:
    """Unpack the source of a Debian *package*, as its authors released it, into *folder*."""
    archives = CACHE / "sources"
    archives.mkdir(parents=True, exist_ok=True)
    if not list(archives.glob(f"{package}_*.orig.tar.[gx]z")):
        _run("apt-get", "-q", "source", "--download-only", package, cwd=archives, env=_apt(suite, "amd64"), timeout=300)
    (archive,) = archives.glob(f"{package}_*.orig.tar.[gx]z")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _run("tar", "-x", "--strip-components=1", "-C", folder, "-f", archive)


def _libffi_of_musl(compiler: Path) -> Path:
    """libffi built for musl, without which there would be no ctypes: the folder that it is installed in."""
    place = CACHE / "musl-libffi"
    if not place.exists():
        source = CACHE / "build/libffi"
        _source("bookworm", "libffi", source)  # the newest whose archive has its configure script
        options = ("--disable-shared", "--with-pic", "--disable-docs", "--disable-exec-static-tramp")
        _run("./configure", f"CC={compiler}", f"--prefix={place}", *options, cwd=source, timeout=300)
        _run("make", "-j2", "install", cwd=source, timeout=300)
        shutil.rmtree(source)
    return place


def compile_python(flavour: str) -> Path:
    """Make the root directory of a CPython 3.13 that Debian has not, compiled here (minutes), or find the one made before."""
    _check_machine("dpkg-deb", "apt-get", "gcc", "make", "musl-gcc")
    root = CACHE / f"compiled-amd64-{flavour}"
    if root.exists():
        return root
    options, link, is_musl = FLAVOURS[flavour]
    libraries = Path("/usr/lib/x86_64-linux-gnu")
    if not (libraries / "libffi.a").exists():  # without it there would be no ctypes, and nobody would notice
        raise UnavailableError("no libffi to compile with on this machine (Debian: libffi-dev)")
    source = CACHE / "build" / flavour
    _source("trixie", "python3.13", source)
    compiler = source / "musl-cc"
    ffi = [f"LIBFFI_CFLAGS=-I{libraries}", f"LIBFFI_LIBS={libraries}/libffi.a" if link else "LIBFFI_LIBS=-lffi"]
    if is_musl:
        # Debian's gcc names the directory of glibc's libraries, which configure takes for a contradiction.
        compiler.write_text('#!/bin/sh\ncase "$*" in *-print-multiarch*) exit 0;; esac\nexec musl-gcc "$@"\n')
        compiler.chmod(0o755)
        place = _libffi_of_musl(compiler)
        ffi = [f"LIBFFI_CFLAGS=-I{place}/include", f"LIBFFI_LIBS={place}/lib/libffi.a"]
    words = [f"CC={compiler if is_musl else 'gcc'}", f"LDFLAGS={link}", "OPT=-DNDEBUG -O1", *ffi, *options.split()]
    words += ["--prefix=/usr", "--without-ensurepip", "--disable-test-modules", "--with-pkg-config=no"]
    static = ["LINKFORSHARED= "] if link else []
    environment = {**os.environ, **({"MODULE_BUILDTYPE": "static"} if link else {})}
    _run("./configure", *words, cwd=source, env=environment, timeout=600)
    _run("make", "-j2", *static, cwd=source, env=environment, timeout=1800)
    new = _empty(root)
    if not is_musl and not link:  # on the release whose libraries it was linked with
        shutil.rmtree(new)
        _run("cp", "-a", build(platform.freedesktop_os_release()["VERSION_CODENAME"], "amd64", "libffi8"), new)
    _run("make", "install", f"DESTDIR={new}", "COMPILEALL_OPTS=", *static, cwd=source, env=environment, timeout=600)
    if is_musl and not link:
        (loader,) = Path("/lib").glob("ld-musl-x86_64.so.1")
        shutil.copy(loader, new / "lib")
    shutil.rmtree(source)
    new.rename(root)
    return root


_INSIDE = """
set -e
root=$1 rule=$2; shift 2
if [ -n "$rule" ]; then
    mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
    printf '%s' "$rule" > /proc/sys/fs/binfmt_misc/register
fi
mount --bind "$root" "$root"
[ -n "$NO_PROC" ] || mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
exec env -i PATH=/usr/bin:/bin:/usr/sbin HOME=/root LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/test $WRAP \
    /usr/sbin/chroot "$root" "$@"
"""


def run(root: Path, *command: str, stdin: str = "", wrap: str = "", no_proc: bool = False) -> str:
    """Run *command* inside *root*, with mltags and packaging on its path; what it prints."""
    import packaging

    import mltags

    for package in (mltags, packaging):
        source = Path(str(package.__file__)).parent
        shutil.rmtree(root / "test" / source.name, ignore_errors=True)
        shutil.copytree(source, root / "test" / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    try:
        return _run_inside(root, command, stdin, {"WRAP": wrap, "NO_PROC": "1" if no_proc else ""})
    except subprocess.TimeoutExpired as problem:
        raise FailedError(f"{command} in {root.name}: no end within {problem.timeout:g} seconds") from problem


def _run_inside(root: Path, command: "tuple[str, ...]", stdin: str, options: dict[str, str]) -> str:
    done = subprocess.run(
        [
            *("unshare", "--user", "--map-root-user", "--mount", "--propagation", "private"),
            *("bash", "-c", _INSIDE, "inside", str(root), _rule(root.name.split("-")[1])),
            *command,
        ],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **options},
    )
    if done.returncode:
        raise FailedError(f"{command} in {root.name}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def _newer_emulator(name: str) -> str:
    """The emulator of Debian 13, unpacked beside the roots."""
    folder = CACHE / "qemu"
    if not folder.exists():
        (archive,) = [path for path in _fetch("trixie", "amd64", ("qemu-user",)) if path.name.startswith("qemu-user_")]
        _run("dpkg-deb", "-x", archive, folder)
    return str(folder / f"usr/bin/qemu-{name}")


def _rule(arch: str) -> str:
    """The binfmt_misc rule that makes qemu run programs of *arch*; empty where the kernel does."""
    name, kind, order, machine = ARCHITECTURES[arch]
    if not name:
        return ""
    qemu = shutil.which(f"qemu-{name}-static") or shutil.which(f"qemu-{name}")
    if arch == "loong64":  # what its release is compiled for is newer than many a machine's emulator
        qemu = _newer_emulator(name)
    if qemu is None:
        raise UnavailableError(f"no qemu-{name}-static on this machine (Debian: qemu-user-static)")
    ends = (2).to_bytes(2, "little" if order == 1 else "big") + machine.to_bytes(2, "little" if order == 1 else "big")
    magic = b"\x7fELF" + bytes([kind, order, 1]) + bytes(9) + ends
    # ET_EXEC (2) and ET_DYN (3) differ in the lowest bit of e_type.
    mask = b"\xff" * 7 + bytes(9) + (b"\xfe\xff\xff\xff" if order == 1 else b"\xff\xfe\xff\xff")
    text = "".join(f"\\x{byte:02x}" for byte in magic), "".join(f"\\x{byte:02x}" for byte in mask)
    return f":mltagstest:M::{text[0]}:{text[1]}:{qemu}:PF"
