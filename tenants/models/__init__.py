"""Rows in `public` that say who a tenant is and who works in it. Nothing here runs DDL or leaves its row."""

from tenants.models.backups import Backup
from tenants.models.machines import ApiKey, ApiKeyDigest
from tenants.models.operators import ImpersonationBan, ImpersonationCode, ImpersonationGrant, OperatorEntry
from tenants.models.people import Credential, Membership, Operator, OperatorRole, Role, User
from tenants.models.record import AuditCheckpoint, AuditEntry, AuditSeal, AuditSealedEntry
from tenants.models.sessions import OperatorSession, Session
from tenants.models.sso import (
    JOIN_ROLES,
    PROVEN,
    EmailDomain,
    IdentityProvider,
    IdentityProviderSecret,
    SsoAccount,
)
from tenants.models.tenant import HOSTNAME_FORM, LIVE, DirectoryVersion, Domain, Tenant

__all__ = [
    "HOSTNAME_FORM",
    "JOIN_ROLES",
    "LIVE",
    "PROVEN",
    "ApiKey",
    "ApiKeyDigest",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditSeal",
    "AuditSealedEntry",
    "Backup",
    "Credential",
    "DirectoryVersion",
    "Domain",
    "EmailDomain",
    "IdentityProvider",
    "IdentityProviderSecret",
    "ImpersonationBan",
    "ImpersonationCode",
    "ImpersonationGrant",
    "Membership",
    "Operator",
    "OperatorEntry",
    "OperatorRole",
    "OperatorSession",
    "Role",
    "Session",
    "SsoAccount",
    "Tenant",
    "User",
]
