"""Sends a mail for a purpose once the transaction is kept."""

from typing import Any

from django.core.mail import send_mail
from django.db import transaction

from tenants import context


def send(purpose: str, to: str, values: dict[str, Any], tenant: context.HasId | None = None) -> None:  # noqa: ARG001
    transaction.on_commit(lambda: send_mail(purpose, str(values.get("link", "")), None, [to]))
