"""A caller of the tenants' API: connects to this machine and names the tenant in the Host header."""

import http.client
import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

HOST = "127.0.0.1"
ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any


@dataclass(slots=True)
class Client:
    """Calls one host with a key, or with the cookies of a session."""

    host: str
    port: int
    key: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    csrf_token: str = ""
    calls: int = 0

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        return self.call("POST", path, body)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """Return the answer, with its JSON parsed. Raises OSError when the connection breaks."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), self._headers())
            response = connection.getresponse()
            self.calls += 1
            for line in response.headers.get_all("Set-Cookie", ()):
                self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
            return Answer(response.status, _parsed(response))
        except http.client.HTTPException as error:
            raise ConnectionError(f"{method} {path} was cut off: {error!r}") from error
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        headers = {"Host": f"{self.host}:{self.port}", "Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers["X-CSRFToken"] = self.csrf_token
        return headers


def _parsed(response: http.client.HTTPResponse) -> Any:
    text = response.read().decode()
    return json.loads(text) if "json" in response.headers.get("Content-Type", "") else text
