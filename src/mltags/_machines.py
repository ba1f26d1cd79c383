"""Machines by name: a table of releases, their C libraries, architectures and Pythons. Loaded only if a machine is named.

State of 26 November 2026. Every group has its source beside it; an end of life is that of the ordinary support, without extensions
that are paid for.
"""

from . import _core, _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._core import Glibc, Musl

#: Columns: name, version of glibc, the release's own ``python3`` (``-``: none, or it changes), end of life (``-``: unknown),
#: architectures as wheels name them, the most common first. Groups are in the order of their releases.
#: Unless a row has its own source: C libraries, architectures and ends of life are those that mayeut/pep600_compliance (commit
#: 2d70275) measured on images; the version of Python is that of the package ``python3`` of the release.
_GLIBC = (
    # Debian. Debian 7 and older architectures: packages.debian.org.
    """
    debian-7             2.13  3.2   2016-04-25  x86_64 i686
    debian-8             2.19  3.4   2018-06-06  x86_64 i686 armv7l
    debian-9             2.24  3.5   2020-07-05  x86_64 aarch64 armv7l i686 ppc64le s390x
    debian-10            2.28  3.7   2022-07-31  x86_64 aarch64 armv7l i686 ppc64le s390x
    debian-11            2.31  3.9   2024-08-14  x86_64 aarch64 armv7l i686 ppc64le s390x
    debian-12            2.36  3.11  2026-06-10  x86_64 aarch64 armv7l i686 ppc64le s390x
    debian-13            2.41  3.13  2028-08-09  x86_64 aarch64 armv7l i686 loongarch64 ppc64le riscv64 s390x
    debian-testing       2.42  -     rolling     x86_64 aarch64 armv7l i686 ppc64le riscv64 s390x
    debian-unstable      2.42  -     rolling     x86_64 aarch64 armv7l i686 ppc64le riscv64 s390x
    debian-experimental  2.43  -     rolling     x86_64 aarch64 armv7l i686 ppc64le riscv64 s390x
    """,
    # Ubuntu. Releases that the images leave out: packages.ubuntu.com, old-releases and wiki.ubuntu.com/Releases.
    """
    ubuntu-12.04         2.15  3.2   2017-04-28  x86_64 i686
    ubuntu-13.04         2.17  3.3   2014-01-27  x86_64 i686
    ubuntu-14.04         2.19  3.4   2019-04-25  x86_64 i686 aarch64 armv7l ppc64le
    ubuntu-15.04         2.21  3.4   2016-02-04  x86_64 i686 aarch64 armv7l ppc64le
    ubuntu-16.04         2.23  3.5   2021-04-30  x86_64 aarch64 armv7l i686 ppc64le s390x
    ubuntu-16.10         2.24  3.5   2017-07-20  x86_64 aarch64 armv7l i686 ppc64le s390x
    ubuntu-17.10         2.26  3.6   2018-07-19  x86_64 aarch64 armv7l i686 ppc64le s390x
    ubuntu-18.04         2.27  3.6   2023-05-31  x86_64 aarch64 armv7l i686 ppc64le s390x
    ubuntu-18.10         2.28  3.6   2019-07-18  x86_64 aarch64 armv7l i686 ppc64le s390x
    ubuntu-19.04         2.29  3.7   2020-01-23  x86_64 aarch64 armv7l i686 ppc64le s390x
    ubuntu-19.10         2.30  3.7   2020-07-17  x86_64 aarch64 armv7l ppc64le s390x
    ubuntu-20.04         2.31  3.8   2025-04-02  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-20.10         2.32  3.8   2021-07-22  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-21.04         2.33  3.9   2022-01-20  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-21.10         2.34  3.9   2022-07-14  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-22.04         2.35  3.10  2027-04-30  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-22.10         2.36  3.10  2023-07-20  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-23.04         2.37  3.11  2024-01-25  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-23.10         2.38  3.11  2024-07-14  x86_64 aarch64 armv7l ppc64le s390x
    ubuntu-24.04         2.39  3.12  2029-04-30  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-24.10         2.40  3.12  2025-07-11  x86_64 aarch64 armv7l ppc64le s390x
    ubuntu-25.04         2.41  3.13  2026-01-31  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-25.10         2.42  3.13  2026-07-31  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-26.04         2.43  3.14  2031-05-31  x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-rolling       2.43  -     rolling     x86_64 aarch64 armv7l ppc64le riscv64 s390x
    ubuntu-devel         2.43  -     rolling     x86_64 aarch64 armv7l ppc64le riscv64 s390x
    """,
    # Red Hat Enterprise Linux, and its Universal Base Images (ubi). Ends of life, and release 5 and 6: Red Hat's page on the life
    # cycle; the others as rhubi-7 to rhubi-10 were measured. Releases 5 and 6 have no Python 3 of their own.
    """
    rhel-5               2.5   -     2017-03-31  x86_64 i686
    rhel-6               2.12  -     2020-11-30  x86_64 i686
    rhel-7               2.17  3.6   2024-06-30  x86_64 ppc64le s390x
    rhel-8               2.28  3.6   2029-05-31  x86_64 aarch64 ppc64le s390x
    rhel-9               2.34  3.9   2032-05-31  x86_64 aarch64 ppc64le s390x
    rhel-10              2.39  3.12  2035-05-31  x86_64 aarch64 ppc64le s390x
    ubi-7                2.17  3.6   2024-06-30  x86_64 ppc64le s390x
    ubi-8                2.28  3.6   2029-05-31  x86_64 aarch64 ppc64le s390x
    ubi-9                2.34  3.9   2032-05-31  x86_64 aarch64 ppc64le s390x
    ubi-10               2.39  3.12  2035-05-31  x86_64 aarch64 ppc64le s390x
    """,
    # CentOS. Releases 6 to 8 and Stream 8: wiki.centos.org and the archive of its packages, vault.centos.org.
    """
    centos-6             2.12  -     2020-11-30  x86_64 i686
    centos-7             2.17  3.6   2024-06-30  x86_64 aarch64 armv7l i686 ppc64le
    centos-8             2.28  3.6   2021-12-31  x86_64 aarch64 ppc64le
    centos-stream-8      2.28  3.6   2024-05-31  x86_64 aarch64 ppc64le
    centos-stream-9      2.34  3.9   2027-05-31  x86_64 aarch64 ppc64le s390x
    centos-stream-10     2.39  3.12  2030-01-01  x86_64 aarch64 ppc64le s390x
    """,
    # Other rebuilds of Red Hat's releases.
    """
    almalinux-8          2.28  3.6   2029-03-01  x86_64 aarch64 ppc64le s390x
    almalinux-9          2.34  3.9   2032-05-31  x86_64 aarch64 ppc64le s390x
    almalinux-10         2.39  3.12  2035-05-31  x86_64 aarch64 ppc64le s390x
    rockylinux-8         2.28  3.6   2029-05-31  x86_64 aarch64
    rockylinux-9         2.34  3.9   2032-05-31  x86_64 aarch64 ppc64le s390x
    rockylinux-10        2.39  3.12  2035-05-31  x86_64 aarch64 ppc64le riscv64 s390x
    oraclelinux-6        2.12  -     2021-03-31  x86_64
    oraclelinux-7        2.17  3.6   2024-12-31  x86_64 aarch64
    oraclelinux-8        2.28  3.6   2029-07-31  x86_64 aarch64
    oraclelinux-9        2.34  3.9   2032-06-30  x86_64 aarch64
    oraclelinux-10       2.39  3.12  2035-06-30  x86_64 aarch64
    """,
    # Amazon Linux.
    """
    amazonlinux-2        2.26  3.7   2026-06-30  x86_64 aarch64
    amazonlinux-2023     2.34  3.9   2028-03-15  x86_64 aarch64
    """,
    # AWS Lambda's runtimes, by their identifiers: docs.aws.amazon.com, "Lambda runtimes". Up to python3.11 they run on Amazon
    # Linux 2, from python3.12 on on Amazon Linux 2023. The end of life is the day of deprecation.
    """
    aws-lambda-python3.9   2.26  3.9   2025-12-15  x86_64 aarch64
    aws-lambda-python3.10  2.26  3.10  2026-10-31  x86_64 aarch64
    aws-lambda-python3.11  2.26  3.11  2027-06-30  x86_64 aarch64
    aws-lambda-python3.12  2.34  3.12  2028-10-31  x86_64 aarch64
    aws-lambda-python3.13  2.34  3.13  2029-06-30  x86_64 aarch64
    aws-lambda-python3.14  2.34  3.14  2029-06-30  x86_64 aarch64
    """,
    # Fedora.
    """
    fedora-39            2.38  3.12  2024-11-19  x86_64 aarch64 ppc64le s390x
    fedora-40            2.39  3.12  2025-05-13  x86_64 aarch64 ppc64le s390x
    fedora-41            2.40  3.13  2025-12-15  x86_64 aarch64 ppc64le s390x
    fedora-42            2.41  3.13  2026-05-13  x86_64 aarch64 ppc64le s390x
    fedora-43            2.42  3.14  2026-12-02  x86_64 aarch64 ppc64le s390x
    fedora-44            2.43  3.14  2027-05-19  x86_64 aarch64 ppc64le s390x
    fedora-rawhide       2.44  -     rolling     x86_64 aarch64 ppc64le s390x
    """,
    # openSUSE: Leap by its number, and Tumbleweed.
    """
    opensuse-15.5        2.31  3.6   2024-12-31  x86_64 aarch64 armv7l ppc64le s390x
    opensuse-15.6        2.38  3.6   2026-04-30  x86_64 aarch64
    opensuse-16.0        2.40  3.13  2027-10-31  x86_64 aarch64 ppc64le
    opensuse-tumbleweed  2.43  -     rolling     x86_64 aarch64 armv7l i686 ppc64le riscv64 s390x
    """,
    # Raspberry Pi OS: raspberrypi.com, "Raspberry Pi OS" (each is built on the Debian of that number). With 64 bits it is aarch64.
    # Programs of 32 bits see an armv7l, under a 64-bit kernel an armv8l, and on a Pi Zero or the first Pi an armv6l.
    """
    raspberry-pi-os-11   2.31  3.9   -           aarch64 armv7l armv8l armv6l
    raspberry-pi-os-12   2.36  3.11  -           aarch64 armv7l armv8l armv6l
    raspberry-pi-os-13   2.41  3.13  -           aarch64 armv7l armv8l armv6l
    """,
    # Others.
    """
    alt-p8               2.23  3.5   -           x86_64 i686
    alt-p9               2.27  3.7   -           x86_64 aarch64 i686 ppc64le
    alt-p10              2.32  3.9   -           x86_64 aarch64 i686
    alt-p11              2.38  3.12  -           x86_64 aarch64 i686
    alt-sisyphus         2.43  -     rolling     x86_64 aarch64 i686 riscv64
    anolisos-8           2.28  3.6   2031-03-31  x86_64 aarch64
    anolisos-23          2.38  -     2030-06-30  x86_64 aarch64 loongarch64
    archlinux            2.44  -     rolling     x86_64
    mageia-9             2.36  3.10  2026-09-29  x86_64 aarch64
    mageia-10            2.42  -     2028-03-31  x86_64 aarch64
    mageia-cauldron      2.43  -     rolling     x86_64 aarch64
    opencloudos-8        2.28  3.6   2029-05-31  x86_64 aarch64
    opencloudos-9        2.38  3.11  2033-04-30  x86_64 aarch64
    openeuler-24.03      2.38  3.11  2028-03-31  x86_64 aarch64 loongarch64
    photon-4.0           2.32  3.10  2026-03-01  x86_64 aarch64
    photon-5.0           2.36  3.11  -           x86_64 aarch64
    slackware-15.0       2.33  3.9   -           x86_64
    slackware-current    2.42  -     rolling     x86_64 aarch64 i686
    """,
)

