from collections.abc import Callable, Iterable

import dns.exception
import dns.resolver
import pytest

from tenants import context, exceptions, lifecycle
from tenants.directory import Entry
from tenants.models import AuditEntry, EmailDomain, Membership, Role
from tenants.people import email_domains, memberships
from tenants.people import exceptions as errors
from tests import factories

FindTenant = Callable[[str], Entry]


@pytest.fixture
def acme(tenant: FindTenant) -> Entry:
    """Without a context entered."""
    return tenant("acme")


class Dns:
    """A resolver that knows what a test publishes, and whether a context was entered when it was asked."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        self.fails = False
        self.asked: list[str] = []

    def __call__(self, name: str) -> Iterable[str]:
        assert context.current() is None, "the network was asked inside of a context"
        self.asked.append(name)
        if self.fails:
            raise dns.exception.Timeout
        return self.records.get(name, [])

    def publish(self, row: EmailDomain) -> None:
        self.records[f"_leasehold-challenge.{row.domain}"] = ["v=spf1 -all", f"leasehold={row.token}"]


def claim(tenant: Entry, domain: str, join_role: str | None = None) -> EmailDomain:
    with context.identity():
        return email_domains.claim(tenant, domain, by="tests", join_role=join_role)


def prove(tenant: Entry, domain: str, join_role: str | None = None) -> EmailDomain:
    row, zone = claim(tenant, domain, join_role), Dns()
    zone.publish(row)
    return email_domains.verify(tenant, domain, by="tests", resolver=zone)


def test_a_domain_is_proven_by_its_own_record(acme: Entry) -> None:
    row, zone = claim(acme, "Straße.Example"), Dns()
    assert row.domain == "xn--strae-oqa.example"
    with pytest.raises(exceptions.EmailDomainUnproven, match=row.token):
        email_domains.verify(acme, row.domain, by="tests", resolver=zone)
    zone.publish(row)
    assert email_domains.verify(acme, row.domain, by="tests", resolver=zone).proven
    with context.use(acme):
        actions = (
            AuditEntry.objects.filter(subject=row.domain).order_by("at").values_list("action", flat=True)
        )
        assert list(actions) == ["email_domain.claimed", "email_domain.verified"]


def test_the_record_of_another_tenant_proves_nothing(acme: Entry, globex: Entry) -> None:
    zone = Dns()
    zone.publish(claim(globex, "shared.example"))
    claim(acme, "shared.example")
    with pytest.raises(exceptions.EmailDomainUnproven):
        email_domains.verify(acme, "shared.example", by="tests", resolver=zone)


def test_a_domain_is_proven_by_one_tenant_at_most(acme: Entry, globex: Entry) -> None:
    ours, theirs, zone = claim(acme, "shared.example"), claim(globex, "shared.example"), Dns()
    zone.publish(ours)
    email_domains.verify(acme, "shared.example", by="tests", resolver=zone)
    zone.publish(theirs)
    with pytest.raises(exceptions.EmailDomainTaken):
        email_domains.verify(globex, "shared.example", by="tests", resolver=zone)
    with context.identity():
        email_domains.remove(globex, "shared.example", by="tests")
    with pytest.raises(exceptions.EmailDomainTaken):
        claim(globex, "shared.example")
    with context.identity():
        email_domains.remove(acme, "shared.example", by="tests")
    assert prove(globex, "shared.example").proven


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "GMail.com",
        "outlook.com",
        "",
        "com",
        "a..example",
        "a b.example",
        "10.0.0.1",
        "x@y.example",
        "a.local",
    ],
)
def test_it_refuses_public_providers_and_what_is_no_domain(acme: Entry, domain: str) -> None:
    with pytest.raises(exceptions.InvalidEmailDomain):
        claim(acme, domain)


def test_a_tenant_claims_a_domain_once(acme: Entry) -> None:
    claim(acme, "once.example")
    with pytest.raises(exceptions.EmailDomainTaken):
        claim(acme, "ONCE.example")


def test_another_tenant_s_domain_is_neither_found_nor_verified_nor_removed(
    acme: Entry, globex: Entry
) -> None:
    row, zone = claim(acme, "ours.example"), Dns()
    zone.publish(row)
    with pytest.raises(exceptions.UnknownEmailDomain):
        email_domains.verify(globex, "ours.example", by="tests", resolver=zone)
    with context.identity(), pytest.raises(exceptions.UnknownEmailDomain):
        email_domains.remove(globex, "ours.example", by="tests")
    with context.use(globex):
        assert not EmailDomain.objects.filter(domain="ours.example").exists()
    with context.use(acme):
        assert EmailDomain.objects.filter(domain="ours.example").exists()


def test_the_dns_is_not_asked_inside_of_a_context(acme: Entry) -> None:
    claim(acme, "ours.example")
    with context.identity(), pytest.raises(exceptions.NetworkInContext):
        email_domains.verify(acme, "ours.example", by="tests", resolver=Dns())
    with context.identity(), pytest.raises(exceptions.NetworkInContext):
        email_domains.recheck(Dns())


def test_a_record_that_is_gone_loses_the_domain_and_a_resolver_that_fails_does_not(acme: Entry) -> None:
    row = prove(acme, "ours.example", Role.VIEWER)
    zone = Dns()
    zone.fails = True
    assert email_domains.recheck(zone) == []
    zone.fails = False
    zone.publish(row)
    assert email_domains.recheck(zone) == []
    zone.records.clear()
    assert email_domains.recheck(zone) == ["ours.example"]
    assert email_domains.recheck(zone) == []
    with context.identity():
        assert email_domains.proven_for(acme, "a@ours.example") is None
    with context.use(acme):
        assert AuditEntry.objects.filter(action="email_domain.lost", subject="ours.example").count() == 1
    zone.publish(row)
    email_domains.verify(acme, "ours.example", by="tests", resolver=zone)
    with context.identity():
        assert email_domains.proven_for(acme, "a@ours.example") is not None


@pytest.mark.parametrize(
    ("email", "found"),
    [
        ("a@ours.example", True),
        ("A@OURS.EXAMPLE", True),
        ("a@sub.ours.example", False),
        ("a@ours.example.evil.example", False),
        ("a@notours.example", False),
        ("a@evil.example@ours.example", False),
        ("@ours.example", False),
        ("ours.example", False),
        ("", False),
    ],
)
def test_an_address_belongs_to_exactly_its_own_domain(
    acme: Entry, globex: Entry, email: str, *, found: bool
) -> None:
    prove(acme, "ours.example")
    with context.identity():
        assert (email_domains.proven_for(acme, email) is not None) is found
        assert email_domains.proven_for(globex, email) is None


def test_a_person_with_a_proven_address_joins_with_the_role_of_the_domain(acme: Entry, globex: Entry) -> None:
    prove(acme, "ours.example", Role.EDITOR)
    with context.identity():
        person = factories.UserFactory(email="p@ours.example")
        for tenant, proven in ((acme, False), (globex, True)):
            with pytest.raises(exceptions.Refused):
                email_domains.join(person, tenant, proven_address=proven)
        assert email_domains.join(person, acme, proven_address=True).role == Role.EDITOR
        with pytest.raises(errors.AlreadyMember):
            email_domains.join(person, acme, proven_address=True)


def test_nobody_joins_by_a_domain_without_a_role_or_after_they_were_removed(acme: Entry) -> None:
    prove(acme, "closed.example")
    prove(acme, "open.example", Role.VIEWER)
    with context.identity():
        with pytest.raises(exceptions.Refused):
            email_domains.join(factories.UserFactory(email="p@closed.example"), acme, proven_address=True)
        person = factories.UserFactory(email="p@open.example")
        memberships.end(email_domains.join(person, acme, proven_address=True), by="tests")
        with pytest.raises(exceptions.Refused, match="invitation"):
            email_domains.join(person, acme, proven_address=True)
        assert Membership.objects.filter(tenant_id=acme.id, user=person, ended_at=None).count() == 0


def test_a_name_without_records_has_none_and_one_that_nobody_answers_for_raises(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(error: Exception) -> Callable[..., None]:
        def resolve(*_: object, **__: object) -> None:
            raise error

        return resolve

    monkeypatch.setattr(dns.resolver, "resolve", answer(dns.resolver.NXDOMAIN()))
    assert email_domains.lookup("_leasehold-challenge.ours.example") == []
    monkeypatch.setattr(dns.resolver, "resolve", answer(dns.exception.Timeout()))
    with pytest.raises(dns.exception.DNSException):
        email_domains.lookup("_leasehold-challenge.ours.example")


@pytest.mark.usefixtures("fresh_db")
def test_a_destroyed_tenant_gives_its_domains_free(tenant: FindTenant) -> None:
    prove(tenant("acme"), "ours.example")
    lifecycle.destroy("acme", by="tests")
    assert prove(tenant("globex"), "ours.example").proven
