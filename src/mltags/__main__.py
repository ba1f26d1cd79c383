"""``python -m mltags``: this machine's platform tags, best first; with arguments, the commands."""

import sys


def main() -> "int":
    """Run the command that the process was started with; returns its exit code."""
    # "-m" has put the current directory first; a stray ./_manylinux.py there does not belong to this machine.
    if sys.path and not sys.flags.isolated and not getattr(sys.flags, "safe_path", False):
        import os

        try:
            here = os.getcwd()
        except OSError:  # the directory is gone, so nothing can be imported from it
            here = ""
        if sys.path[0] in ("", here):
            del sys.path[0]
        # An empty entry in PYTHONPATH means the current directory, too. Keep it if this package was found there.
        if here != os.path.dirname(os.path.dirname(os.path.abspath(__file__))):
            sys.path[:] = [path for path in sys.path if path not in ("", here)]
    from .cli import output

    if sys.argv[1:]:
        from .cli import commands

        return output.run(lambda: commands.main(sys.argv[1:]))
    return output.run(_print_tags)


def _print_tags() -> "int":
    """The main job."""
    from . import _probe
    from .cli import output

    output.print_lines(_probe.platform_tags())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