#: As above, with the version of musl.
_MUSL = (
    # Alpine Linux: alpinelinux.org, "Releases", and the packages musl and python3 of each. Its x86 is i686, its armv7 armv7l.
    """
    alpine-3.12          1.1   3.8   2022-05-01  x86_64 aarch64 armv7l i686 ppc64le s390x
    alpine-3.13          1.2   3.8   2022-11-01  x86_64 aarch64 armv7l i686 ppc64le s390x
    alpine-3.14          1.2   3.9   2023-05-01  x86_64 aarch64 armv7l i686 ppc64le s390x
    alpine-3.15          1.2   3.9   2023-11-01  x86_64 aarch64 armv7l i686 ppc64le s390x
    alpine-3.16          1.2   3.10  2024-05-23  x86_64 aarch64 armv7l i686 ppc64le s390x
    alpine-3.17          1.2   3.10  2024-11-22  x86_64 aarch64 armv7l i686 ppc64le s390x
    alpine-3.18          1.2   3.11  2025-05-09  x86_64 aarch64 armv7l i686 ppc64le s390x
    alpine-3.19          1.2   3.11  2025-11-01  x86_64 aarch64 armv7l i686 ppc64le s390x
    alpine-3.20          1.2   3.12  2026-04-01  x86_64 aarch64 armv7l i686 ppc64le riscv64 s390x
    alpine-3.21          1.2   3.12  2026-11-01  x86_64 aarch64 armv7l i686 loongarch64 ppc64le riscv64 s390x
    alpine-3.22          1.2   3.12  2027-05-01  x86_64 aarch64 armv7l i686 loongarch64 ppc64le riscv64 s390x
    alpine-3.23          1.2   3.12  2027-11-01  x86_64 aarch64 armv7l i686 loongarch64 ppc64le riscv64 s390x
    """,
)

