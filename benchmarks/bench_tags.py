"""The tags of this machine, beside packaging and pip."""

import subprocess
import sys
from collections.abc import Iterator

import measure
import packaging._manylinux
import packaging._musllinux
import packaging.tags

import mltags


def _packaging_anew() -> list[str]:
    """Packaging's list without what it keeps from one call to the next, as ours is."""
    packaging._manylinux._get_glibc_version.cache_clear()
    packaging._manylinux._get_manylinux_module.cache_clear()
    packaging._musllinux._get_musl_version.cache_clear()
    return list(packaging.tags.platform_tags())


def rows() -> Iterator[measure.Row]:
    assert list(mltags.platform_tags()) == list(packaging.tags.platform_tags())
    assert list(mltags.sys_tags()) == list(packaging.tags.sys_tags())
    printed = subprocess.run([sys.executable, "-m", "mltags"], check=True, capture_output=True, text=True).stdout
    assert printed.splitlines() == list(packaging.tags.platform_tags())
    yield measure.cold("cold `import mltags`", 0.02, "import mltags", "import packaging.tags")
    yield measure.cold(
        "cold process to platform tags in hand",
        0.06,
        "import mltags; mltags.platform_tags()",
        "import packaging.tags; list(packaging.tags.platform_tags())",
    )
    yield measure.warm("`platform_tags()` asked again, nothing cached", 0.75, mltags.platform_tags, _packaging_anew)
    bound = 1.7 if sys.version_info < (3, 12) else 1.4
    yield measure.process("`python -m mltags`, beside `python -c pass`", bound, ["-m", "mltags"], ["-c", "pass"])
    debug = ["-m", "pip", "--disable-pip-version-check", "debug", "--verbose"]
    yield measure.process("`python -m mltags`, beside `pip debug --verbose`", 0.1, ["-m", "mltags"], debug, runs=8)
