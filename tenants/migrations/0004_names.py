"""Host names and slugs that look alike are found by an index, and a host name has one form."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_locks"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="domain",
            index=models.Index(
                models.Func(
                    django.db.models.functions.text.Replace(
                        django.db.models.functions.text.Replace(
                            models.F("hostname"), models.Value("rn"), models.Value("m")
                        ),
                        models.Value("vv"),
                        models.Value("w"),
                    ),
                    models.Value("01"),
                    models.Value("ol"),
                    function="translate",
                    output_field=models.CharField(),
                ),
                name="tenants_domain_looks",
            ),
        ),
        migrations.AddIndex(
            model_name="tenant",
            index=models.Index(
                models.Func(
                    django.db.models.functions.text.Replace(
                        django.db.models.functions.text.Replace(
                            models.F("slug"), models.Value("rn"), models.Value("m")
                        ),
                        models.Value("vv"),
                        models.Value("w"),
                    ),
                    models.Value("01"),
                    models.Value("ol"),
                    function="translate",
                    output_field=models.CharField(),
                ),
                name="tenants_tenant_looks",
            ),
        ),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "hostname__regex",
                        "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$",
                    )
                ),
                name="tenants_domain_form",
            ),
        ),
    ]