#: Columns: name, end of life, architectures. Nobody installs wheels for a Python that these systems bring.
_MACS = (
    # macOS: support.apple.com. Apple announces no ends of life. macOS 26 is the last one that runs on Intel's processors.
    """
    macos-11             -           arm64 x86_64
    macos-12             -           arm64 x86_64
    macos-13             -           arm64 x86_64
    macos-14             -           arm64 x86_64
    macos-15             -           arm64 x86_64
    macos-26             -           arm64 x86_64
    """,
)
_WINDOWS = (
    # Windows: learn.microsoft.com/lifecycle. Each yearly version of Windows 11 has an end of its own. Windows 11 has no 32-bit
    # edition, but runs 32-bit Pythons.
    """
    windows-10           2025-10-14  amd64 arm64 win32
    windows-11           -           amd64 arm64 win32
    """,
)

#: Libraries that manylinux tags rely on but no package of the release has. Source: pep600_compliance, as above.
_LACKS = {
    **dict.fromkeys(["opensuse-16.0", "opensuse-tumbleweed", "ubi-8", "ubi-9", "ubi-10"], ("libnsl.so.1",)),
    **dict.fromkeys(
        ["photon-4.0", "photon-5.0"],
        ("libGL.so.1", "libICE.so.6", "libSM.so.6", "libX11.so.6", "libXext.so.6", "libXrender.so.1"),
    ),
}

