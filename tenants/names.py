"""Names of tenants: which slugs and host names may exist, and the opaque name of a tenant's schema and role."""

import re
import unicodedata
from uuid import UUID

import idna

from tenants import exceptions, lookalikes

SLUG = re.compile(r"[a-z][a-z0-9-]{1,40}", re.ASCII)
HOST_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
HOSTNAME_MAX_BYTES = 253
SCHEMA = re.compile(r"t_[0-9a-f]{32}", re.ASCII)
# A schema that holds rows of no tenant: kept by tenant_repair until an operator drops it; no role may use it.
RETIRED = re.compile(r"r_[0-9a-f]{32}", re.ASCII)
# Declared for what is built aside and moved in later (scratch), and for copies that only operators see (staging).
SCRATCH = re.compile(r"x_[0-9a-f]{32}", re.ASCII)
STAGING = re.compile(r"s_[0-9a-f]{32}", re.ASCII)
RESERVED = frozenset(
    "about account accounts admin administrator api app apps assets auth autoconfig autodiscover billing blog cdn"
    " config console dashboard demo dev docs email ftp git health help identity imap information-schema internal"
    " intranet localhost login logout mail media metrics mx news ns ns1 ns2 operator operators owner pg-catalog pop"
    " postgres postmaster private public root security settings signin signup smtp ssl staging static stats status"
    " support system template tenant tenants test vpn webmail wpad www".split()
)
RESERVED_SHAPES = frozenset(map(lookalikes.skeleton, RESERVED))
# Control and format characters (marks of direction, joiners, zero width), surrogates, unassigned, all kinds of space.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
# RFC 6761 and successors: no customer can own a name there.
SPECIAL = frozenset("alt arpa internal invalid local localhost onion".split())
NUMBER = re.compile(
    r"[0-9]+|0x[0-9a-f]*", re.ASCII
)  # a name that ends in one is an IPv4 address to a browser


def schema_of(tenant_id: UUID) -> str:
    """Return the name that a tenant's schema and its database role share: `t_` and 32 hex digits."""
    return "t_" + tenant_id.hex


def retired_of(tenant_id: UUID) -> str:
    """Return the name under which the schema of a tenant that is no more is kept: `r_` and 32 hex digits."""
    return "r_" + tenant_id.hex


def check_slug(slug: str) -> str:
    """Return slug unchanged. Raises InvalidSlug: nothing is normalised, since two spellings would be two names."""
    if not SLUG.fullmatch(slug) or slug.endswith("-") or "--" in slug:
        raise exceptions.InvalidSlug(f"{slug!a} is no slug. " + str(exceptions.InvalidSlug()))
    if lookalikes.skeleton(slug) in RESERVED_SHAPES:
        raise exceptions.InvalidSlug(f"The slug {slug!r} is reserved, or looks so. Choose another one.")
    return slug


def check_hostname(hostname: str) -> str:
    """Return hostname in the one form that is stored: lower-case ASCII (IDNA 2008), no port, no final dot.

    Public suffixes (`co.uk`) are not known here. Raises InvalidHostname.
    """
    given = hostname.strip()
    if hidden := next((c for c in given if unicodedata.category(c) in HIDDEN), None):
        raise _invalid(hostname, f"it holds U+{ord(hidden):04X}, which nobody sees")
    try:
        name = idna.encode(given, uts46=True, std3_rules=True).decode("ascii").removesuffix(".")
        shown = idna.decode(name)  # refuses an `xn--` label that is not what its own letters are written as
    except (UnicodeError, ValueError) as error:
        raise _invalid(hostname, str(error)) from error
    labels = name.split(".")
    if len(name) > HOSTNAME_MAX_BYTES or not all(map(HOST_LABEL.fullmatch, labels)):
        raise _invalid(hostname, "labels are letters, digits and hyphens, at most 63 bytes each, 253 in all")
    if len(labels) < 2 or labels[-1] in SPECIAL or NUMBER.fullmatch(labels[-1]):
        raise _invalid(hostname, "it is no name of the public DNS, below a top-level domain")
    for label in shown.split("."):
        if lookalikes.is_mixed(label):
            raise _invalid(hostname, f"{label!a} mixes scripts that look alike, or uses an uncommon one")
    return name


def shown(hostname: str) -> str:
    """Return a stored host name as a person reads it, in Unicode."""
    return idna.decode(hostname)


def _invalid(hostname: str, reason: str) -> exceptions.InvalidHostname:
    return exceptions.InvalidHostname(f"{hostname!a} is no host name of a tenant: {reason}.")
