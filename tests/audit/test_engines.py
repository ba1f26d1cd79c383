"""Many wheels on a real engine for distributed work: dask's scheduler with two workers on the loopback, one of them killed."""

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from elves import wheel
from judging import NEW, OURS, TAGS, needing

from mltags.audit import Audit, audit_many, verdict

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]


class Killer(verdict._Job):
    """Judges wheels, and ends its process over one whose name says so."""

    def __call__(self, path: str) -> Any:
        if "killer" in path:
            os._exit(1)
        return super().__call__(path)


def test_a_killed_worker_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    cloudpickle = pytest.importorskip("cloudpickle")
    dask = pytest.importorskip("dask")
    paths = [wheel(tmp_path, f"demo{n}-1.0-{TAGS}.whl", {OURS: needing(f"GLIBC_2.{5 + n % 30}")}) for n in range(60)]
    killer = tmp_path / "killer-1.0-py3-none-any.whl"
    monkeypatch.setattr(verdict, "_Job", Killer)
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    options = {"distributed.scheduler.allowed-failures": 1, "distributed.worker.daemon": True}
    with (
        dask.config.set(options),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        workers = client.run(os.getpid)
        verdicts = audit_many([*paths[:30], killer, *paths[30:]], NEW, executor=client.get_executor(pure=False))
        found = [next(verdicts) for _ in range(5)]
        with contextlib.suppress(ProcessLookupError):  # the wheel may have ended this very worker
            os.kill(next(iter(workers.values())), signal.SIGKILL)
        found += verdicts
    assert [one.name if isinstance(one, Audit) else type(one).__name__ for one in found] == [
        *[path.name for path in paths[:30]],
        "InvalidWheel",
        *[path.name for path in paths[30:]],
    ]
    assert "process: the process that read it died: KilledWorker" in str(found[30])
