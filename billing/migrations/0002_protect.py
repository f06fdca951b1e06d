"""Row-level security and grants on the shared tables of billing."""

from django.db import migrations

from tenants.grants import Grant, protect


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_billing"), ("tenants", "0002_protect")]

    operations = [
        # The catalogue holds no tenant's rows.
        Grant("Plan", "tenant", "SELECT"),
        Grant("Plan", "console", "SELECT, INSERT, UPDATE"),
        Grant("Flag", "tenant", "SELECT"),
        Grant("Flag", "console", "SELECT, INSERT, UPDATE, DELETE"),
        *protect("Subscription", console="SELECT, INSERT, UPDATE", tenant="SELECT", backup="SELECT"),
        *protect("FlagOverride", console="SELECT, INSERT, UPDATE, DELETE", tenant="SELECT", backup="SELECT"),
        *protect("UsageEvent", tenant="SELECT, INSERT", console="SELECT", backup="SELECT"),
        # app may add what a process counted, and read nothing of it.
        *protect("UsageCount", app="INSERT", console="SELECT, UPDATE, DELETE"),
        *protect("UsageHour", console="SELECT, INSERT, UPDATE", tenant="SELECT", backup="SELECT"),
    ]
