"""Nothing about sys.modules changes an answer, and after load() neither files nor imports are needed (reports A1 and A2)."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sys_modules

import mltags

PROGRAM = Path(sys_modules.__file__)


def run(*words: str, path: Path | None = None) -> str:
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": os.pathsep.join([str(path or Path(mltags.__file__).parent.parent), str(PROGRAM.parent)]),
    }
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False, timeout=120)
    return f"{done.stdout.strip()}{done.stderr.strip()}"


class TestRestoring:
    """Whoever puts sys.modules back after a first use of mltags changes no later answer (report A1)."""

    @pytest.mark.parametrize("way", sys_modules.WAYS)
    @pytest.mark.parametrize("use", sys_modules.USES)
    def test_every_answer_is_as_before(self, use: str, way: str) -> None:
        assert run(str(PROGRAM), use, way) == "[]"

    @pytest.mark.parametrize("use", sys_modules.USES)
    def test_after_a_test_of_tests_every_answer_is_as_before(self, use: str, tmp_path: Path) -> None:
        """pytest's ``pytester`` runs a session in this process and puts sys.modules back afterwards."""
        inner = f"import sys_modules\n\ndef test_inner():\n    sys_modules.USES[{use!r}]()\n"
        test = tmp_path / "test_outer.py"
        test.write_text(
            "import sys_modules\n\n"
            "def test_outer(pytester):\n"
            f"    pytester.makepyfile(test_inner={inner!r})\n"
            "    for checks in (sys_modules.CHECKS, sys_modules.CORE):\n"
            "        pytester.runpytest_inprocess('-p', 'mltags').assert_outcomes(passed=1)\n"
            "        assert sys_modules.failures(sys_modules.Held(), checks, 'afterwards') == []\n"
        )
        options = [
            "-q",
            "-p",
            "pytester",
            "-p",
            "mltags",
            "-p",
            "no:cacheprovider",
            "-c",
            os.devnull,
            "--rootdir",
            str(tmp_path),
        ]
        assert re.fullmatch(r"\.\s+\[100%\]\n1 passed in .*", run("-m", "pytest", *options, str(test)))


LOADED = "import sys, mltags; mltags.load(); loaded = set(sys.modules); import sys_modules; sys_modules.install({!r}, loaded)"


class TestLoad:
    """After ``load`` the core needs neither its files nor another import (report A2)."""

    def test_without_its_files_every_answer_is_as_before(self, tmp_path: Path) -> None:
        shutil.copytree(Path(mltags.__file__).parent, tmp_path / "site" / "mltags")
        assert run("-c", LOADED.format("files deleted"), path=tmp_path / "site") == "[]"
        assert not (tmp_path / "site" / "mltags").exists()

    def test_with_imports_blocked_every_answer_is_as_before(self) -> None:
        assert run("-c", LOADED.format("imports blocked")) == "[]"
