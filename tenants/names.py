"""Names of tenants: which slugs and host names may exist, and the opaque name of a tenant's schema and role."""

import re
from uuid import UUID

from tenants import exceptions

SLUG = re.compile(r"[a-z][a-z0-9-]{1,40}", re.ASCII)
HOST_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
HOSTNAME_MAX_BYTES = 253
SCHEMA = re.compile(r"t_[0-9a-f]{32}", re.ASCII)
RESERVED = frozenset(
    "about account accounts admin administrator api app apps assets auth autoconfig autodiscover billing blog cdn"
    " config console dashboard demo dev docs email ftp git health help identity imap information-schema internal"
    " intranet localhost login logout mail media metrics mx news ns ns1 ns2 operator operators owner pg-catalog pop"
    " postgres postmaster private public root security settings signin signup smtp ssl staging static stats status"
    " support system template tenant tenants test vpn webmail wpad www".split()
)


def schema_of(tenant_id: UUID) -> str:
    """Return the name that a tenant's schema and its database role share: `t_` and 32 hex digits."""
    return "t_" + tenant_id.hex


def check_slug(slug: str) -> str:
    """Return slug unchanged. Raises InvalidSlug: nothing is normalised, since two spellings would be two names."""
    if not SLUG.fullmatch(slug) or slug.endswith("-") or "--" in slug:
        raise exceptions.InvalidSlug(f"{slug!r} is no slug. " + str(exceptions.InvalidSlug()))
    if slug in RESERVED:
        raise exceptions.InvalidSlug(f"The slug {slug!r} is reserved. Choose another one.")
    return slug


def check_hostname(hostname: str) -> str:
    """Return hostname in the one form that is stored: lower-case ASCII (IDNA), no port, no final dot.

    Raises InvalidHostname.
    """
    try:
        name = hostname.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise exceptions.InvalidHostname(f"{hostname!r} is no host name: {error}.") from error
    if not name or len(name) > HOSTNAME_MAX_BYTES or not all(map(HOST_LABEL.fullmatch, name.split("."))):
        raise exceptions.InvalidHostname(f"{hostname!r} is no host name.")
    return name
