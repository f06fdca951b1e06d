"""Typed readers of environment variables; a bad value stops the process. An empty variable counts as not set."""

import json
import os
import re
from collections.abc import Collection, Sequence
from email.utils import getaddresses
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, unquote_to_bytes, urlsplit

from django.core.exceptions import ImproperlyConfigured

SECRET_CHARACTERS = 32
SECRET_VARIETY = 5  # different characters, as Django's check W009 wants them
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
SCHEMES = ("postgresql", "postgres")
QUERY_OPTIONS = ("host", "port", "sslmode", "connect_timeout")
SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
LAST_PORT = 65_535
EMAIL_SCHEMES = ("smtp", "smtps", "file")
SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
KEPT_SECONDS = 60
PROVIDER_KEYS = ("id", "name", "issuer", "client_id", "secret")
PROVIDER_ID = re.compile(r"[a-z][a-z0-9-]{0,29}", re.ASCII)
LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(?:'([^']*)'|\"([^\"]*)\"|([^'\"].*)?)")


class BadEnvironment(ImproperlyConfigured):
    """An environment variable is missing or has a value that is not accepted."""


def text(name: str, default: str | None = None) -> str:
    """Return the variable; without a default it is required."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise BadEnvironment(f"{name} is not set: set it to a text that is not empty.")
    return value


def boolean(name: str, default: bool | None = None) -> bool:  # noqa: FBT001 (the name says what is true)
    value = text(name, None if default is None else str(default)).lower()
    if value not in TRUE + FALSE:
        raise BadEnvironment(f"{name} is {value!r}: set it to one of {_list(TRUE + FALSE)}.")
    return value in TRUE


def integer(
    name: str, default: int | None = None, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    value = text(name, None if default is None else str(default))
    # int() would also take 1_000, spaces and the digits of other scripts.
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise BadEnvironment(f"{name} is {value!r}: set it to a whole number{_range(minimum, maximum)}.")
    if (minimum is not None and int(value) < minimum) or (maximum is not None and int(value) > maximum):
        raise BadEnvironment(f"{name} is {value}: set it to a whole number{_range(minimum, maximum)}.")
    return int(value)


def choice(name: str, choices: Collection[str], default: str | None = None) -> str:
    value = text(name, default)
    if value not in choices:
        raise BadEnvironment(f"{name} is {value!r}: set it to one of {_list(choices)}.")
    return value


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """Return the parts of a list that is separated by commas."""
    value = text(name, ",".join(default))
    if not value:
        return []
    found = [word.strip() for word in value.split(",")]
    if any(not word or len(word.split()) > 1 for word in found):
        raise BadEnvironment(f"{name} is {value!r}: set it to words with one comma between two of them.")
    return found


def secret(name: str) -> str:
    """Return the variable, which must be long and varied; no error shows it."""
    value = os.environ.get(name, "").strip()
    if len(value) < SECRET_CHARACTERS or len(set(value)) < SECRET_VARIETY:
        raise BadEnvironment(
            f"{name} is missing or weak: set it to at least {SECRET_CHARACTERS} random characters, for example"
            " from: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return value


def providers(name: str, *, loopback: bool = False) -> dict[str, dict[str, str]]:
    """Return OpenID providers by their id, from a JSON list of objects with PROVIDER_KEYS; no error shows a secret.

    loopback: whether an issuer may stand on this machine, over http.
    """
    try:
        listed = json.loads(text(name, "[]"))
    except ValueError:
        listed = None
    if not isinstance(listed, list):
        raise BadEnvironment(f"{name} is no JSON list of objects with {_list(PROVIDER_KEYS)}.")
    found: dict[str, dict[str, str]] = {}
    for number, entry in enumerate(listed, start=1):
        problem = _provider_problem(entry, loopback=loopback)
        if problem or entry["id"] in found:
            raise BadEnvironment(f"{name}, entry {number}: {problem or 'another one has the same id'}.")
        found[entry["id"]] = dict(entry)
    return found


def _provider_problem(entry: Any, *, loopback: bool) -> str:
    if not isinstance(entry, dict) or set(entry) != set(PROVIDER_KEYS):
        return f"write an object with {_list(PROVIDER_KEYS)} and nothing else"
    if not all(isinstance(value, str) and value.strip() for value in entry.values()):
        return "every value is a text that is not empty"
    if not PROVIDER_ID.fullmatch(entry["id"]):
        return "the id is up to 30 lower-case letters, digits and hyphens, and begins with a letter"
    parts = urlsplit(entry["issuer"])
    plain = loopback and parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or plain):
        return "the issuer begins with https://"
    return ""


def database(url: str, *, name: str = "DATABASE_URL", max_age: int = KEPT_SECONDS) -> dict[str, Any]:
    """Return the entry of DATABASES for a URL, which the variable `name` holds; no error shows the URL.

    postgresql://user:password@host:port/database?sslmode=require&connect_timeout=5 over TCP, and
    postgresql://user@/database?host=/folder/of/the/socket over a unix socket. max_age is in seconds.
    """
    parts = _split(url, name)
    options = _query(parts, name)
    return {
        "ENGINE": "tenants.db",
        "NAME": _decoded(parts.path.removeprefix("/"), name, "the database's name"),
        "USER": _decoded(parts.username or "", name, "a user"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": _host(parts, options, name),
        "PORT": _port(parts, options, name),
        "CONN_MAX_AGE": max_age,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _connection_options(options, name),
    }


def email(url: str, *, name: str, files: bool = True) -> dict[str, Any]:
    """Return Django's EMAIL_ settings for a URL, which the variable `name` holds; no error shows the URL.

    smtp://user:password@host:port?tls=1 (STARTTLS), smtps://... (TLS from the first byte), or file:///folder, which
    writes mails instead of sending them and is refused unless `files`.
    """
    parts = _split_email(url, name)
    if parts.scheme == "file":
        if not files or parts.netloc or len(parts.path) < 2 or parts.query:
            raise _refused_email(name, "writes to a file, which production refuses, or names no folder")
        return {"EMAIL_BACKEND": FILE_BACKEND, "EMAIL_FILE_PATH": unquote(parts.path)}
    if not parts.hostname or parts.path not in ("", "/"):
        raise _refused_email(name, "names no host, or has a path after it")
    if parts.query not in ("", "tls=0", "tls=1") or (parts.query and parts.scheme == "smtps"):
        raise _refused_email(name, "has an option that is not tls=0 or tls=1, or one beside smtps")
    if bool(parts.username) != bool(parts.password):
        raise _refused_email(name, "has a user without a password, or a password without a user")
    tls, ssl = parts.query == "tls=1", parts.scheme == "smtps"
    if parts.password and not (tls or ssl) and parts.hostname not in LOOPBACK:
        raise _refused_email(name, "would send its password unencrypted")
    return {
        "EMAIL_BACKEND": SMTP_BACKEND,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if ssl else 587 if tls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
    }


def sender(name: str, default: str) -> str:
    """Return the variable, which is an address with the product's name before it: Leasehold <no-reply@host>."""
    value = text(name, default)
    [(product, address), *others] = getaddresses([value])
    if others or not product or not ADDRESS.fullmatch(address) or not value.isprintable():
        raise BadEnvironment(
            f"{name} is {value!r}: set it to a name and an address: Leasehold <no-reply@HOST>."
        )
    return value


