"""What was detected, told to a person: one line a fact, and how it is known."""

from .._abi import STATIC
from .._core import FLOOR, FLOORS, Glibc, ladder
from .._declare import IMPLEMENTATIONS
from .._errors import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._core import Platform
    from .._target import Target


def report(target: "Target") -> "str":
    """Describe *target* in aligned lines."""
    python, platform, tags = target.python, target.platform, target.platform_tags
    if python is None or platform is None:
        return f"tags  {len(target.triples)} listed tags"
    name = IMPLEMENTATIONS.get(python.implementation, python.implementation)
    version = ".".join([str(n) for n in python.version])
    rows = [("python", f"{name} {version}", ", ".join(python.abis) or "no ABI")]
    for known in platform.evidence:
        said = f"{known.question}: {known.answer}" if known.answer else known.question
        rows.append((known.fact, known.conclusion, said))
        if known.conclusion.endswith(STATIC):
            rows.append(("", "it cannot load extension modules, whatever the tags say", "statically linked"))
    count = f"{len(tags)} platform tag{'s' if len(tags) != 1 else ''}"
    rows.append(("tags", count, f"{tags[0]} ... {tags[-1]}" if len(tags) > 1 else "".join(tags)))
    missing = why_no_ladder(platform)
    if missing:
        rows.append(("", missing, ""))
    shown = [[printable(cell) for cell in row] for row in rows]
    first = max([len(row[0]) for row in shown])
    second = min(40, max([len(row[1]) for row in shown]))
    return "\n".join([f"{fact:{first}}  {conclusion:{second}}  {said}".rstrip() for fact, conclusion, said in shown])


def why_no_ladder(platform: "Platform") -> "str":
    """In words, why *platform* has neither manylinux nor musllinux tags; empty where it has some, or is no Linux."""
    if platform.listed or platform.system != "Linux" or len(ladder(platform)) > len(platform.archs):
        return ""
    known = {item.fact: item.conclusion for item in platform.evidence}
    if not platform.archs:
        return "no tags at all: the machine could not be asked what it is"
    if platform.libc is None:
        return f"no manylinux or musllinux tags: the C library is unknown ({known.get('libc', 'nobody said')})"
    if not platform.ladders:
        return f"no manylinux or musllinux tags: {known.get('ladder', 'the architecture has none')}"
    arch = platform.ladders[0]
    floor = Glibc(2, FLOORS.get(arch, FLOOR))
    for version, what in ((platform.libc, "glibc"), (platform.ceiling, "the ceiling")):
        if type(version) is Glibc and version < floor:
            return f"no manylinux tags: {what} {version} is older than the oldest of {arch}, {floor}"
    return "no manylinux tags: the override module refuses them all"
