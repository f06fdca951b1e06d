"""What may be seen of what the tenant used and owes."""

from tenants.people.permissions import EVERYBODY, declare

declare("usage.read", "See what was used", EVERYBODY)
