"""From a Host's raw answers to a Platform: which architecture, which C library, and what the override module refuses.

Whatever a host answers or raises, the outcome is a Platform; what could not be found out is unknown, and the evidence says
why. The one exception is :class:`mltags.OverrideError`, for an override module that misbehaves.

The ordinary machine, 64-bit with a glibc that says so, is all there is in this module; what needs the interpreter's ELF header
is in ``_abi``, and what needs an override module in ``_override``.
"""

from ._facts import MAX_MAJOR, MAX_MINOR, Evidence, Glibc, Platform, leading_version
from ._ladder import PLAIN, ladder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._facts import Musl
    from ._host import Host

#: Longest answer that evidence keeps.
SHOWN = 300


def shown(answer: "object") -> "str":
    """An answer as evidence keeps it: its repr, cut where somebody answers a megabyte; an exception in its own words."""
    if isinstance(answer, BaseException):
        from ._errors import said

        return said(answer)
    if isinstance(answer, (str, bytes)) and len(answer) > SHOWN:
        return f"{answer[:SHOWN]!r}..."
    try:
        return repr(answer)[:SHOWN]
    except (Exception, SystemExit) as problem:
        return shown(problem)


class Inquiry:
    """One probe under way: asks a host, and writes down what it answered."""

    __slots__ = ("evidence", "host")

    def __init__(self, host: "Host") -> "None":
        self.host = host
        self.evidence: list[Evidence] = []

    def ask(self, question: "str", *arguments: "object") -> "object":
        """The answer to *question*, or the exception in its place."""
        try:
            return getattr(self.host, question)(*arguments)
        except (Exception, SystemExit) as problem:
            from ._errors import MltagsError

            if isinstance(problem, MltagsError):  # the host's own complaint, not the machine's answer
                raise
            return problem

    def note(self, fact: "str", question: "str", answer: "object", conclusion: "str") -> "None":
        try:
            source = self.host.source(question)
        except (Exception, SystemExit):  # the name of the question is a source too
            source = question
        self.evidence.append(Evidence(fact, source, shown(answer), conclusion))

    def text(self, question: "str", *arguments: "object") -> "str | None":
        """The answer where it is text; None for anything else, a failure included."""
        answer = self.ask(question, *arguments)
        return answer if isinstance(answer, str) else None

    def glibc(self, confstr: "object", words: "list[str]") -> "Glibc | None":
        """What ``os.confstr``, else ctypes, says of glibc (R8)."""
        question: str = "confstr"
        answer = confstr
        if len(words) == 2:
            text = words[1]
        else:
            self.note("libc", "confstr", confstr, "does not name glibc and its version")
            question = "gnu_get_libc_version"
            answer = self.ask(question)
            if isinstance(answer, bytes):
                try:
                    answer = answer.decode("ascii")
                except UnicodeDecodeError as problem:
                    answer = problem
            if not isinstance(answer, str):
                self.note("libc", question, answer, "not glibc")
                return None
            text = answer
        version = leading_version(text)
        if version is None:
            self.note("libc", question, answer, "glibc, version unknown: no <number>.<number>, or beyond any real one")
            return None
        self.note("libc", question, answer, f"glibc {version[0]}.{version[1]}")
        return Glibc(*version)


def probe(host: "Host | None" = None, *, max_glibc: "Glibc | str | tuple[int, int] | None" = None) -> "Platform":
    """Find out what *host* (None: the machine we run on) is, as far as wheels care.

    Touches the machine; caches nothing. The override module is imported, and asked where there is a manylinux ladder.

    Args:
        host: whoever answers the questions of :class:`mltags.Host`.
        max_glibc: manylinux tags above this version are left out, as if the machine's glibc were no newer: a
            :class:`mltags.Glibc`, ``"2.28"`` or ``(2, 28)``.

    Raises:
        OverrideError: the ``_manylinux`` module misbehaved.
        InvalidTarget: *max_glibc* is no version.
        MltagsError: *host* itself raised one; every other exception of a host is evidence.
    """
    return inquire(host, max_glibc)


def platform_tags(platform: "Platform | None" = None, *, native: "str" = "first") -> "tuple[str, ...]":
    """List the platform tags of *platform* (None: the machine we run on, probed anew), best first, without duplicates.

    Raises:
        InvalidTarget: *native* is neither ``"first"`` nor ``"last"``.
        OverrideError: the machine was probed and its ``_manylinux`` module misbehaved.

    Source: PEP 600, PEP 656; list-identical to packaging 26.3 but for the deviations that the README lists.
    """
    if platform is None:
        platform = inquire(None, None)
    elif not isinstance(platform, Platform):  # not every caller is typed
        raise _refused(platform, "platform", "a Platform is accepted, such as that of probe() or Platform.parse(tag)")
    return ladder(platform, native=native)


