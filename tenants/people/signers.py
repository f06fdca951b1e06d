"""The pairs of keys that sign tokens: published before they sign, verifying until their last token has expired."""

import base64
import hmac
import secrets
import threading
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from tenants import context, vault
from tenants.models import SigningKey
from tenants.people import exceptions as errors

PURPOSE = "tenants.people.signers"
TOKEN_LIFETIME = timedelta(minutes=15)
LEEWAY = timedelta(seconds=5)  # by how much the clocks of two machines may differ
JWKS_MAX_AGE = timedelta(minutes=5)  # how long another service may keep what we publish
PUBLISHED_AHEAD = 2 * JWKS_MAX_AGE
REMEMBERED = timedelta(seconds=10)  # after which a process notices a signer that was retired at once
ASKED_AGAIN = timedelta(seconds=1)  # for a key of ours that it did not find


def rotate() -> SigningKey:
    """Publish a new key that signs from PUBLISHED_AHEAD on, and at once where none signs; the others sign until then.

    Runs in `context.identity()`.
    """
    now = timezone.now()
    starts = now + PUBLISHED_AHEAD if current(now) else now
    _end(SigningKey.objects.filter(_signs_after(starts)), starts)
    _wipe(now)
    return _create(now, starts)


def retire(kid: str, *, at_once: bool = False) -> SigningKey:
    """Have a key sign no more; its tokens stay valid until they expire, or with at_once for REMEMBERED at most.

    Where no other key signs, one that waits begins now, or a new one does. Runs in `context.identity()`. Raises
    UnknownSigner.
    """
    now = timezone.now()
    found = SigningKey.objects.select_for_update().filter(_verifies(now), kid=kid).first()
    if found is None:
        raise errors.UnknownSigner()
    found.signs_until = min(found.signs_until or now, now)
    latest = now if at_once else now + TOKEN_LIFETIME + LEEWAY
    found.verifies_until = min(found.verifies_until or latest, latest)
    found.private_key = b""
    found.save(update_fields=["signs_until", "verifies_until", "private_key"])
    if not SigningKey.objects.filter(signs_until=None).exists():
        signing = current(now)
        _create(now, signing.signs_until if signing and signing.signs_until else now)
    elif current(now) is None:
        waiting = SigningKey.objects.filter(signs_until=None).earliest("signs_from")
        waiting.signs_from = now
        waiting.save(update_fields=["signs_from"])
    return found


def in_use() -> list[SigningKey]:
    """Return the keys that sign, will sign or still verify, newest first. Runs in `context.identity()`."""
    return list(SigningKey.objects.filter(_verifies(timezone.now())).order_by("-signs_from"))


def current(now: datetime) -> SigningKey | None:
    """Return the key that signs at this moment. Runs in `context.identity()`."""
    rows = SigningKey.objects.filter(_signs_after(now), signs_from__lte=now).exclude(private_key=b"")
    return rows.order_by("-signs_from", "-created_at").first()


def signer() -> tuple[str, Ed25519PrivateKey]:
    """Return the name and the private half of the key that signs now; the first is made here.

    Runs in `context.identity()`. Two processes that are first at once make two, and both verify.
    """
    now = timezone.now()
    found = current(now) or _create(now, now)
    raw = vault.cipher(PURPOSE).decrypt(bytes(found.private_key))
    return found.kid, Ed25519PrivateKey.from_private_bytes(raw)


def verifier(kid: object) -> Ed25519PublicKey | None:
    """Return the public half of a key that verifies now, or None. Costs a transaction of `identity` now and then."""
    found = _published.get(str(kid)).get(str(kid))
    return Ed25519PublicKey.from_public_bytes(_decode(found.public_key)) if found else None


def jwks() -> dict[str, list[dict[str, str]]]:
    """Return what other services verify tokens with (RFC 7517, RFC 8037): those that will sign as well."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": key.kid,
                "x": key.public_key,
            }
            for key in _published.get().values()
        ]
    }


def forget_all() -> None:
    """Have this process read the keys again."""
    _published.forget()


class _Published:
    """The keys that verify, as last read: again when they are old, or one of ours is not among them."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._read_at: datetime | None = None
        self._keys: dict[str, SigningKey] = {}
        self._missed: dict[str, datetime] = {}  # names that we made and did not find, so few

    def get(self, wanted: str | None = None) -> dict[str, SigningKey]:
        now = timezone.now()
        if self._is_due(now, wanted):
            # Who lacks a key waits for it; the others use what is known while one of them reads.
            waits = self._read_at is None or self._lacks(wanted)
            if self._reading.acquire(blocking=waits):
                try:
                    if self._is_due(now, wanted):
                        self._read(now, wanted)
                finally:
                    self._reading.release()
        return {
            kid: key
            for kid, key in self._keys.items()
            if key.verifies_until is None or key.verifies_until > now
        }

    def forget(self) -> None:
        with self._reading:
            self._read_at = None
            self._missed.clear()

    def _is_due(self, now: datetime, wanted: str | None) -> bool:
        if self._read_at is None or abs(now - self._read_at) >= REMEMBERED:
            return True
        if not self._lacks(wanted):
            return False
        missed = self._missed.get(str(wanted))
        return missed is None or abs(now - missed) >= ASKED_AGAIN

    def _lacks(self, wanted: str | None) -> bool:
        return wanted is not None and wanted not in self._keys and _is_ours(wanted)

    def _read(self, now: datetime, wanted: str | None) -> None:
        try:
            with context.identity():
                self._keys = {key.kid: key for key in in_use()}
        except Exception:
            self._read_at = None  # The next one reads, and no longer uses what was known.
            raise
        self._read_at = now
        self._missed = {kid: at for kid, at in self._missed.items() if kid not in self._keys}
        if wanted is not None and self._lacks(wanted):
            self._missed[wanted] = now


_published = _Published()


def _create(now: datetime, starts: datetime) -> SigningKey:
    pair = Ed25519PrivateKey.generate()
    return SigningKey.objects.create(
        kid=_named(secrets.token_urlsafe(9)),
        public_key=_encode(pair.public_key().public_bytes_raw()),
        private_key=vault.cipher(PURPOSE).encrypt(pair.private_bytes_raw()),
        created_at=now,
        signs_from=starts,
    )


def _named(text: str) -> str:
    """Return the name of a key: it proves that we made it, so that names which somebody made up cost no query."""
    return f"{text}.{_marks(text)[0]}"


def _is_ours(kid: str) -> bool:
    text, _, mark = kid.partition(".")
    return any(constant_time_compare(mark, one) for one in _marks(text))


def _marks(text: str) -> list[str]:
    macs = [hmac.digest(key, text.encode(), "sha256") for key in vault.keys(PURPOSE + ".names")]
    return [_encode(mac[:12]) for mac in macs]


def _end(keys: QuerySet[SigningKey], moment: datetime) -> None:
    keys.update(signs_until=moment, verifies_until=moment + TOKEN_LIFETIME + LEEWAY)


def _wipe(now: datetime) -> None:
    SigningKey.objects.filter(signs_until__lte=now).exclude(private_key=b"").update(private_key=b"")


def _signs_after(moment: datetime) -> Q:
    return Q(signs_until=None) | Q(signs_until__gt=moment)


def _verifies(now: datetime) -> Q:
    return Q(verifies_until=None) | Q(verifies_until__gt=now)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
