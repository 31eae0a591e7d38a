"""Message brokers for tests: the Redis and the RabbitMQ that answer here, and ones that may be stopped."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kombu import Connection
from kombu.exceptions import OperationalError

from tests.missing import missing

ADDRESSES = {
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0"),
    "rabbitmq": os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}
_START_SECONDS = 60


def broker(kind: str) -> str:
    """The address of a broker that answers.

    Skips the test where none does; in CI that is a failure.
    """
    if not _answers(ADDRESSES[kind]):
        missing(f"no {kind} at {ADDRESSES[kind]}")
    return ADDRESSES[kind]


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _answers(address: str) -> bool:
    try:
        with Connection(address, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.1)
    except (OSError, OperationalError):
        return False
    return True


class RedisServer:
    """A Redis of a test's own, that keeps nothing: what it was told is lost when it stops."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.address = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            missing("no redis-server to start and stop")
        options = ["--bind", "127.0.0.1", "--port", str(self._port), "--save", "", "--dir", self._folder]
        self._process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        wait_for(lambda: _answers(self.address))

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class RabbitServer:
    """A RabbitMQ node of a test's own; its queues' messages are transient, so that a stop loses them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        port = free_port()
        self.address = f"amqp://guest:guest@127.0.0.1:{port}//"
        self._environment = {
            **os.environ,
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"tagger_test_{port}@localhost",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        program = shutil.which(
            "rabbitmq-server", path=f"/usr/lib/rabbitmq/bin:{os.environ['PATH']}:/usr/sbin"
        )
        if program is None:
            missing("no rabbitmq-server to start and stop")
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [program], env=self._environment, stdout=output, stderr=output, start_new_session=True
            )
        wait_for(lambda: _answers(self.address))

    def stop(self) -> None:
        """Kill it with all its processes."""
        if self._process is not None:
            os.killpg(self._process.pid, 9)
            self._process.wait()
            self._process = None


@contextmanager
def stoppable_broker(kind: str, folder: Path) -> Iterator[RedisServer | RabbitServer]:
    """A started broker of a test's own."""
    server = RedisServer(folder) if kind == "redis" else RabbitServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def wait_for(condition: Callable[[], object], seconds: float = _START_SECONDS) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)
