"""The plans that every installation starts with."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PLANS = [("free", "Free", 0), ("pro", "Pro", 49_00), ("enterprise", "Enterprise", 499_00)]


def add(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    plans = apps.get_model("billing", "Plan").objects.using(editor.connection.alias)
    for position, (code, name, price) in enumerate(PLANS):
        plans.create(code=code, name=name, price=price, position=position)


def remove(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    plans = apps.get_model("billing", "Plan").objects.using(editor.connection.alias)
    plans.filter(code__in=[code for code, _, _ in PLANS]).delete()


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_protect")]

    operations = [migrations.RunPython(add, remove)]
