"""What a tenant asks of its members, and an address row for people from before there were any."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tenants.ids
from tenants.grants import protect

ADDRESSES = """
INSERT INTO public.account_emailaddress (user_id, email, verified, "primary")
SELECT u.id, lower(u.email), false, true FROM public.tenants_user u
WHERE NOT EXISTS (SELECT 1 FROM public.account_emailaddress e WHERE e.user_id = u.id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0012_apex"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecurityPolicy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "tenant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="security_policy",
                        to="tenants.tenant",
                    ),
                ),
                ("mfa_required_since", models.DateTimeField(blank=True, null=True)),
                ("session_minutes", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "networks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=43), default=list, size=100
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "security policies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("session_minutes__isnull", True),
                            ("session_minutes__range", (5, 43200)),
                            _connector="OR",
                        ),
                        name="tenants_securitypolicy_session_minutes",
                    )
                ],
            },
        ),
        *protect(
            "SecurityPolicy",
            identity="SELECT, INSERT, UPDATE",
            tenant="SELECT",
            console="SELECT, UPDATE",
            backup="SELECT",
        ),
        migrations.RunSQL(ADDRESSES, migrations.RunSQL.noop),
    ]
