"""Those who come to the site, for the people who run it: seen, and closed where they must not come again."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest

from saas.visitors import desk, exceptions, visitors
from saas.visitors.models import Visitor


@admin.register(Visitor)
class VisitorPage(desk.Page):
    refusals: ClassVar[tuple[type[Exception], ...]] = (exceptions.VisitorsError,)
    list_display = ("who", "guest", "verified_at", "last_seen_at", "closed_at", "created_at")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), ("email", admin.EmptyFieldListFilter))
    fields = ("email", "guest", "verified_at", "last_seen_at", "closed_at", "created_at")
    search_fields = ("email",)
    search_help_text = "A whole e-mail address or id."
    actions = ("close",)

    @admin.display(description="visitor", ordering="email")
    def who(self, visitor: Any) -> str:
        return str(visitor)

    @admin.display(description="guest", boolean=True)
    def guest(self, visitor: Any) -> bool:
        return bool(visitor.is_guest)

    def find(self, term: str) -> Q:
        return Q(Exact(Lower(F("email")), Lower(Value(term)))) | super().find(term)

    @admin.action(description="Close: they can sign in no more", permissions=["act"])
    def close(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, visitors.close, "closed")
