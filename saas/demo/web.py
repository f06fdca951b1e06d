"""gunicorn's configuration in the demo. Workers end with their master, also when that is killed."""

import os
import signal
from typing import Any

from saas import local
from saas.demo import readiness

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = 8
preload_app = True  # one import for all workers
graceful_timeout = 4
accesslog = "-"
# Without the query, which may hold a token or a code, and without Referer, which may hold another page's.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(b)s "%(a)s"'
control_socket_disable = True


def pre_fork(_server: Any, worker: Any) -> None:
    worker.end_with_master = local.die_with_parent(signal.SIGKILL)


def post_fork(_server: Any, worker: Any) -> None:
    worker.end_with_master()


def post_worker_init(_worker: Any) -> None:
    readiness.tell()
