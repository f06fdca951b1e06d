"""The page of the demo that shows every mail which was sent: it reads files, and is for development alone."""

import email
import email.policy
import html
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from saas.demo import readiness

# What Django's file backend writes after each mail.
END = b"\n" + b"-" * 79 + b"\n"
SHOWN = 200  # the newest files
REFRESH_SECONDS = 3
LINK = re.compile(r"https?://[^\s<>\"]+")
HOSTS = ("localhost", "127.0.0.1")
# The page runs no script and loads nothing; a mail in its frame may open its links in a new tab, and no more.
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'"
)
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
MAY = "allow-popups allow-popups-to-escape-sandbox"
NEW_TAB = '<head><base target="_blank">'
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #18181b }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .5rem; border-bottom: 1px solid #ddd }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f5; padding: 1rem }
iframe { width: 100%; height: 36rem; border: 1px solid #ddd }
dt { float: left; width: 6rem; color: #52525b } a { color: #1d4ed8 }
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was sent, as its receiver gets it."""

    id: str
    subject: str
    sender: str
    to: str
    reply_to: str
    sent: str
    text: str
    html: str
    links: list[str]


def read(folder: Path) -> list[Mail]:
    """Return the mails of a folder, the newest first. A mail that is still being written is left out."""
    files = sorted(folder.glob("*.log"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    found = [mail for path in files[-SHOWN:] for mail in _of_file(path)]
    return found[::-1]


def page(mails: list[Mail]) -> str:
    """Return the list of mails, which looks for new ones by itself."""
    rows = "".join(
        f'<tr><td><a href="/messages/{quote(mail.id)}">{_text(mail.subject)}</a></td>'
        f"<td>{_text(mail.to)}</td><td>{_text(mail.sender)}</td><td>{_text(mail.sent)}</td></tr>"
        for mail in mails
    )
    table = (
        "<table><thead><tr><th scope=col>Subject</th><th scope=col>To</th><th scope=col>From</th>"
        f"<th scope=col>Sent</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    refresh = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">'
    body = table if mails else "<p>No mail was sent yet.</p>"
    return _page(
        "Mails",
        refresh,
        f"<h1>Mails</h1><p>Sent by the demo, the newest first; none left this machine.</p>{body}",
    )


def page_of(mail: Mail) -> str:
    """Return the page of one mail: its head, its text with links, and its HTML in a frame that runs nothing."""
    names = {"From": mail.sender, "To": mail.to, "Reply to": mail.reply_to, "Sent": mail.sent}
    head = "".join(f"<dt>{name}</dt><dd>{_text(value)}</dd>" for name, value in names.items() if value)
    frame = f'<iframe title="The HTML of the mail" sandbox="{MAY}" src="/messages/{quote(mail.id)}/html"></iframe>'
    return _page(
        mail.subject,
        "",
        f'<p><a href="/">All mails</a></p><h1>{_text(mail.subject)}</h1><dl>{head}</dl>'
        f"<h2>Text</h2><pre>{_with_links(mail.text)}</pre><h2>HTML</h2>{frame}",
    )


class Handler(BaseHTTPRequestHandler):
    """Answers GET from this machine's browser; another site cannot read along by a name that leads here."""

    folder: Path

    def do_GET(self) -> None:
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in HOSTS:
            self._answer(
                "This page is for localhost alone.", "text/plain", status=HTTPStatus.MISDIRECTED_REQUEST
            )
            return
        path = urlsplit(self.path).path
        if path == "/readyz":
            self._answer("ready", "text/plain")
        elif path == "/":
            self._answer(page(read(self.folder)), "text/html")
        elif path == "/messages.json":
            self._answer(json.dumps([asdict(mail) for mail in read(self.folder)]), "application/json")
        else:
            self._one(path)

    def _one(self, path: str) -> None:
        match = re.fullmatch(r"/messages/([^/]+?)(/html)?", path)
        wanted = unquote(match[1]) if match else ""
        mail = next((mail for mail in read(self.folder) if mail.id == wanted), None)
        if match is None or mail is None:
            self._answer("There is no such mail.", "text/plain", status=HTTPStatus.NOT_FOUND)
        elif match[2]:
            self._answer(mail.html.replace("<head>", NEW_TAB, 1), "text/html", policy=f"{MAIL_POLICY} {MAY}")
        else:
            self._answer(page_of(mail), "text/html")

    def _answer(
        self, text: str, kind: str, *, status: HTTPStatus = HTTPStatus.OK, policy: str = PAGE_POLICY
    ) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


def serve(bound: socket.socket, folder: Path) -> ThreadingHTTPServer:
    """Return the server of the page on a socket that listens already."""
    handler = type("FolderHandler", (Handler,), {"folder": folder})
    server = ThreadingHTTPServer(bound.getsockname(), handler, bind_and_activate=False)
    server.socket.close()
    server.socket = bound
    return server


def main(arguments: list[str]) -> None:
    """Serve until a signal. Refuses to run where mails are sent to people."""
    if os.environ.get("LEASEHOLD_ENV") != "development":
        sys.exit(
            "The page of mails is for development alone: it shows every link. Set LEASEHOLD_ENV=development."
        )
    if len(arguments) != 2 or not arguments[0].isdigit():
        sys.exit("usage: python -m saas.demo.mailbox SOCKET FOLDER; `manage.py demo` starts it.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = serve(socket.socket(fileno=int(arguments[0])), Path(arguments[1]))
    readiness.tell()
    server.serve_forever()


def _of_file(path: Path) -> Iterator[Mail]:
    *whole, _rest = path.read_bytes().split(END)
    for number, raw in enumerate(whole):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        text, formatted = _part(message, "plain"), _part(message, "html")
        yield Mail(
            id=f"{path.stem}-{number}",
            subject=str(message["Subject"] or "(no subject)"),
            sender=str(message["From"] or ""),
            to=str(message["To"] or ""),
            reply_to=str(message["Reply-To"] or ""),
            sent=str(message["Date"] or ""),
            text=text,
            html=formatted,
            links=LINK.findall(text),
        )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _page(title: str, head: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}<style>{STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )


def _with_links(text: str) -> str:
    plain = LINK.split(text)
    links = [f'<a href="{_text(link)}" target="_blank">{_text(link)}</a>' for link in LINK.findall(text)]
    return "".join(_text(part) + link for part, link in zip(plain, [*links, ""], strict=True))


def _text(value: str) -> str:
    return html.escape(value)


if __name__ == "__main__":
    main(sys.argv[1:])
