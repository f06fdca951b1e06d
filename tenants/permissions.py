"""What may be done with the tenant itself: its people, roles, keys, backups and record."""

from tenants.people.permissions import ADMINS, EVERYBODY, OWNERS, declare

declare("tenant.read", "See the name and the plan", EVERYBODY)
declare("tenant.transfer", "Hand the ownership over to another member", OWNERS)
declare("members.read", "See who the members are and who is invited", ADMINS)
declare("members.manage", "Invite and remove members, change their roles and groups", ADMINS)
declare("roles.manage", "Define roles and groups", ADMINS)
declare("keys.manage", "Make and revoke API keys", ADMINS)
declare("service_accounts.manage", "Make, change and end service accounts", ADMINS)
declare("backups.manage", "Take and restore backups", ADMINS)
declare("mail.manage", "Set how mails name their sender and where answers go", ADMINS)
declare("audit.read", "Read the record of who did what", ADMINS)
declare(
    "security.manage", "Set how people sign in: identity providers, e-mail domains, what is required", OWNERS
)