#: The distributions that :func:`first_with` names: their usual spelling, and the beginning of their names here.
_HINTED = {"Debian": "debian-", "Ubuntu": "ubuntu-", "RHEL": "rhel-", "Amazon Linux": "amazonlinux-"}

#: Other spellings, without punctuation: the letters before a number -> those of a name here.
_OTHER_FAMILIES = {
    **dict.fromkeys(["al", "amzn", "amazon"], "amazonlinux"),
    **dict.fromkeys(["redhat", "el", "redhatenterpriselinux"], "rhel"),
    **dict.fromkeys(["raspbian", "raspios", "rpios", "raspberry", "pios"], "raspberrypios"),
    **dict.fromkeys(["leap", "opensuseleap", "suse"], "opensuse"),
    **dict.fromkeys(["ol", "oracle"], "oraclelinux"),
    **dict.fromkeys(["mac", "osx", "macosx"], "macos"),
    **dict.fromkeys(["lambda", "awslambda", "lambdapython", "awspython"], "awslambdapython"),
    "alma": "almalinux",
    **dict.fromkeys(["alpinelinux", "alpinelinuxv", "alpinev"], "alpine"),
    "centoslinux": "centos",
    "debiangnulinux": "debian",
    "fedoralinux": "fedora",
    "oraclelinuxserver": "oraclelinux",
    "publicecrawslambdapython": "awslambdapython",
    **dict.fromkeys(["raspbiangnulinux", "rpi"], "raspberrypios"),
    **dict.fromkeys(["arch", "archlinuxlatest"], "archlinux"),
    "rhubi": "ubi",
    "rocky": "rockylinux",
    "stream": "centosstream",
    "win": "windows",
}
#: Names that releases have besides their numbers.
_CODENAMES = {
    "wheezy": "debian-7",
    "jessie": "debian-8",
    "stretch": "debian-9",
    "buster": "debian-10",
    "bullseye": "debian-11",
    "bookworm": "debian-12",
    "trixie": "debian-13",
    "sid": "debian-unstable",
    "precise": "ubuntu-12.04",
    "trusty": "ubuntu-14.04",
    "xenial": "ubuntu-16.04",
    "bionic": "ubuntu-18.04",
    "focal": "ubuntu-20.04",
    "jammy": "ubuntu-22.04",
    "noble": "ubuntu-24.04",
    "plucky": "ubuntu-25.04",
    "questing": "ubuntu-25.10",
    "resolute": "ubuntu-26.04",
    "rawhide": "fedora-rawhide",
    "tumbleweed": "opensuse-tumbleweed",
    "bigsur": "macos-11",
    "monterey": "macos-12",
    "ventura": "macos-13",
    "sonoma": "macos-14",
    "sequoia": "macos-15",
    "tahoe": "macos-26",
}


