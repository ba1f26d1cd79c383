"""When common distributions reached a version of glibc, as of November 2026.

Source: the distributions' own package archives and release notes.
"""

from ._facts import Glibc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._facts import Musl

#: distribution -> (minor version of glibc 2):(release), oldest first.
RELEASES = {
    "Debian": "13:7 19:8 24:9 28:10 31:11 36:12 41:13",
    "Ubuntu": "15:12.04 17:13.04 19:14.04 21:15.04 23:16.04 24:16.10 26:17.10 27:18.04 28:18.10 29:19.04 30:19.10 31:20.04 "
    "32:20.10 33:21.04 34:21.10 35:22.04 36:22.10 37:23.04 38:23.10 39:24.04 40:24.10 41:25.04 42:25.10",
    "RHEL": "5:5 12:6 17:7 28:8 34:9 39:10",
    "Amazon Linux": "26:2 34:2023",
}


def first_with(libc: "Glibc | Musl") -> "str":
    """The first release of each distribution with *libc* or newer; empty where none has it yet, and for musl, of which nobody asks."""
    if not isinstance(libc, Glibc) or libc.major > 2:
        return ""
    found = []
    for name, releases in RELEASES.items():
        rows = [row.split(":") for row in releases.split()]
        release = next((release for minor, release in rows if int(minor) >= libc.minor), None)
        if release:
            found.append(f"{name} {release}")
    return f"glibc {libc}: {', '.join(found)}" if found else ""