def ceiling(max_glibc: "Glibc | str | tuple[int, int] | None") -> "Glibc | None":
    """Make a Glibc of what callers may pass as ``max_glibc``; ``InvalidTarget`` where it is no version."""
    if max_glibc is None or isinstance(max_glibc, Glibc):
        return max_glibc
    if isinstance(max_glibc, tuple) and len(max_glibc) == 2:
        return Glibc(*max_glibc)
    # Not every caller is typed, and the float 2.30 would be 2.3.
    version = leading_version(max_glibc) if isinstance(max_glibc, str) else None  # type: ignore[redundant-expr]
    if version is None or f"{version[0]}.{version[1]}" != max_glibc:
        raise _refused(max_glibc, "max_glibc", f"a text such as '2.28' is accepted, up to {MAX_MAJOR}.{MAX_MINOR}")
    return Glibc(*version)


def inquire(host: "Host | None", max_glibc: "Glibc | str | tuple[int, int] | None", *, thorough: "bool" = False) -> "Platform":
    """As ``probe``; *thorough* looks at the interpreter's program for the evidence, even where it cannot change the answer."""
    limit = ceiling(max_glibc)
    if host is None:
        from ._local import LocalHost

        host = LocalHost()
    elif isinstance(host, str):
        raise _refused(host, "host", "an object that answers the questions of mltags.Host is accepted")
    inquiry = Inquiry(host)
    answer = inquiry.ask("system")
    system = answer if isinstance(answer, str) else ""
    inquiry.note("system", "system", answer, system or "unknown")
    if system != "Linux":
        return _elsewhere(inquiry, system)
    name = inquiry.ask("platform")
    if not isinstance(name, str):
        inquiry.note("machine", "platform", name, "unknown, so no platform tags")
        return Platform(evidence=inquiry.evidence)
    normal = name.replace("-", "_").replace(".", "_").replace(" ", "_")
    if not normal.startswith("linux_"):
        inquiry.note("machine", "platform", name, "not a Linux platform: its own name is its only tag")
        return Platform(listed=[normal], evidence=inquiry.evidence)
    inquiry.note("machine", "platform", name, normal[len("linux_") :])
    return _linux(inquiry, normal[len("linux_") :], limit, thorough=thorough)


def _refused(given: "object", part: "str", problem: "str") -> "Exception":
    from ._errors import InvalidTarget

    return InvalidTarget(str(given), part, problem)


def _elsewhere(inquiry: "Inquiry", system: "str") -> "Platform":
    """A system other than Linux: packaging's list (R11)."""
    answer = inquiry.ask("platform_tags")
    try:
        if isinstance(answer, str):
            raise TypeError(answer)
        tags: dict[str, None] = {}
        for tag in answer:  # type: ignore[attr-defined]
            numbers = [word for word in str(tag).split("_") if word.isdigit()]
            if any(len(number) > 3 for number in numbers):  # the first tag tells how long the list would be
                raise ValueError(f"a version beyond any real one: {tag}")
            tags[str(tag)] = None
    except (Exception, SystemExit) as problem:  # a generator raises when it is read, and an answer may be no list at all
        failed = answer if isinstance(answer, BaseException) else problem
        inquiry.note("tags", "platform_tags", failed, "no platform tags")
        return Platform(system=system, evidence=inquiry.evidence)
    inquiry.note("tags", "platform_tags", len(tags), "so many platform tags, in that order")
    return Platform(system=system, listed=tags, evidence=inquiry.evidence)


def _linux(inquiry: "Inquiry", machine: "str", limit: "Glibc | None", *, thorough: "bool") -> "Platform":
    answer = inquiry.ask("pointer_size")
    size = answer if type(answer) is int else 0
    inquiry.note("pointers", "pointer_size", answer, {4: "32-bit", 8: "64-bit"}.get(size, "unknown"))
    declared = inquiry.text("declared_platform")
    confstr = inquiry.ask("confstr", "CS_GNU_LIBC_VERSION")
    words = confstr.split() if isinstance(confstr, str) else []
    archs: tuple[str, ...] = (machine,)
    ladders = archs
    if machine in PLAIN and size == 8 and len(words) == 2 and words[0] == "glibc" and declared is None:
        libc: Glibc | Musl | None = inquiry.glibc(confstr, words)
    else:
        from ._abi import identify

        archs, ladders, libc = identify(inquiry, machine, size, declared, confstr, words)
    if thorough:
        from ._abi import note_program

        note_program(inquiry)
    if limit is not None and type(libc) is Glibc and limit < libc:
        inquiry.evidence.append(Evidence("ceiling", "max_glibc", str(limit), f"no manylinux tag above glibc {limit}"))
    try:
        module = inquiry.host.override()
        problem = None
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # whatever a module raises when it is imported, SystemExit included
        module, problem = None, raised
    override = None
    if module is None and problem is None:
        inquiry.note("override", "override", None, "no override module")
    else:
        from ._override import consult

        override = consult(inquiry, module, problem, libc, ladders, limit)
    return Platform(archs=archs, ladders=ladders, libc=libc, ceiling=limit, override=override, evidence=inquiry.evidence)
