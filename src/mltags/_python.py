"""The interpreter as a value, and its ordered (python tag, abi tag) pairs.

CPython's are a short table of our own (PEP 425, 384, 703 and 803), because importing packaging costs fifty times what the
whole answer may; those of every other implementation are packaging's.
"""

from ._facts import MAX_MAJOR, MAX_MINOR, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ._host import Host

#: Short names that PEP 425 reserves; others stand for themselves.
SHORT_NAMES = {"python": "py", "cpython": "cp", "pypy": "pp", "ironpython": "ip", "jython": "jy"}


class Python(Value):
    """An interpreter, as far as wheels care.

    * ``implementation``: the short name, e.g. ``"cp"`` for CPython.
    * ``version``: ``(major, minor)``, or ``(major,)``.
    * ``abis``: the ABI tags of its extension modules, best first; the stable ABI and ``none`` follow from them.
    """

    __slots__ = ("implementation", "version", "abis")
    implementation: "str"
    version: "tuple[int, ...]"
    abis: "tuple[str, ...]"

    def __init__(self, implementation: "str", version: "Iterable[int]", abis: "Iterable[str]" = ()) -> "None":
        version = tuple(version)
        sound = [type(n) is int and 0 <= n <= limit for n, limit in zip(version, (MAX_MAJOR, MAX_MINOR), strict=False)]
        if not 0 < len(version) < 3 or not all(sound):
            from ._errors import InvalidTarget

            raise InvalidTarget(
                ".".join([str(n) for n in version]),
                "Python version",
                f"one or two whole numbers are accepted, the first up to {MAX_MAJOR}, the second up to {MAX_MINOR}",
            )
        Value.__init__(self, implementation.lower(), version, tuple(dict.fromkeys([abi.lower() for abi in abis])))

    @property
    def tag(self) -> "str":
        """The python tag, e.g. ``"cp312"``."""
        return self.implementation + "".join([str(n) for n in self.version])

    @property
    def pairs(self) -> "tuple[tuple[str, str], ...]":
        """The (python tag, abi tag) pairs that go with a platform tag, best first, without duplicates."""
        return self.order()[0]

    @property
    def pure(self) -> "tuple[str, ...]":
        """The python tags that go with ``none-any``, best first, without duplicates."""
        return self.order()[1]

    def order(self) -> "tuple[tuple[tuple[str, str], ...], tuple[str, ...]]":
        """Both: ``pairs`` and ``pure``."""
        generations = _generations(self.version)
        pure = tuple(generations)
        if self.implementation == "cp":
            tag = self.tag
            pairs = _cpython_pairs(tag, self.version, self.abis)
            pure = (tag, *pure)
        else:
            pairs = _generic_pairs(self)
            if self.implementation == "pp":
                pure = ("pp3", *pure)  # packaging's; other implementations have none of their own
            elif self.implementation == "py":
                del generations[0]  # its own pair is that one
        return (*pairs, *[(python, "none") for python in generations]), pure


def python_of(host: "Host") -> "Python":
    """The Python of *host*, from its raw answers. Touches the host.

    Raises:
        ProbeError: the host does not know its interpreter.
    """
    return python_from(host.python(), repr(host))


def python_from(answers: "Mapping[str, object]", source: "str") -> "Python":
    """The Python that raw *answers* describe (those of :meth:`mltags.Host.python`); *source* names who gave them, for errors."""
    name, version = answers.get("implementation"), answers.get("version")
    if not isinstance(name, str) or not isinstance(version, (tuple, list)):
        from ._errors import ProbeError

        raise ProbeError(source, "its Python is not known; name the version, as in python_version='3.12'")
    try:
        numbers = Python("py", version).version
    except ValueError as problem:  # an InvalidTarget
        from ._errors import ProbeError

        raise ProbeError(source, str(problem)) from problem
    short = SHORT_NAMES.get(name, name)
    if short == "cp":
        return Python(short, numbers, cpython_abis(numbers, answers))
    suffix = answers.get("ext_suffix")
    if isinstance(suffix, str) and suffix.startswith(".") and suffix.count(".") == 1:
        # It names no ABI; packaging takes CPython's then.
        return Python(short, numbers, cpython_abis(numbers, answers))
    return Python(short, numbers, _abis_of_suffix(suffix, source))


