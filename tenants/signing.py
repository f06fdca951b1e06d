"""Django's signers, bound to a tenant and its epoch: what one signed is nothing in another, nor after a rotation."""

from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from django.core import signing

from tenants import context, exceptions
from tenants.models import Tenant

EPOCH_LENGTH = 32


class HasEpoch(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def epoch(self) -> str: ...


def dumps(value: Any, *, salt: str, tenant: HasEpoch | None = None, compress: bool = False) -> str:
    """Return value as signed, URL-safe text that `loads` accepts in this tenant alone. Raises NoTenant."""
    return TimestampSigner(salt=salt, tenant=tenant).sign_object(value, compress=compress)


def loads(text: str, *, salt: str, max_age: timedelta | None = None, tenant: HasEpoch | None = None) -> Any:
    """Return what `dumps` signed. Raises django's BadSignature (SignatureExpired after max_age), NoTenant."""
    return TimestampSigner(salt=salt, tenant=tenant).unsign_object(text, max_age=max_age)


def scope(tenant: HasEpoch | None = None) -> str:
    """Return `<id>:<epoch>`, 65 characters, of the current tenant.

    `tenant` is for code that runs as `identity`, where no tenant's context is entered. Raises NoTenant, WrongTenant.
    """
    current = context.current()
    inside = current.tenant_id if current else None
    if tenant is not None:
        if inside is not None and inside != tenant.id:
            raise exceptions.WrongTenant()
        return _text(tenant.id, tenant.epoch)
    if current is None or inside is None:
        raise exceptions.NoTenant()
    if not current.epoch:
        # Frozen for everybody else: this is the one field that may be learned late.
        object.__setattr__(current, "epoch", _read(inside))
    return _text(inside, current.epoch)


class _Bound(signing.Signer):
    """A signer that asks whose it is when it signs, so that one made at import is safe too."""

    def __init__(self, *, tenant: HasEpoch | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.tenant = tenant

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        # The scope stands first and has a fixed length, so that no salt can imitate another tenant's.
        salt = ":".join((scope(self.tenant), str(self.salt), "signer"))
        return signing.base64_hmac(salt, value, key or self.key, algorithm=self.algorithm)


class Signer(_Bound):
    """`django.core.signing.Signer` of the current tenant."""


class TimestampSigner(_Bound, signing.TimestampSigner):
    """`django.core.signing.TimestampSigner` of the current tenant; also fits SIGNING_BACKEND."""


def _read(tenant_id: UUID) -> str:
    epoch = Tenant.objects.filter(id=tenant_id).values_list("epoch", flat=True).first()
    if epoch is None:
        raise exceptions.UnknownTenant()
    return epoch


def _text(tenant_id: UUID, epoch: str) -> str:
    if len(epoch) != EPOCH_LENGTH:
        raise exceptions.NoTenant(
            "The tenant's epoch is not known here. Pass a tenant that was read with it."
        )
    return f"{tenant_id.hex}:{epoch}"
