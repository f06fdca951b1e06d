"""What can go wrong with a tenant; every docstring is the default message and says how to repair it."""

import inspect


class TenancyError(Exception):
    """Something about a tenant went wrong."""

    code = "tenancy_error"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))


class NoTenant(TenancyError):
    """No context is entered here. Put the work inside `with context.use(tenant):`."""

    code = "no_tenant"


class WrongTenant(TenancyError):
    """This belongs to another context than the current one. Leave the current context first."""

    code = "wrong_tenant"


class WrongActor(WrongTenant):
    """Somebody else acts in this context. Leave it, then enter the tenant as the other one."""

    code = "wrong_actor"


class ClearRefused(TenancyError):
    """This would empty the cache of every tenant. Delete keys by name, or rotate the tenant's epoch."""

    code = "clear_refused"


class NoLogin(TenancyError):
    """This process does not hold the database login that the context needs."""

    code = "no_login"


class UnsafeLogin(TenancyError):
    """The database login could bypass isolation. Connect as app, console, owner or backup; see deploy/roles.sql."""

    code = "unsafe_login"


class EntryFailed(TenancyError):
    """The tenant's context could not be entered, so the connection was thrown away. Try again."""

    code = "entry_failed"


class TransactionAborted(TenancyError):
    """An error was swallowed, so nothing of this context would be kept. Put a savepoint around what may fail."""

    code = "transaction_aborted"


class ConnectionLost(TransactionAborted):
    """The connection went away inside of the context, so nothing of it was kept. Try again."""

    code = "connection_lost"


class StatementRefused(TenancyError):
    """This statement may not run inside a context. Use the ORM, or a statement that reads or writes rows."""

    code = "statement_refused"


class UnknownTenant(TenancyError):
    """There is no such tenant. `manage.py tenant_list` shows those that exist."""

    code = "unknown_tenant"


class InvalidSlug(TenancyError):
    """A slug is 2 to 41 characters: a lower-case ASCII letter, then letters, digits and single hyphens."""

    code = "invalid_slug"


class InvalidHostname(TenancyError):
    """This is not a host name that a tenant can have."""

    code = "invalid_hostname"


class SlugTaken(TenancyError):
    """Another tenant has this slug or host name. Choose another one."""

    code = "slug_taken"


class LooksTaken(SlugTaken):
    """This looks like the name of another tenant. Choose another one."""

    code = "looks_taken"


class HostnameTaken(TenancyError):
    """Another tenant answers on this host name, or it belongs to the product. Choose another one."""

    code = "hostname_taken"


class HostnameLooksTaken(HostnameTaken):
    """This host name looks like one of another tenant. Choose another one."""

    code = "hostname_looks_taken"


class UnknownDomain(TenancyError):
    """The tenant has no such host name. `manage.py tenant_domain SLUG list` shows those that it has."""

    code = "unknown_domain"


class PrimaryDomain(TenancyError):
    """This is the tenant's primary host name. Make another one primary first."""

    code = "primary_domain"


class InvalidOption(TenancyError):
    """An option of the new tenant is not known. Nothing was created."""

    code = "invalid_option"


class UnsafeView(TenancyError):
    """The view would show rows past grants and policies. Read tables and security_invoker views only."""

    code = "unsafe_view"


class NotAdoptable(TenancyError):
    """The table cannot be given to tenants as it is. Change what the message names in a migration before this one."""

    code = "not_adoptable"


class Refused(TenancyError):
    """The person may not do this in the tenant."""

    code = "permission_denied"

    def __init__(self, message: str | None = None, *, permission: str = "") -> None:
        super().__init__(message)
        self.permission = permission


class NotAMember(Refused):
    """The person is not a member of the tenant."""

    code = "not_a_member"


class InvalidCredentials(TenancyError):
    """E-mail address or password is wrong."""

    code = "invalid_credentials"


class InvalidScope(TenancyError):
    """The task carries no valid scope, so it was not run. Publish it with `delay()` from inside a context."""

    code = "invalid_scope"


class BackupError(TenancyError):
    """The backup cannot be used."""

    code = "backup_error"


class BackupDamaged(BackupError):
    """A file of the backup is missing or differs from its manifest. Use another backup."""

    code = "backup_damaged"


class BackupOutdated(BackupError):
    """The backup was taken at other migrations than the code has. Check out the release that took it."""

    code = "backup_outdated"


class NoStrictKey(TenancyError):
    """Strict tenants need a key in this process. Set LEASEHOLD_STRICT_KEY, the same in every process."""

    code = "no_strict_key"


class StrictBusy(TenancyError):
    """All connections of strict tenants are in use. Raise LEASEHOLD_STRICT_CONNECTIONS, or try again."""

    code = "strict_busy"


class NetworkInContext(TenancyError):
    """This speaks to another host, so it may not run inside a context. Leave the context first."""

    code = "network_in_context"


class EmailDomainError(TenancyError):
    """The domain of mail addresses cannot be used like this."""

    code = "email_domain_error"


class InvalidEmailDomain(EmailDomainError):
    """This is not a domain of mail addresses that a tenant can own."""

    code = "invalid_email_domain"


class EmailDomainTaken(EmailDomainError):
    """Another tenant has proven this domain, or this tenant has it already."""

    code = "email_domain_taken"


class EmailDomainUnproven(EmailDomainError):
    """The DNS record was not found. Publish it, wait until it is visible, and verify again."""

    code = "email_domain_unproven"


class UnknownEmailDomain(EmailDomainError):
    """The tenant has no such domain of mail addresses. Claim it first."""

    code = "unknown_email_domain"


class UnknownMail(TenancyError):
    """No mail is sent for this purpose with these values. See `letters.PURPOSES` for what each one takes."""

    code = "unknown_mail"


class BadSender(TenancyError):
    """The sender's name or the address for answers is not accepted: one line, no `@`, `<` or `>` in the name."""

    code = "bad_sender"

    def __init__(self, message: str | None = None, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
