"""The queue of the moderators: what was reported, what they decide on it, and who decided what."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from saas.social import exceptions, moderation, values
from saas.social.desk.community import Page
from saas.social.models.moderation import SUBJECTS, Action
from saas.visitors import desk

JOINED = ("profile", "post", "comment", "message")


class ReportForm(desk.Form):
    """Nothing of a report changes but that it is decided."""

    action = forms.ChoiceField(
        label="Decision", choices=[("", "---------"), *Action.choices], widget=UnfoldAdminSelectWidget
    )
    decision_note = forms.CharField(
        label="Note", required=False, max_length=values.NOTE_LENGTH, widget=UnfoldAdminTextareaWidget
    )


class Open(admin.SimpleListFilter):
    """The queue, unless somebody asks for the others."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("decided", "Decided"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": "Open"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "all":
                return queryset
            case "decided":
                return queryset.exclude(decided_at=None)
        return queryset.filter(decided_at=None)


class ReportPage(Page):
    may = frozenset({"change"})
    form = ReportForm
    list_display = ("about", "reason", "reporter", "created_at", "decided_at")
    list_select_related = ("reporter", "post__author", "comment__author", "message__author", "profile")
    list_filter = (Open, "reason")
    fields = (
        "about",
        "author",
        "reason",
        "said",
        "reporter",
        "created_at",
        "decided",
        "action",
        "decision_note",
    )
    readonly_fields = ("about", "author", "reason", "said", "reporter", "created_at", "decided")
    actions = ("dismiss", "warn", "remove", "suspend")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request).select_related(*self.list_select_related, "decision")
        return found.defer("post__search")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for a decision where there is none yet."""
        asked = ("action", "decision_note")
        open_ = obj is not None and obj.decided_at is None and self.has_change_permission(request, obj)
        left_out = ("decided",) if open_ else asked
        return [(None, {"fields": [name for name in self.fields if name not in left_out]})]

    @admin.display(description="about")
    def about(self, report: Any) -> str:
        name = next(name for name in SUBJECTS if getattr(report, f"{name}_id"))
        subject = getattr(report, name)
        text = getattr(subject, "text", "")[:120] or ("(deleted)" if name == "message" else str(subject))
        return f"{name}: {text}"

    @admin.display(description="what the reporter says")
    def said(self, report: Any) -> str:
        return str(report.note)

    @admin.display(description="whose it is")
    def author(self, report: Any) -> str:
        return str(moderation.author_of(report.subject))

    @admin.display(description="decision")
    def decided(self, report: Any) -> str:
        made = report.decision
        return f"{made.get_action_display()} ({made.by}) {made.note}" if made else "Open"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        given = form.cleaned_data
        if "action" not in given:
            raise exceptions.AlreadyDecided
        moderation.decide(obj, action=given["action"], by=desk.name_of(request), note=given["decision_note"])

    def _decide(self, request: HttpRequest, queryset: QuerySet[Any], action: str, done: str) -> None:
        def decide(report: Any) -> None:
            moderation.decide(report, action=action, by=desk.name_of(request))

        self.each(request, queryset, decide, done)

    @admin.action(description="Dismiss: nothing is wrong with it", permissions=["act"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._decide(request, queryset, Action.DISMISS, "dismissed")

    @admin.action(description="Warn the author", permissions=["act"])
    def warn(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._decide(request, queryset, Action.WARN, "warned")

    @admin.action(description="Delete it", permissions=["act"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._decide(request, queryset, Action.REMOVE, "removed")

    @admin.action(description="Suspend the author", permissions=["act"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._decide(request, queryset, Action.SUSPEND, "suspended")


class DecisionPage(Page):
    list_display: Any = ("created_at", "action", "by", "note", "subject")
    list_select_related = JOINED
    list_filter = ("action",)
    fields: ClassVar[Any] = ("created_at", "action", "by", "note", "subject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*JOINED).defer("post__search")


class EntryPage(DecisionPage):
    list_display = ("at", "action", "by", "subject")
    fields = ("at", "action", "by", "subject", "before", "after")
