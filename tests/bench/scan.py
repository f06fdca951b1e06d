"""What an attack left behind: every key and value in Valkey, and every line that the processes logged."""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis

from tests.bench import canaries
from tests.bench.harness import Tenant

DATABASES = 16
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}")


class Scan:
    """Finds what bears one tenant's name and another one's canary."""

    def __init__(self, tenants: Iterable[Tenant]) -> None:
        self.owners: dict[str, str] = {}
        self.offsets: dict[Path, int] = {}
        self.reported: set[tuple[int, bytes]] = set()
        self.learn(tenants)

    def learn(self, tenants: Iterable[Tenant]) -> None:
        """Know these tenants as well."""
        for tenant in tenants:
            for name in (tenant.id, tenant.id.replace("-", ""), tenant.schema, tenant.host):
                self.owners[name] = tenant.canary
        self.names = re.compile("|".join(sorted(map(re.escape, self.owners), key=len, reverse=True)))

    def foreign(self, bearer: str, content: object) -> set[str]:
        """Return the canaries in content that do not belong to the tenants whose name the bearer bears."""
        owners = {self.owners[name] for name in self.names.findall(bearer)}
        return canaries.within(content) - owners

    def valkey(self, url: str, databases: Iterable[int] = range(DATABASES)) -> Iterator[str]:
        """Yield, once, a description of each key that holds a foreign canary, or one although it bears no tenant's name."""
        with redis.Redis.from_url(url) as client:
            for database in databases:
                client.select(database)
                for key in client.scan_iter(count=1000):
                    name = key.decode(errors="replace")
                    for item in _items(client, key):
                        # A queue bears no tenant's name, its messages do.
                        text = f"{name} {item!r}"
                        text += repr(_decoded(text))
                        found = self.foreign(text, text)
                        if found and (database, key) not in self.reported:
                            self.reported.add((database, key))
                            yield f"Valkey {database} {name[:100]}: {sorted(found)}"

    def logs(self, paths: Iterable[Path]) -> Iterator[str]:
        """Yield each new line that names a tenant and holds another one's canary."""
        for path in paths:
            with path.open(encoding="utf-8", errors="replace") as lines:
                lines.seek(self.offsets.get(path, 0))
                for line in iter(lines.readline, ""):
                    if self.names.search(line) and self.foreign(line, line):
                        yield f"{path.name}: {line.strip()[:300]}"
                self.offsets[path] = lines.tell()


def _decoded(text: str) -> list[bytes]:
    """Return what stands in the text in base64, as the bodies and the signed headers of messages do."""
    found = []
    for run in BASE64.findall(text):
        for alphabet in (b"+/", b"-_"):
            with suppress(ValueError):
                found.append(base64.b64decode(run + "=" * (-len(run) % 4), alphabet, validate=True))
    return found


def _items(client: redis.Redis, key: bytes) -> Iterable[object]:
    readers: dict[bytes | str, Callable[[], Any]] = {
        b"string": lambda: [client.get(key)],
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"hash": lambda: client.hgetall(key).items(),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"stream": lambda: client.xrange(key),
    }
    found: Iterable[object] = readers.get(client.type(key), list)()
    return found