class Machine(_core.Value):
    """A machine of :func:`mltags.machines`: a release of a system, or a service that runs Python.

    >>> import mltags
    >>> machine = mltags.machines()["debian-12"]
    >>> machine.system, machine.libc, machine.python_version, machine.end_of_life
    ('Linux', Glibc(2, 36), '3.11', '2026-06-10')
    >>> machine.archs
    ('x86_64', 'aarch64', 'armv7l', 'i686', 'ppc64le', 's390x')

    * ``name``: as :meth:`mltags.Target.of_machine` takes it.
    * ``system``: as ``platform.system()`` gives it: ``"Linux"``, ``"Darwin"`` or ``"Windows"``.
    * ``libc``: a :class:`mltags.Glibc`, a :class:`mltags.Musl`, or None elsewhere than on Linux.
    * ``archs``: the architectures that it exists for, as wheels name them; the first one is meant where none is named.
    * ``python_version``: the version of its own ``python3``, or of the service; None where it has none, or where it changes.
    * ``end_of_life``: the last day of its ordinary support (``"2026-06-10"``), ``"rolling"``, or ``""`` where nobody announced one.
    * ``lacks``: libraries that manylinux wheels may need, and that none of its packages has.
    """

    __slots__ = ("name", "system", "libc", "archs", "python_version", "end_of_life", "lacks")
    __module__ = str(__package__)
    name: "str"
    system: "str"
    libc: "Glibc | Musl | None"
    archs: "tuple[str, ...]"
    python_version: "str | None"
    end_of_life: "str"
    lacks: "tuple[str, ...]"

    @property
    def version(self) -> "str":
        """The last part of the name.

        >>> import mltags
        >>> mltags.machines()["debian-12"].version
        '12'
        """
        return self.name.rpartition("-")[2]


def _read() -> "dict[str, Machine]":
    """The rows of the table, in order within each group."""
    found = {}
    for family, groups in ((_core.Glibc, _GLIBC), (_core.Musl, _MUSL)):
        for row in _rows(groups):
            name, version, python, end, *archs = row
            libc = family(*[int(number) for number in version.split(".")])
            lacks = _LACKS.get(name, ())
            found[name] = Machine(name, "Linux", libc, tuple(archs), python.strip("-") or None, end.strip("-"), lacks)
    for system, groups in (("Darwin", _MACS), ("Windows", _WINDOWS)):
        for name, end, *archs in _rows(groups):
            found[name] = Machine(name, system, None, tuple(archs), None, end.strip("-"), ())
    return found


def _rows(groups: "tuple[str, ...]") -> "list[list[str]]":
    return [words for group in groups for line in group.splitlines() if (words := line.split())]


_TABLE = _read()


def machines() -> "dict[str, Machine]":
    """The machines that have a name, by name: what :meth:`mltags.Target.of_machine` takes. A new dict at each call.

    The table is part of this package, and as old as it: its ends of life and rolling releases are those of November 2026.

    >>> import mltags
    >>> [name for name in mltags.machines() if name.startswith("amazonlinux")]
    ['amazonlinux-2', 'amazonlinux-2023']
    """
    return dict(_TABLE)


