"""Messages that somebody else than our code put into the broker: none of them runs."""

import json
import pickle
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core import signing

from tenants.tasks import HEADER, SALT
from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold import tasks, worker
from tests.bench.leasehold.attacks import queues


@dataclass
class Wire:
    """A message as it stood in the broker."""

    headers: dict[str, Any]
    args: list[Any]
    kwargs: dict[str, Any]
    rest: Any
    properties: dict[str, Any]
    encode: Callable[[Any], bytes] = lambda content: json.dumps(content).encode()

    def send(self, token: str) -> None:
        """Send it; what it does, if it does anything, is written down under token."""
        content = [[token, *self.args[1:]], self.kwargs, self.rest]
        queues.send(self.headers, self.encode(content), self.properties)


@attack("forged messages to a worker", tries=200, quick=0, sides=(OURS,), passes=Passes.ALL_REFUSED)
def forged(run: Run) -> None:
    """Take A's message from the wire, change one thing, and send it: no change of it runs."""
    sent: list[tuple[Tenant, str, str]] = []
    while len(sent) < run.tries:
        a, b = run.pair()
        for title, wire in _forgeries(run, a, b):
            token = secrets.token_hex(8)
            sent.append((b, title, token))
            wire.send(token)
    last = queues.publish(run, run.rng.choice(run.side.tenants), "plain")
    with worker.running():
        queues.wait(lambda: len(tasks.recorded(last)) > 2)
        time.sleep(1)
    assert tasks.recorded(last), "the worker did nothing, so it refused nothing"
    for tenant, title, token in sent:
        with run.tally.attempt(tenant) as found:
            if ran := tasks.recorded(token):
                found.leaks.append(f"{title} ran: {ran}"[:400])
            else:
                found.error = title


def _forgeries(run: Run, a: Tenant, b: Tenant) -> Iterator[tuple[str, Wire]]:
    """Yield messages that want to run for a with other arguments, for b, or for an operator."""
    for title, change in CHANGES.items():
        queues.publish(run, a, "plain", queue=queues.APART)
        (message,) = queues.taken()
        args, kwargs, rest = message.payload
        wire = Wire(dict(message.headers), args, kwargs, rest, dict(message.properties))
        change(wire, a, b)
        yield title, wire


def _nothing(wire: Wire, a: Tenant, b: Tenant) -> None:
    """Leave it at the other arguments."""


def _keywords(wire: Wire, a: Tenant, b: Tenant) -> None:
    wire.kwargs["note"] = b.canary


def _no_scope(wire: Wire, a: Tenant, b: Tenant) -> None:
    del wire.headers[HEADER]


def _scope(value: Callable[[Tenant], object]) -> Callable[[Wire, Tenant, Tenant], None]:
    def change(wire: Wire, a: Tenant, b: Tenant) -> None:
        wire.headers[HEADER] = value(b)

    return change


def _other_id(wire: Wire, a: Tenant, b: Tenant) -> None:
    wire.headers["id"] = wire.headers["root_id"] = wire.properties["correlation_id"] = secrets.token_hex(16)


def _survey(wire: Wire, a: Tenant, b: Tenant) -> None:
    wire.args, wire.kwargs = wire.args[:1], {}
    wire.headers["task"] = tasks.survey.name


def _unknown(wire: Wire, a: Tenant, b: Tenant) -> None:
    wire.headers["task"] = "os.system"


def _inside(wire: Wire, a: Tenant, b: Tenant) -> None:
    """Put b in the place of a inside the signed text, and keep the signature."""
    content, _, signature = str(wire.headers[HEADER]).partition(":")
    text = signing.b64_decode(content.encode()).replace(_hex(a), _hex(b))
    wire.headers[HEADER] = f"{signing.b64_encode(text).decode()}:{signature}"


def _guess(wire: Wire, a: Tenant, b: Tenant) -> None:
    content = [_hex(b).decode(), wire.headers["task"], wire.headers["id"]]
    wire.headers[HEADER] = signing.dumps(content, key="a guess", salt=SALT)


def _pickle(wire: Wire, a: Tenant, b: Tenant) -> None:
    wire.encode = pickle.dumps
    wire.properties |= {"content_type": "application/x-python-serialize", "content_encoding": "binary"}


def _hex(tenant: Tenant) -> bytes:
    return tenant.id.replace("-", "").encode()


# Each also has other arguments than those that were published: its token.
CHANGES: dict[str, Callable[[Wire, Tenant, Tenant], None]] = {
    "other arguments": _nothing,
    "other keyword arguments": _keywords,
    "no scope": _no_scope,
    "an empty scope": _scope(lambda _: ""),
    "a scope that is a list": _scope(lambda b: [b.id, {}]),
    "another tenant's id": _scope(lambda b: b.id),
    "operator": _scope(lambda _: "operator"),
    "another id of the message": _other_id,
    "an operator's task": _survey,
    "a task that nobody knows": _unknown,
    "another tenant inside the signature": _inside,
    "signed with a guess": _guess,
    "pickle": _pickle,
}