def cpython_abis(version: "tuple[int, ...]", flags: "Mapping[str, object]") -> "list[str]":
    """The ABI tags of a CPython *version* built with *flags* (keys as in :meth:`mltags.Host.python`), best first.

    Source: PEP 3149 (``d``, ``m``, ``u``), PEP 703 (``t``). A debug build loads release extensions as well since 3.8.
    """
    if len(version) < 2:
        return []
    digits = "cp" + "".join([str(n) for n in version[:2]])
    threads = "t" if version >= (3, 13) and flags.get("free_threaded") else ""
    debug = "d" if flags.get("debug") else ""
    if version >= (3, 8):
        return [digits + threads + debug] + ([digits + threads] if debug else [])
    pymalloc = "m" if flags.get("pymalloc", True) else ""
    unicode = "u" if version < (3, 3) and flags.get("wide_unicode", True) else ""
    return [digits + debug + pymalloc + unicode]


def _abis_of_suffix(suffix: "object", source: "str") -> "list[str]":
    """The ABI tag in a file suffix of extension modules: ``.pypy311-pp73-x86_64-linux-gnu.so`` is ``pypy311_pp73``.

    The suffix joins the ABI and the platform; how many parts are the ABI's is each implementation's own habit.
    """
    parts = suffix.split(".") if isinstance(suffix, str) else []
    words = parts[1].split("-") if len(parts) > 2 and not parts[0] else []
    if not words or (words[0].startswith("cpython") and not any(words[1:2])):
        from ._errors import ProbeError

        raise ProbeError(
            source, f"its ABI is not known (suffix of extension modules: {suffix!r}); name it, as in abis=['pypy311_pp73']"
        )
    if words[0].startswith("cpython"):
        return ["cp" + words[1]]
    length = {"pypy": 2, "graalpy": 3}.get(words[0].rstrip("0123456789"), 1 if words[0].startswith("cp") else len(words))
    abi = "_".join(words[:length]).replace(" ", "_")
    return [abi] if abi else []


def _generations(version: "tuple[int, ...]") -> "list[str]":
    """The generic python tags of *version*, best first: py312, py3, py311 ... py30."""
    major = version[0]
    if len(version) == 1:
        return [f"py{major}"]
    return [f"py{major}{version[1]}", f"py{major}", *[f"py{major}{minor}" for minor in range(version[1] - 1, -1, -1)]]


def _is_free_threaded(abi: "str") -> "bool":
    return abi.startswith("cp") and abi[2:3].isdigit() and "t" in abi


def _cpython_pairs(tag: "str", version: "tuple[int, ...]", abis: "Iterable[str]") -> "list[tuple[str, str]]":
    """Source: PEP 425; PEP 384 (abi3, from 3.2 on); PEP 703 and 803 (abi3t in its place on free-threaded builds)."""
    abis = list(abis)
    stable = "abi3t" if abis and _is_free_threaded(abis[0]) else "abi3"
    # These have places of their own, named or not.
    for own in ("abi3", stable, "none"):
        if own in abis:
            abis.remove(own)
    pairs = [(tag, abi) for abi in abis]
    has_stable = len(version) > 1 and version >= (3, 2)
    if has_stable:
        pairs.append((tag, stable))
    pairs.append((tag, "none"))
    if has_stable:
        major, minor = list(version)
        pairs += [(f"cp{major}{older}", stable) for older in range(minor - 1, 1, -1)]
    return pairs


def _generic_pairs(python: "Python") -> "list[tuple[str, str]]":
    from packaging.tags import generic_tags

    # One platform tag stands for all: packaging reads an empty list as "those of the running system".
    tags = generic_tags(interpreter=python.tag, abis=python.abis, platforms=["any"])
    return list(dict.fromkeys([(tag.interpreter, tag.abi) for tag in tags]))
