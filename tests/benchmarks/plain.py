"""What the tenant apps need of a database that is not ours."""

from pathlib import Path

from django.db import connection

SQL = Path(__file__).with_name("plain.sql")


def prepare() -> None:
    """Make the functions and roles that the apps' policies name. Runs ahead of the first migration."""
    with connection.cursor() as cursor:
        cursor.execute(SQL.read_text(encoding="utf-8"))
