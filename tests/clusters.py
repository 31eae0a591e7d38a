"""A PostgreSQL cluster of a test's own, that may be stopped and started."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.brokers import free_port
from tests.missing import missing

_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_PATH = os.pathsep.join([*map(str, _FOLDERS), os.environ["PATH"]])


def programs() -> bool:
    """Whether the programs to make a cluster with are installed."""
    return all(shutil.which(name, path=_PATH) for name in ("initdb", "pg_ctl"))


class Cluster:
    """A cluster in a folder; `address` is that of its database `postgres`."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._port = free_port()
        self.address = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        # The server refuses to run as root; the folder is then its own user's.
        self._as_user = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if _is_root() else []
        )
        if _is_root():
            shutil.chown(folder, "postgres", "postgres")
        self._run("initdb", "--username=postgres", "--auth=trust", "--no-sync", "--pgdata", self._data)

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        log = self._data.parent / "log"
        self._run("pg_ctl", "start", "--wait", "--pgdata", self._data, "--log", log, "--options", options)

    def stop(self, mode: str = "immediate") -> None:
        """Stop: `immediate` as a crash does, `fast` as an operator would."""
        self._run("pg_ctl", "stop", "--wait", "--pgdata", self._data, "--mode", mode)

    def _run(self, program: str, *arguments: str | Path) -> None:
        found = shutil.which(program, path=_PATH)
        if found is None:
            missing(f"no {program} to make a cluster with")
        subprocess.run(
            [*self._as_user, found, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _is_root() -> bool:
    return os.geteuid() == 0


@contextmanager
def stoppable_postgresql() -> Iterator[Cluster]:
    """A started cluster of a test's own, stopped and removed at the end."""
    # Not in a test's folder, which another user cannot enter.
    with tempfile.TemporaryDirectory(prefix="tagger-cluster-") as folder:
        cluster = Cluster(Path(folder))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
