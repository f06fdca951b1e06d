"""The projects that answer the same requests on one server: ours, django-tenants and plain Django, each in two ways."""

from collections.abc import Sequence

from tests.benchmarks.conftest import Child, Ground

OURS = "Leasehold"
THEIRS, LIMITED = "django-tenants", "django-tenants, TENANT_LIMIT_SET_CALLS"
PLAIN, ATOMIC = "plain Django", "plain Django, ATOMIC_REQUESTS"
# Folder of the project, and what its environment adds.
OTHERS: dict[str, tuple[str, dict[str, str]]] = {
    THEIRS: ("plain_tenants", {}),
    LIMITED: ("plain_tenants", {"TENANT_LIMIT_SET_CALLS": "1"}),
    PLAIN: ("plain_django", {}),
    ATOMIC: ("plain_django", {"ATOMIC_REQUESTS": "1"}),
}
Requests = list[dict[str, str]]


class Projects:
    """A web process and a database for each project; the same tenants in all, and somebody signed in for each."""

    def __init__(self, ground: Ground, tenants: Sequence[str], others: Sequence[str] = (*OTHERS,)) -> None:
        self.databases = {name: f"project_{n}" for n, name in enumerate([OURS, *others])}
        for database in self.databases.values():
            ground.create(database)
        setup = ground.leasehold(self.databases[OURS], "app", "owner", "console")
        # A web process of ours holds no other login.
        self.web: dict[str, Child] = {OURS: ground.leasehold(self.databases[OURS], "app")}
        for name in others:
            folder, environment = OTHERS[name]
            self.web[name] = ground.plain(folder, self.databases[name], **environment)
        self.people: dict[str, Requests] = {}
        for name, child in {**self.web, OURS: setup}.items():
            child("migrate")
            self.people[name] = [child("furnish", name=tenant) for tenant in tenants]

    def requests(self, project: str, path: str, *, by: str = "", tenants: int | None = None) -> Requests:
        """Return one request for each of so many tenants; by: the way in which its caller says who it is."""
        return [
            {"host": person["host"], "path": path, **({by: person[by]} if by else {})}
            for person in self.people[project][:tenants]
        ]
