"""A passkey authenticator in software: makes credentials and signs challenges, as a browser's would."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
NO_MODEL = b"\0" * 16


class Authenticator:
    """One device with one credential. `rp_id` and `origin` may be lies: a device says what a page told it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.user_handle = b""
        self.rp_id = ""

    def create(self, options: dict[str, Any], *, origin: str) -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        self.rp_id = options["rp"]["id"]
        self.user_handle = options["user"]["id"].encode()
        credential = AttestedCredentialData.create(
            NO_MODEL, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(
            self._hash(), PRESENT_AND_VERIFIED | AuthenticatorData.FLAG.AT, 0, credential
        )
        attestation = AttestationObject.create("none", data, {})
        client = _client_data("webauthn.create", options["challenge"], origin)
        return self._answer(
            {"clientDataJSON": _text(client), "attestationObject": _text(bytes(attestation))},
            {"credProps": {"rk": True}},
        )

    def get(self, options: dict[str, Any], *, origin: str) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        data = bytes(AuthenticatorData.create(self._hash(), PRESENT_AND_VERIFIED, 0))
        client = _client_data("webauthn.get", options["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": _text(client),
                "authenticatorData": _text(data),
                "signature": _text(signature),
                "userHandle": self.user_handle.decode(),
            },
            {},
        )

    def _hash(self) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest()

    def _answer(self, response: dict[str, str], extensions: dict[str, Any]) -> dict[str, Any]:
        name = _text(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": extensions,
        }


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()


def _text(value: bytes) -> str:
    return str(websafe_encode(value))
