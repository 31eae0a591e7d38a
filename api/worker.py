"""Celery workers: the same chunks as on one machine, told of by a broker to any number of hosts.

A message is the key of a chunk and nothing else. It is taken off the broker before the chunk is done, since what
a killed worker leaves behind comes up again by its lease, and a message that comes twice finds nothing to do.
"""

import contextlib
import logging
from typing import Any

import structlog
from celery import Celery, bootsteps, signals
from celery.worker import request
from kombu.entity import Queue
from sqlalchemy.exc import SQLAlchemyError

from api.config import Settings
from api.services import Services
from api.services.jobs.dispatching import dispatch
from api.services.jobs.retag import WrongModel, run_chunk

_TASK = "tagger.run_chunk"
_EVERY = 1.0
"""Seconds between two looks at what is to be sent."""
_TASKS_EACH = 2_000
"""Chunks that a process does before another one takes its place, so that memory that leaks comes back."""
log = structlog.get_logger(__name__)


def celery_app(settings: Settings) -> Celery:
    """The connection to the broker of the settings."""
    app = Celery("tagger", broker=settings.broker_url, set_as_current=False, fixups=[])
    app.conf.update(
        task_queues=[Queue(settings.broker_queue, durable=True)],  # type: ignore[no-untyped-call]
        task_default_queue=settings.broker_queue,
        task_default_delivery_mode="transient",
        task_ignore_result=True,
        task_publish_retry=False,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=_TASKS_EACH,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=3,
        broker_transport_options={"socket_timeout": 10, "socket_connect_timeout": 3}
        if (settings.broker_url or "").startswith("redis")
        else {},
    )
    return app


def run_worker(services: Services, processes: int) -> None:
    """Do what the broker tells of, with so many processes, until a signal comes; what was begun is ended first."""
    services.load_to_share()
    app = celery_app(services.settings)
    dispatcher = Dispatcher(services, app)

    class Request(request.Request):  # type: ignore[misc]
        def acknowledge(self) -> None:
            super().acknowledge()
            if not self.message.acknowledged:
                dispatcher.unacknowledged = True

    @app.task(name=_TASK, Request=Request)  # type: ignore[untyped-decorator]
    def run(chunk_id: int) -> None:
        try:
            run_chunk(services, chunk_id)
        except WrongModel as error:
            # Some other host may have it loaded; the chunk is sent again.
            log.warning("wrong_model", wanted=str(error), loaded=services.tagger.model_version)

    def own_connections(**_arguments: Any) -> None:
        # A forked process must not use the connections of the one it was forked from.
        services.database.dispose()

    signals.worker_process_init.connect(own_connections, weak=False)
    # Two lines for each chunk say nothing that the rows do not.
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    app.steps["consumer"].add(_dispatching(dispatcher))
    worker = app.Worker(
        concurrency=processes,
        pool="prefork",
        loglevel=services.settings.log_level,
        without_gossip=True,
        without_mingle=True,
        quiet=True,
    )
    worker.start()


def _dispatching(dispatcher: "Dispatcher") -> type[bootsteps.StartStopStep]:
    """The step of the worker's main process that sends messages, between others, in one thread."""

    class Dispatching(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def __init__(self, parent: Any, **arguments: Any) -> None:
            super().__init__(parent, **arguments)
            self.entry: Any = None

        def start(self, parent: Any) -> None:
            # Anew with each connection to the broker.
            self.entry = parent.timer.call_repeatedly(_EVERY, dispatcher.round)

        def stop(self, parent: Any) -> None:
            if self.entry is not None:
                self.entry.cancel()
                self.entry = None
            dispatcher.hang_up()

    return Dispatching


class BrokerAwayError(ConnectionError):
    """Messages cannot be acknowledged; the worker takes it for any other broken connection."""


class Dispatcher:
    """Sends what waits over a connection of its own, made anew after any trouble.

    Attributes:
        unacknowledged: a message was taken and the broker could not be told so.
    """

    def __init__(self, services: Services, app: Celery) -> None:
        self._services = services
        self._app = app
        self._queue = services.settings.broker_queue
        self._connection: Any = None
        self.unacknowledged = False

    def round(self) -> None:
        """Send once. A store or a broker that is away costs the round and no more.

        Raises:
            BrokerAwayError: the worker has to connect anew. Left to itself it would wait for ever, since it asks Redis
                for nothing more while as many messages as it may take are not acknowledged.
        """
        if self.unacknowledged:
            self.unacknowledged = False
            raise BrokerAwayError
        try:
            sent = dispatch(self._services, self.length, self._send)
        except SQLAlchemyError as error:
            log.warning("dispatch_failed", error=type(error).__name__)
            return
        except Exception as error:
            log.warning("dispatch_failed", error=type(error).__name__)
            self.hang_up()
            return
        if sent:
            log.info("chunks_sent", sent=sent)

    def length(self) -> int:
        """How many messages wait in the queue; 0 where there is no such queue yet."""
        connection = self._connected()
        channel = connection.channel()
        try:
            return int(channel.queue_declare(queue=self._queue, passive=True).message_count)
        except connection.channel_errors:
            return 0
        finally:
            channel.close()

    def hang_up(self) -> None:
        """Close the connection; the next round makes another one."""
        broken, self._connection = self._connection, None
        with contextlib.suppress(Exception):
            # It may not even close.
            broken.release()

    def _send(self, chunk_id: int) -> None:
        producer = self._app.amqp.Producer(self._connected(), auto_declare=False)
        self._app.send_task(_TASK, (chunk_id,), queue=self._queue, producer=producer)

    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = self._app.connection_for_write()
            self._connection.ensure_connection(max_retries=1)
        return self._connection
