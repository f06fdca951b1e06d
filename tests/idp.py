"""Identity providers on this machine: a real one in a process of its own, and one that lies as a test wants."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import urllib3
from cryptography.hazmat.primitives.asymmetric import rsa

START_SECONDS = 20.0
http = urllib3.PoolManager(retries=False)


@contextmanager
def real() -> Iterator[str]:
    """Run `oidc-provider-mock` in a process; yields its issuer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://localhost:{port}"
    try:
        _wait(f"{issuer}/.well-known/openid-configuration")
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def describe(issuer: str, subject: str, **claims: Any) -> None:
    """Tell the real provider who subject is."""
    answer = http.request("PUT", f"{issuer}/users/{subject}", json={"sub": subject, **claims})
    assert answer.status in (200, 204), answer.data


def consent(target: str, subject: str) -> dict[str, str]:
    """Be the person at the real provider who agrees; return the query that their browser carries back."""
    answer = http.request("POST", target, fields={"sub": subject}, encode_multipart=False, redirect=False)
    assert answer.status == 302, answer.data
    return query(answer.headers["Location"])


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def _wait(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            assert http.request("GET", url).status == 200
        except (urllib3.exceptions.HTTPError, AssertionError):
            assert time.monotonic() < deadline, "the provider did not start"
            time.sleep(0.1)
        else:
            return


class Liar:
    """A provider under the test's hands: what it answers are attributes, and it counts what it was asked."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = "one"
        self.claims: dict[str, Any] = {}
        self.token: str | None = None  # instead of a token that is made of the claims
        self.tokens: dict[str, str] = {}  # by the code that they are redeemed for
        self.metadata: dict[str, Any] = {}
        self.redirect = ""
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def jwk(self) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "use": "sig", "alg": "RS256"}

    def sign(self, **changed: Any) -> str:
        """Return a good ID token, but for what is changed; None leaves a claim out."""
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "s1", "iat": now, "exp": now + 300, **self.claims, **changed}
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid})

    def answer(self, path: str, code: str = "") -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                **self.metadata,
            }
        if path == "/jwks":
            return {"keys": [self.jwk()]}
        return {
            "id_token": self.tokens.get(code) or self.token or self.sign(),
            "access_token": "a",
            "token_type": "Bearer",
        }

    def __enter__(self) -> "Liar":
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self, code: str = "") -> None:
                liar.asked.append(self.path)
                if liar.redirect:
                    self.send_response(302)
                    self.send_header("Location", liar.redirect)
                    self.end_headers()
                    return
                body = json.dumps(liar.answer(self.path, code)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                liar.forms.append({name: values[0] for name, values in parse_qs(sent).items()})
                self.do_GET(liar.forms[-1].get("code", ""))

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
