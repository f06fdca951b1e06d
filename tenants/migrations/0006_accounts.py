"""What authenticates people and is kept by allauth: readable by `identity`, and of operators by the console."""

from django.db import migrations

from tenants.grants import protect

EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
OPERATORS_ONLY = (
    "EXISTS (SELECT 1 FROM public.tenants_operator o"
    " WHERE o.user_id = mfa_authenticator.user_id AND o.ended_at IS NULL)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0005_strict"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        *protect("account.EmailAddress", identity=EVERYTHING),
        *protect("account.EmailConfirmation", identity=EVERYTHING),
        *protect(
            "mfa.Authenticator",
            using={"console": OPERATORS_ONLY},
            identity=EVERYTHING,
            console=EVERYTHING,
        ),
        *protect("socialaccount.SocialApp", identity="SELECT"),
        *protect("socialaccount.SocialAccount", identity=EVERYTHING),
        *protect("socialaccount.SocialToken", identity=EVERYTHING),
    ]
