"""Print how fast mltags is beside its peers, as ratios measured in one run.

    python benchmarks            all groups
    python benchmarks tags       one group: tags, rank, ...

Run it with the interpreter to be measured, in an environment that has mltags, packaging and pip. Every row first checks that
both answers agree. Cold rows start a new process for each measurement, ours and the peer's in turn; the figure of a row is the
median of the ratios of neighbours, so that a machine that grows slower or faster meanwhile does not count.
"""

import importlib
import os
import platform
import sys
from pathlib import Path

GROUPS = ("tags", "rank", "explain", "check", "environment", "audit")


def main() -> int:
    sys.path.insert(0, str(Path(__file__).parent))
    # Where it is set, what pip has installed is compiled and a checkout is not: the cold rows would time our compiler.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    wanted = sys.argv[1:] or list(GROUPS)
    print(f"{platform.python_implementation()} {platform.python_version()}")
    print()
    print("| work | bound | ratio | ours | peer |")
    print("|---|---|---|---|---|")
    within = True
    for group in wanted:
        for row in importlib.import_module(f"bench_{group}").rows():
            within &= row.is_within
            print(row, flush=True)
    return 0 if within else 1


if __name__ == "__main__":
    raise SystemExit(main())