def find(name: "str") -> "tuple[Machine, str]":
    """The machine that ``NAME`` or ``NAME:ARCH`` names, and the architecture as written; empty if there was none.

    Raises:
        InvalidTarget: there is no such machine; the problem names those that may be meant.
    """
    text, colon, arch = str(name).lower().partition(":")  # not every caller is typed
    machine = _TABLE.get(text)
    if machine is None:
        raise _errors.InvalidTarget(str(name), "machine", _problem(str(name)))
    if colon and not arch:
        raise _errors.InvalidTarget(str(name), "architecture", f"is missing; {known_archs(machine)}")
    return machine, arch


def known_archs(machine: "Machine") -> "str":
    """The architectures of a machine, for messages."""
    return f"{machine.name} has {', '.join(machine.archs)}"


def _problem(text: "str") -> "str":
    """What a name that no machine has may mean."""
    names = near(text)
    if not names:
        import difflib

        names = difflib.get_close_matches(text, _TABLE, 1, 0.75)
    if len(names) > 1:
        return f"expected one of {', '.join(names)}"
    if names:
        return f"did you mean {names[0]}?"
    return "there is no machine of that name; the command machines lists them (mltags.machines())"


def near(text: "str") -> "list[str]":
    """The names of the machines that *text* stands for in another spelling; none if it may mean anything.

    ``centos7``, ``debian-12.5``, ``rocky-9`` and ``bookworm`` stand for one each; ``ubuntu``, and a release of it that is not here,
    for all that are.
    """
    # What follows the colon is an architecture, or the tag of an image, as in debian:12; "(bookworm)" ends the names in os-release.
    text, _, rest = text.lower().partition("(")[0].strip().partition(":")
    tries = [f"{text}-{rest}", f"{text}-{rest.partition('-')[0]}", rest.rpartition("-")[2]] if rest else []
    # Parts of an image's address; and names with something after them, as in ubi8-minimal and macos-latest.
    parts, (head, _, tail) = text.split("/")[1:], text.rpartition("-")
    tries += [text, *[f"{part}-{rest}" for part in parts if rest], *parts]
    tries += [head] if tail == "latest" or head[-1:].isdigit() else []
    return next((names for one in tries if (names := _near(one))), [])


def _near(text: "str") -> "list[str]":
    family, number = _split(text)
    for word in (family + number, *text.replace(" ", "-").split("-")):
        if word in _CODENAMES:
            return [_CODENAMES[word]]
    known = {name: _split(name) for name in _TABLE}
    release, dot = text, "."
    while dot:  # a point release is one of the release before its last number
        wanted = _split(release)
        exact = [name for name, words in known.items() if words == wanted]
        if exact:
            return exact
        release, dot, _ = release.rpartition(".")
    whole = [name for name, (other, has) in known.items() if other == family and number and has.startswith(number)]
    whole = whole or [name for name, (other, _) in known.items() if other == family]
    begun = [name for name, (other, _) in known.items() if other.startswith(family)] if len(family) > 3 and not number else []
    return begun or whole


def _split(text: "str") -> "tuple[str, str]":
    """The family and the number in a name, both without punctuation, the family as it is called here."""
    plain = "".join([letter for letter in text if letter.isalnum()])
    letters = plain.rstrip("0123456789")
    return _OTHER_FAMILIES.get(letters, letters), plain[len(letters) :]


def first_with(libc: "Glibc | Musl") -> "str":
    """The first release of each well-known distribution with *libc* or newer, as a hint reads; empty for musl, and where none has it.

    >>> from mltags import Glibc, _machines
    >>> _machines.first_with(Glibc(2, 28))
    'glibc 2.28: Debian 10, Ubuntu 18.10, RHEL 8, Amazon Linux 2023'
    """
    needed = _core.as_glibc(libc)
    if needed is None:
        return ""
    found = []
    for family, head in _HINTED.items():
        releases = {
            name.removeprefix(head): _core.as_glibc(machine.libc) for name, machine in _TABLE.items() if name.startswith(head)
        }
        number = next((number for number, has in releases.items() if number[0].isdigit() and has and has >= needed), None)
        if number is not None:
            found.append(f"{family} {number}")
    return f"glibc {needed}: {', '.join(found)}" if found else ""
