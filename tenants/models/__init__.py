"""Rows in `public` that say who a tenant is and who works in it. Nothing here runs DDL or leaves its row."""

from tenants.models.access import CustomRole, Group, GroupMembership
from tenants.models.backups import Backup
from tenants.models.invitations import OPEN, Invitation, InvitationDigest
from tenants.models.machines import ApiKey, ApiKeyDigest, ServiceAccount, SigningKey
from tenants.models.mail import APEX, MailSettings, OutgoingMail
from tenants.models.operators import ImpersonationBan, ImpersonationCode, ImpersonationGrant, OperatorEntry
from tenants.models.people import Credential, Membership, Operator, OperatorRole, Role, User
from tenants.models.policy import SecurityPolicy
from tenants.models.record import AuditCheckpoint, AuditEntry, AuditSeal, AuditSealedEntry
from tenants.models.sessions import FamiliarMark, OneTimeCode, OperatorSession, PersonSession, Session
from tenants.models.signups import PendingSignUp, TenantRequest
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
    "APEX",
    "HOSTNAME_FORM",
    "JOIN_ROLES",
    "LIVE",
    "OPEN",
    "PROVEN",
    "ApiKey",
    "ApiKeyDigest",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditSeal",
    "AuditSealedEntry",
    "Backup",
    "Credential",
    "CustomRole",
    "DirectoryVersion",
    "Domain",
    "EmailDomain",
    "FamiliarMark",
    "Group",
    "GroupMembership",
    "IdentityProvider",
    "IdentityProviderSecret",
    "ImpersonationBan",
    "ImpersonationCode",
    "ImpersonationGrant",
    "Invitation",
    "InvitationDigest",
    "MailSettings",
    "Membership",
    "OneTimeCode",
    "Operator",
    "OperatorEntry",
    "OperatorRole",
    "OperatorSession",
    "OutgoingMail",
    "PendingSignUp",
    "PersonSession",
    "Role",
    "SecurityPolicy",
    "ServiceAccount",
    "Session",
    "SigningKey",
    "SsoAccount",
    "Tenant",
    "TenantRequest",
    "User",
]
