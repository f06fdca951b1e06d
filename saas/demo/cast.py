"""Who plays in the demo: three tenants on three plans, their members, one operator."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant; calls_per_hour is about what its charts show for the day before the demo."""

    slug: str
    name: str
    plan: str
    flavour: str
    calls_per_hour: int


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who works in tenants; roles maps a slug to a role."""

    email: str
    name: str
    roles: dict[str, str]


SHOPS = (
    Shop("acme", "Acme Outdoor", "pro", "outdoor", 900),
    Shop("globex", "Globex Books", "free", "books", 60),
    Shop("initech", "Initech Kitchen", "enterprise", "kitchen", 4_200),
)
PEOPLE = (
    Person("olivia@acme.example", "Olivia Berg", {"acme": "owner"}),
    Person("victor@acme.example", "Victor Lindqvist", {"acme": "viewer"}),
    Person("sam@agency.example", "Sam Okafor", {"acme": "editor", "globex": "viewer"}),
    Person("greta@globex.example", "Greta Holm", {"globex": "owner"}),
    Person("emil@globex.example", "Emil Novak", {"globex": "editor"}),
    Person("ines@initech.example", "Inês Duarte", {"initech": "owner"}),
    Person("eddy@initech.example", "Eddy Marsh", {"initech": "editor"}),
    Person("vera@initech.example", "Vera Kuhn", {"initech": "viewer"}),
)
OPERATOR = Person("operator@leasehold.example", "Robin Keller", {})
EMAILS = [person.email for person in (*PEOPLE, OPERATOR)]


def owner(shop: Shop) -> Person:
    return next(person for person in PEOPLE if person.roles.get(shop.slug) == "owner")