def load_file(path: Path) -> None:
    """Put the KEY=VALUE lines of a file into the environment, except those that are set. All of them or none."""
    for key, value in read_file(path).items():
        os.environ.setdefault(key, value)


def read_file(path: Path) -> dict[str, str]:
    """Return the KEY=VALUE lines of a file. Quotes around a value are removed: a shell can read it too."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadEnvironment(f"{path} cannot be read: {error}.") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            key, value = _parsed(line.strip(), path, number)
            if key in found:
                raise BadEnvironment(
                    f"{path} line {number}: {key} stands there twice: delete one of the two."
                )
            found[key] = value
    return found


def _list(values: Collection[str]) -> str:
    return ", ".join(values)


def _range(minimum: int | None, maximum: int | None) -> str:
    low = "" if minimum is None else f", at least {minimum}"
    high = "" if maximum is None else f", at most {maximum}"
    return low + high


def _refused_email(name: str, reason: str) -> BadEnvironment:
    return BadEnvironment(
        f"{name} {reason}: set it to smtp://USER:PASSWORD@HOST:PORT?tls=1 or smtps://USER:PASSWORD@HOST:PORT,"
        " with %XX for what a URL cannot hold; outside of production file:///FOLDER writes mails instead."
    )


def _split_email(url: str, name: str) -> SplitResult:
    if re.search(r"[\x00-\x20\x7f]|%(?![0-9A-Fa-f]{2})|%00", url):
        raise _refused_email(name, "holds a space, a control character or a bad %XX")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused_email(name, "has a bad host or port") from None
    if parts.scheme not in EMAIL_SCHEMES:
        raise _refused_email(name, "does not begin with smtp://, smtps:// or file://")
    if parts.fragment or port == 0:
        raise _refused_email(name, "has a # in it, or port 0")
    return parts


def _refused(name: str, reason: str) -> BadEnvironment:
    return BadEnvironment(
        f"{name} {reason}: set it to postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=...&connect_timeout=..."
        " or postgresql://USER@/DATABASE?host=/SOCKET/FOLDER, with %XX for what a URL cannot hold."
    )


def _split(url: str, name: str) -> SplitResult:
    # urlsplit drops line ends silently, and unquote leaves a bad %XX as it is.
    if re.search(r"[\x00-\x20\x7f]|%(?![0-9A-Fa-f]{2})|%00", url):
        raise _refused(name, "holds a space, a control character or a bad %XX")
    try:
        unquote_to_bytes(url).decode()
    except UnicodeDecodeError:
        raise _refused(name, "holds a %XX that is not UTF-8") from None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (parsed here, so that a bad one is refused)
    except ValueError:
        raise _refused(name, "has a bad host or port") from None
    if parts.scheme not in SCHEMES:
        raise _refused(name, "does not begin with postgresql://")
    if parts.fragment or "/" in parts.path.removeprefix("/"):
        raise _refused(name, "has a # or / in the database's name or the password")
    return parts


def _query(parts: SplitResult, name: str) -> dict[str, str]:
    try:
        pairs = _pairs(parts.query)
    except ValueError:
        raise _refused(name, "has a bad part after the question mark") from None
    options = dict(pairs)
    unknown = options.keys() - set(QUERY_OPTIONS)
    if unknown or len(options) < len(pairs):
        raise _refused(name, f"has an option twice or one that is not {_list(QUERY_OPTIONS)}")
    return options


def _pairs(query: str) -> list[tuple[str, str]]:
    # libpq leaves a plus alone, parse_qsl would make it a space.
    return parse_qsl(query.replace("+", "%2B"), keep_blank_values=True, strict_parsing=True) if query else []


def _decoded(value: str, name: str, what: str) -> str:
    if not value:
        raise _refused(name, f"lacks {what}")
    return unquote(value)


def _host(parts: SplitResult, options: dict[str, str], name: str) -> str:
    host, option = unquote(parts.hostname or ""), options.get("host", "")
    if bool(host) == bool(option):
        raise _refused(name, "names no host" if not host else "names two hosts")
    if "," in host + option:
        raise _refused(name, "names more than one host")
    return host or option


def _port(parts: SplitResult, options: dict[str, str], name: str) -> str:
    if parts.port is not None and "port" in options:
        raise _refused(name, "names two ports")
    port = options.get("port", "" if parts.port is None else str(parts.port))
    if (port or "port" in options) and not _whole(port, LAST_PORT):
        raise _refused(name, f"has a port that is not 1 to {LAST_PORT}")
    return port


def _connection_options(options: dict[str, str], name: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    if "sslmode" in options:
        if options["sslmode"] not in SSLMODES:
            raise _refused(name, f"has an sslmode that is not one of {_list(SSLMODES)}")
        chosen["sslmode"] = options["sslmode"]
    if "connect_timeout" in options:
        if not _whole(options["connect_timeout"], 3_600):
            raise _refused(name, "has a connect_timeout that is not 1 to 3600 seconds")
        chosen["connect_timeout"] = int(options["connect_timeout"])
    return chosen


def _whole(value: str, maximum: int) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,9}", value)) and 1 <= int(value) <= maximum


def _parsed(line: str, path: Path, number: int) -> tuple[str, str]:
    match = LINE.fullmatch(line)
    if match is None or "\0" in line:
        raise BadEnvironment(f"{path} line {number} is malformed: write KEY=VALUE or KEY='VALUE'.")
    return match[1], next((value for value in match.groups()[1:] if value is not None), "")
