"""gunicorn as in production, with few workers; its log names the host of each request."""

import os
import signal
from typing import Any

from saas import local

worker_class = "gthread"
workers = int(os.environ.get("BENCH_WORKERS", "2"))
threads = int(os.environ.get("BENCH_THREADS", "8"))
backlog = 2048
worker_connections = 2000
keepalive = 5
graceful_timeout = 2
accesslog = "-"
access_log_format = 'access host="%({host}i)s" request="%(r)s" status=%(s)s agent="%(a)s"'
control_socket_disable = True


def pre_fork(_server: Any, worker: Any) -> None:
    worker.end_with_master = local.die_with_parent(signal.SIGKILL)


def post_fork(_server: Any, worker: Any) -> None:
    worker.end_with_master()
