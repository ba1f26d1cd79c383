"""Systems other than Linux, whose platform tags are packaging's, and the ABIs of implementations other than CPython (R11)."""

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._core import Platform
    from ._local import Inquiry


#: Systems whose version opens a range of tags, and the limits of the version (R13). Numbers in other names, such as a year, open none.
_RANGED = {
    "macosx": (_core.MAX_MAJOR, _core.MAX_MINOR),
    "ios": (_core.MAX_MAJOR, _core.MAX_MINOR),
    "android": (_core.MAX_MINOR,),
}
#: The most tags of a list. A real list has a few hundred.
MAX_TAGS = 10_000


def platform_elsewhere(inquiry: "Inquiry", system: "str") -> "Platform":
    """The platform of a system other than Linux, with the tags that packaging lists."""
    answer = inquiry.ask("platform_tags")
    try:
        if isinstance(answer, str):
            raise TypeError(answer)
        tags: dict[str, None] = {}
        for count, tag in enumerate(map(str, answer)):  # type: ignore[call-overload]
            numbers = [word for word in tag.split("_") if word.isdecimal()]
            limits = _RANGED.get(tag.lower().partition("_")[0], ())
            # The first tag already shows how long the list would become.
            if any(len(number) > 3 or int(number) > limit for number, limit in zip(numbers, limits, strict=False)):
                raise ValueError(f"a version beyond any real one: {tag}")
            if count == MAX_TAGS:
                raise ValueError(f"more than {MAX_TAGS} platform tags")
            tags[tag] = None
    except (Exception, SystemExit) as problem:  # a generator may raise while it is read, and an answer may not be a list
        failed = answer if isinstance(answer, BaseException) else problem
        inquiry.note("tags", "platform_tags", failed, "no platform tags")
        return _core.Platform(system=system, evidence=inquiry.evidence)
    inquiry.note("tags", "platform_tags", len(tags), "number of platform tags")
    return _core.Platform(system=system, explicit_tags=tags, evidence=inquiry.evidence)


def abis_elsewhere(version: "tuple[int, ...]", answers: "Mapping[str, object]", source: "str") -> "list[str]":
    """The ABI tag in the file suffix of extension modules: ``.pypy311-pp73-x86_64-linux-gnu.so`` is ``pypy311_pp73``.

    The suffix joins the ABI and the platform; how many of its parts belong to the ABI differs by implementation.
    """
    suffix = answers.get("ext_suffix")
    parts = suffix.split(".") if isinstance(suffix, str) else []
    if len(parts) == 2 and not parts[0]:  # it names no ABI, so packaging assumes CPython's
        return _core.cpython_abis(version, answers)
    words = parts[1].split("-") if len(parts) > 2 and not parts[0] else []
    if not words or (words[0].startswith("cpython") and not any(words[1:2])):
        from . import _errors

        problem = f"its ABI is unknown (suffix of extension modules: {suffix!r}); pass abis (--abi), such as pypy311_pp73"
        raise _errors.ProbeError(source, problem)
    if words[0].startswith("cpython"):
        return ["cp" + words[1]]
    length = {"pypy": 2, "graalpy": 3}.get(words[0].rstrip("0123456789"), 1 if words[0].startswith("cp") else len(words))
    abi = "_".join(words[:length]).replace(" ", "_")
    return [abi] if abi else []
