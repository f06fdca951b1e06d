"""Row-level security, grants and the directory's version on the shared tables of tenants."""

from pathlib import Path

from django.db import migrations

from tenants.grants import Grant, protect
from tenants.rls import CompositeForeignKey

SQL = Path(__file__).parent.parent / "sql"

PEOPLE_OF_TENANT = (
    "EXISTS (SELECT 1 FROM public.tenants_membership m"
    " WHERE m.user_id = tenants_user.id AND m.tenant_id = (SELECT public.current_tenant()))"
)
OPERATORS_ONLY = (
    "EXISTS (SELECT 1 FROM public.tenants_operator o"
    " WHERE o.user_id = tenants_credential.user_id AND o.ended_at IS NULL)"
)
DROP_DIRECTORY_VERSION = """
DROP TRIGGER tenants_domain_directory_version ON public.tenants_domain;
DROP TRIGGER tenants_tenant_directory_version ON public.tenants_tenant;
DROP FUNCTION public.tenants_count_directory_version();
DELETE FROM public.tenants_directoryversion;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_tenants")]

    operations = [
        migrations.RunSQL(
            (SQL / "current_tenant.sql").read_text(encoding="utf-8"), "DROP FUNCTION public.current_tenant()"
        ),
        migrations.RunSQL(
            (SQL / "directory_version.sql").read_text(encoding="utf-8"), DROP_DIRECTORY_VERSION
        ),
        Grant("DirectoryVersion", "app", "SELECT"),
        Grant("DirectoryVersion", "console", "SELECT, UPDATE"),
        *protect(
            "Tenant",
            tenant_column="id",
            app="SELECT",
            identity="SELECT",
            tenant="SELECT",
            console="SELECT, UPDATE",
            backup="SELECT",
        ),
        *protect(
            "Domain", app="SELECT", identity="SELECT", tenant="SELECT", console="SELECT", backup="SELECT"
        ),
        *protect(
            "User",
            using={"tenant": PEOPLE_OF_TENANT},
            identity="SELECT, INSERT, UPDATE",
            tenant="SELECT",
            console="SELECT, UPDATE",
        ),
        Grant("Operator", "console", "SELECT"),
        *protect(
            "Credential",
            using={"console": OPERATORS_ONLY},
            identity="SELECT, INSERT, UPDATE",
            console="SELECT, INSERT, UPDATE",
        ),
        *protect(
            "Membership",
            identity="SELECT, INSERT, UPDATE",
            tenant="SELECT",
            console="SELECT",
            backup="SELECT",
        ),
        *protect("Session", identity="SELECT, INSERT, UPDATE, DELETE"),
        Grant("OperatorSession", "console", "SELECT, INSERT, UPDATE, DELETE"),
        *protect(
            "ApiKey", identity="SELECT, INSERT, UPDATE", tenant="SELECT", console="SELECT", backup="SELECT"
        ),
        *protect("ApiKeyDigest", identity="SELECT, INSERT, DELETE"),
        *protect(
            "AuditEntry",
            identity="INSERT",
            tenant="SELECT, INSERT",
            console="SELECT, INSERT",
            backup="SELECT",
        ),
        *protect("Backup", tenant="SELECT", console="SELECT, INSERT", backup="SELECT, UPDATE"),
        CompositeForeignKey("ApiKey", "membership_id", "tenants_membership"),
        CompositeForeignKey("ApiKeyDigest", "key_id", "tenants_apikey"),
    ]
