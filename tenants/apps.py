"""The app `tenants`: floor 0."""

from typing import ClassVar

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "Tenants"
    # Rule of the audit, object, and why it may stay.
    audit_allows: ClassVar = {
        "shared-table-undeclared": {
            "table public.django_migrations": "The ledger of migrations; only the owner reads it.",
            "table public.tenants_directoryversion": "One number: how often the directory has changed.",
            "table public.tenants_operator": "Who runs the product; only the console reads it.",
            "table public.tenants_operatorsession": "Sessions of operators; only the console reads them.",
        },
        "policy-not-own-rows": {
            "policy tenant_rows on public.tenants_user as of 0c10caee": "People are seen through memberships.",
        },
        "policy-open-to-login": {
            "policy app_rows on public.tenants_tenant": "The bare login resolves a host to a tenant.",
            "policy app_rows on public.tenants_domain": "The bare login resolves a host to a tenant.",
            "policy identity_rows on public.tenants_tenant": "Says who is calling before a tenant is entered.",
            "policy identity_rows on public.tenants_domain": "Says who is calling before a tenant is entered.",
            "policy identity_rows on public.tenants_user": "People sign in before a tenant is entered.",
            "policy identity_rows on public.tenants_credential": "Passwords are compared by this role alone.",
            "policy identity_rows on public.tenants_membership": "Says in which tenants a person works.",
            "policy identity_rows on public.tenants_session": "Sessions are read by this role alone.",
            "policy identity_rows on public.tenants_apikey": "A key says which tenant it belongs to.",
            "policy identity_rows on public.tenants_apikeydigest": "Keys are compared by this role alone.",
            "policy identity_rows on public.tenants_auditentry": "Notes refusals; it may add rows and read none.",
        },
        "unique-without-tenant": {
            "index public.tenants_domain_hostname_key": "A host name belongs to one tenant.",
            "index public.tenants_tenant_slug": "A slug names one tenant.",
            "index public.tenants_user_email": "A person is one person in all tenants.",
            "index public.tenants_session_pkey": "A random key that nobody can guess.",
        },
        "definer-function": {
            "function public.tenants_hold_lock(text) as of 60335b0e": "Hashes the role into the key of the lock.",
        },
        "signer-unsalted": {
            "django.contrib.auth.tokens.PasswordResetTokenGenerator in tenants.people.tokens": "Adds the tenant.",
            "django.core.signing.dumps in tenants.tasks": "Signs the scope itself: a tenant, or the operators.",
            "django.core.signing.loads in tenants.tasks": "Reads the scope itself: a tenant, or the operators.",
            "django.utils.crypto.salted_hmac in tenants.models": "A person's epoch; the session row holds the tenant.",
        },
    }

    def ready(self) -> None:
        from tenants import checks, guard  # noqa: F401  registers the system checks

        guard.install()
