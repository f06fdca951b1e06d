"""PgBouncer in transaction mode in front of a PostgreSQL of the bench; a program of the system, not of a wheel."""

import shutil
import signal
from pathlib import Path
from urllib.parse import quote

from saas.servers import place
from saas.servers.postgres import Postgres
from saas.servers.process import Server

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
PORT = 6432
SERVER_CONNECTIONS = 6  # far fewer than tenants or threads, so that each carries all of them
MAX_CLIENTS = 500


class PgBouncer(Server):
    """One PgBouncer on a unix socket; whoever reaches the socket may say who they are."""

    title = "PgBouncer"
    log_name = "pgbouncer.log"
    socket_name = f".s.PGSQL.{PORT}"
    stop_signals = (signal.SIGINT, signal.SIGKILL)

    def __init__(self, directory: Path, postgres: Postgres, users: tuple[str, ...]) -> None:
        super().__init__(directory)
        self.postgres, self.users = postgres, users
        self._account = place.other_account()

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_dir))}&port={PORT}"

    def _prepare(self) -> None:
        users = self.home / "users.txt"
        users.write_text("".join(f'"{user}" ""\n' for user in self.users))
        settings = {
            "unix_socket_dir": self.socket_dir,
            "listen_port": PORT,
            "auth_type": "trust",
            "auth_file": users,
            "pool_mode": "transaction",
            "default_pool_size": SERVER_CONNECTIONS,
            "max_client_conn": MAX_CLIENTS,
            "server_reset_query": "",
            "ignore_startup_parameters": "extra_float_digits",
            "log_connections": 0,
            "log_disconnections": 0,
        }
        lines = ["[databases]", f"* = host={self.postgres.socket_dir} port=5432", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in settings.items()]
        self.config.write_text("\n".join([*lines, ""]))
        for path in (users, self.config):
            path.chmod(0o644)

    @property
    def config(self) -> Path:
        return self.home / "pgbouncer.ini"

    def _command(self) -> list[str]:
        return [str(PROGRAM), str(self.config)]

    def _answers(self) -> bool:
        return (self.socket_dir / self.socket_name).exists()
