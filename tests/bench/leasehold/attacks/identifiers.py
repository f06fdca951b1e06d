"""Names that would be another tenant's, a part of PostgreSQL, or both at once."""

import unicodedata

from django.db import DataError

from tenants import directory, exceptions, names
from tests.bench.harness import NOBODY, OURS, Passes, Run, attack

RESERVED = [
    *sorted(names.RESERVED),
    "information_schema",
    "pg_catalog",
    "pg_toast",
    "pg_temp",
    "pg_temp_1",
    "public",
    "t_",
    "PUBLIC",
    "Postgres",
]
# `{}` is the slug of a tenant that exists.
LOOK_ALIKES = [
    "{} ", " {}", "{}\t", "{}\n", "{}\x00", "{}.", "{}/", "{}\u200b", "\u202e{}", "\ufeff{}", "{}\u00ad", "{}'", '{}"', "{};", "{},public",
    "{}--", "-{}", "{}-", "{}%", "{}\\", "{}/*", "`{}`", "{}$$", "%7B{}", "{}@", "{}:1",
]  # fmt: skip
SUBSTITUTES = {
    "o": "\u043e\u03bf\u00f6\uff4f",
    "p": "\u0440\u03c1\uff50",
    "s": "\u0455\u017f\uff53",
    "h": "\u04bb\uff48",
    "-": "\u2010\u2011\u2212\uff0d",
}


@attack("reserved and look-alike names", tries=2_000, quick=120, sides=(OURS,), passes=Passes.ALL_REFUSED)
def take_a_name(run: Run) -> None:
    """Each is refused before anything is made of it, or it is the very name of nobody."""
    for n in range(run.tries):
        tenant = run.rng.choice(run.side.tenants)
        tried = [*RESERVED, *_look_alikes(tenant.slug)]
        with run.tally.attempt(NOBODY):
            names.check_slug(tried[n % len(tried)])


@attack("hosts that look like a tenant's", tries=300, quick=20, sides=(OURS,))
def ask_for_a_host(run: Run) -> None:
    """The directory knows a host by its exact name; `None` is no tenant at all."""
    for n in range(run.tries):
        tenant, other = run.pair()
        suffix = tenant.host.removeprefix(tenant.slug)
        with run.tally.attempt(tenant) as found:
            for name in (
                *_look_alikes(other.slug)[n % 7 :: 7],
                f"{other.slug}.{tenant.host}",
                other.host.upper() + ".",
            ):
                assert _found(name + suffix) is None, name
            entry = _found(tenant.host)
            assert entry is not None
            assert str(entry.id) == tenant.id
            found.saw(entry.name, "the tenant of its own host")


def _look_alikes(slug: str) -> list[str]:
    swapped = [slug.replace(letter, other) for letter, others in SUBSTITUTES.items() for other in others]
    wide = "".join(unicodedata.lookup("FULLWIDTH DIGIT ZERO") if c == "0" else c for c in f"{slug}0")
    return [
        *(text.format(slug) for text in LOOK_ALIKES),
        *swapped,
        slug.upper(),
        slug.title(),
        wide,
        slug + "a" * 60,
        "é" * 40,
    ]


def _found(hostname: str) -> directory.Entry | None:
    try:
        return directory.find(hostname)
    except (exceptions.InvalidHostname, DataError, ValueError):  # a NUL is no text
        return None
