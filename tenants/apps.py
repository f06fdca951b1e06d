"""The app `tenants`: floor 0."""

from typing import ClassVar

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "Tenants"
    # Rule of the audit, object, and why it may stay.
    audit_allows: ClassVar = {
        "shared-table-undeclared": {
            "table public.django_migrations": "The ledger of migrations; only the owner reads it.",
            "table public.tenants_directoryversion": "One number: how often the directory has changed.",
            "table public.tenants_operator": "Who runs the product; only the console reads it.",
            "table public.tenants_operatorentry": "What operators did and read; only the console reads it.",
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
            "policy identity_rows on public.tenants_customrole": "Part of what a caller may do.",
            "policy identity_rows on public.tenants_group": "Part of what a caller may do.",
            "policy identity_rows on public.tenants_groupmembership": "Part of what a caller may do.",
            "policy identity_rows on public.tenants_invitation": "Says who may become a member.",
            "policy identity_rows on public.tenants_invitationdigest": "Tokens are compared by this role alone.",
            "policy identity_rows on public.tenants_session": "Sessions are read by this role alone.",
            "policy identity_rows on public.tenants_personsession": "Sessions are read by this role alone.",
            "policy identity_rows on public.tenants_familiarmark": "A person signs in before a tenant is entered.",
            "policy identity_rows on public.tenants_onetimecode": "Codes are compared by this role alone.",
            "policy identity_rows on public.tenants_pendingsignup": "Who signs up is in no tenant yet.",
            "policy identity_rows on public.tenants_tenantrequest": "Who signs up is in no tenant yet.",
            "policy identity_rows on public.tenants_apikey": "A key says which tenant it belongs to.",
            "policy identity_rows on public.tenants_apikeydigest": "Keys are compared by this role alone.",
            "policy identity_rows on public.tenants_serviceaccount": "A key says for whom it acts.",
            "policy identity_rows on public.tenants_signingkey": "Tokens are signed by this role alone.",
            "policy identity_rows on public.account_emailaddress": "Addresses are read by this role alone.",
            "policy identity_rows on public.account_emailconfirmation": "Confirms an address.",
            "policy identity_rows on public.mfa_authenticator": "Second factors are checked by this role alone.",
            "policy identity_rows on public.socialaccount_socialaccount": "Says whom an identity provider means.",
            "policy identity_rows on public.socialaccount_socialapp": "Providers of the product.",
            "policy identity_rows on public.socialaccount_socialtoken": "Empty: they are not stored.",
            "policy identity_rows on public.tenants_emaildomain": "Says whose addresses a tenant may vouch for.",
            "policy identity_rows on public.tenants_identityprovider": "Signs in before a tenant is entered.",
            "policy identity_rows on public.tenants_identityprovidersecret": "Read by this role alone.",
            "policy identity_rows on public.tenants_ssoaccount": "Says whom a tenant's identity provider means.",
            "policy app_rows on public.tenants_outgoingmail": "Mails of the apex host; it may add rows and read none.",
            "policy identity_rows on public.tenants_outgoingmail": "Sends mails of tenants and of none; all encrypted.",
            "policy identity_rows on public.tenants_mailsettings": "Says how a tenant signs the mail that is sent.",
            "policy identity_rows on public.tenants_securitypolicy": "Asked before a tenant is entered.",
            "policy identity_rows on public.tenants_impersonationgrant": "Says whom an operator acts as.",
            "policy identity_rows on public.tenants_impersonationcode": "Codes are compared by this role alone.",
            "policy identity_rows on public.tenants_impersonationban": "A tenant forbids its own impersonations.",
            "policy identity_rows on public.tenants_auditentry": "Notes refusals; it may add rows and read none.",
        },
        "unique-without-tenant": {
            "index public.tenants_domain_hostname_key": "A host name belongs to one tenant.",
            "index public.tenants_emaildomain_proven": "A domain of mail addresses is proven by one tenant.",
            "index public.tenants_tenant_slug": "A slug names one tenant.",
            "index public.tenants_familiarmark_once": "A hash per person, which no tenant reads.",
            "index public.tenants_user_email": "A person is one person in all tenants.",
            "index public.account_emailaddress_pkey": "A counter of people's addresses, which no tenant reads.",
            "index public.account_emailaddress_user_id_email_987c8728_uniq": "An address is a person's.",
            "index public.account_emailconfirmation_key_key": "A random key that nobody can guess.",
            "index public.account_emailconfirmation_pkey": "A counter that no tenant reads.",
            "index public.mfa_authenticator_pkey": "A counter that no tenant reads.",
            "index public.socialaccount_socialaccount_pkey": "A counter that no tenant reads.",
            "index public.socialaccount_socialaccount_provider_uid_fc810c6e_uniq": "A provider's person is one person.",
            "index public.socialaccount_socialapp_pkey": "A counter that no tenant reads.",
            "index public.socialaccount_socialtoken_app_id_account_id_fca4e0ac_uniq": "Empty, and no tenant reads it.",
            "index public.socialaccount_socialtoken_pkey": "Empty, and no tenant reads it.",
            "index public.unique_authenticator_type": "A person has one of each second factor.",
            "index public.unique_primary_email": "A person has one primary address.",
            "index public.unique_verified_email": "An address is proven by one person.",
            "index public.tenants_signingkey_pkey": "A random name of a key that signs for all tenants.",
            "index public.tenants_personsession_pkey": "A random key that nobody can guess.",
            "index public.tenants_pendingsignup_digest_key": "Of a random token that nobody can guess.",
            "index public.tenants_session_pkey": "A random key that nobody can guess.",
        },
        "definer-function": {
            "function public.tenants_hold_lock(text) as of 60335b0e": "Hashes the role into the key of the lock.",
        },
        "signer-unsalted": {
            "django.contrib.auth.tokens.PasswordResetTokenGenerator in tenants.people.tokens": "Adds the tenant.",
            "django.core.signing.dumps in tenants.tasks": "Signs the scope itself: a tenant, or the operators.",
            "django.core.signing.loads in tenants.tasks": "Reads the scope itself: a tenant, or the operators.",
            "django.utils.crypto.salted_hmac in tenants.people.jwts": "The scope of the person holds the tenant.",
            "django.utils.crypto.salted_hmac in tenants.models.people": "The session row holds the tenant.",
        },
    }

    def ready(self) -> None:
        from tenants import checks, guard  # noqa: F401  registers the system checks
        from tenants.people import fitting, permissions, sessions

        guard.install()
        permissions.discover()
        fitting.fit()
        user_logged_in.connect(sessions.note_beginning, dispatch_uid="tenants.sessions")
