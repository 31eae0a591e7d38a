"""How gunicorn serves the application.

gunicorn --config python:api.gunicorn_conf 'api.app:create_app()'
"""

import atexit
import os
import shutil
import sys
import tempfile
from typing import Any

# prometheus_client decides at import whether workers share their numbers, so this comes before the
# application is loaded.
_metrics = tempfile.mkdtemp(prefix="tagger-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics
_master = os.getpid()

from prometheus_client.multiprocess import mark_process_dead  # noqa: E402

from api.config import Settings  # noqa: E402
from api.production import UnfitForProduction, require_fit  # noqa: E402

_settings = Settings()
try:
    # The application looks again; here it is said without a trace, before a model is loaded.
    require_fit(_settings)
except UnfitForProduction as error:
    shutil.rmtree(_metrics, ignore_errors=True)
    sys.exit(str(error))

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = _settings.workers
threads = _settings.threads
worker_class = "gthread"
# The weights are loaded once and shared by the workers, copy on write.
preload_app = True
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 100_000
max_requests_jitter = 10_000
# A worker's heartbeat file on a disk can block; memory cannot.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112
# Which proxies are believed is said once, by TAGGER_TRUSTED_PROXIES.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
# Nobody needs to steer it from a socket in the home directory.
control_socket_disable = True
# The application logs its requests itself; what gunicorn has to say goes through the same JSON formatter.
loglevel = "warning"
logconfig_dict: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {"level": "WARNING", "handlers": []},
    "loggers": {
        "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}


@atexit.register
def _remove_metrics() -> None:
    # Workers are forks and run this too when they end; the directory is the master's.
    if os.getpid() == _master:
        shutil.rmtree(_metrics, ignore_errors=True)


def post_fork(_server: Any, worker: Any) -> None:
    """A worker must not use the connections of the process it was forked from; its streams end when it is to end."""
    extensions = worker.app.wsgi().extensions
    extensions["services"].database.dispose()
    extensions["job_streams"].serving = lambda: worker.alive


def child_exit(_server: Any, worker: Any) -> None:
    """A worker that ended keeps its counters but no longer its gauges."""
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
