"""Make docs/check.png, or the file named, anew: what ``check --format html`` shows in a browser. It needs chromium."""

import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent
LOCK = DOCS.parent / "tests/check/data/tools"
MACHINES = ("centos-7", "alpine-3.20", "raspberry-pi-os-12:armv7l", "windows-11")


def main(picture: Path) -> None:
    words = [word for name in MACHINES for word in ("--machine", name)]
    command = [sys.executable, "-m", "mltags", "check", "uv.lock", *words, "--python-version", "3.12", "--only-binary"]
    page = subprocess.run([*command, "--format", "html"], cwd=LOCK, stdout=subprocess.PIPE, check=False).stdout
    with tempfile.NamedTemporaryFile(suffix=".html") as file:
        file.write(page)
        file.flush()
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1000,760"]
        subprocess.run(
            ["chromium", *options, f"--screenshot={picture}", f"file://{file.name}"], check=True, stderr=subprocess.DEVNULL
        )


if __name__ == "__main__":
    main(Path(*sys.argv[1:]) if sys.argv[1:] else DOCS / "check.png")
