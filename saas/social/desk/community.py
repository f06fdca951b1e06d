"""The community on its admin pages: who takes part, what they write, and whom they write to."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Collate, Lower
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan
from django.http import HttpRequest

from saas.social import comments, constraints, exceptions, messages, moderation, posts, profiles
from saas.social.models import Participant, PostEdit, PostMedia
from saas.visitors import desk


class Page(desk.Page):
    """Pages of the community, whose refusals are the community's errors."""

    refusals: ClassVar[tuple[type[Exception], ...]] = (exceptions.SocialError,)
    translated = constraints.translated


def of_handle(term: str, path: str) -> Q:
    """Return the rows whose profile at path has this handle, with or without the @."""
    wanted = Collate(Lower(Value(term.removeprefix("@"))), "C")
    return Q(Exact(Collate(Lower(F(f"{path}__handle")), "C"), wanted))


class ProfilePage(Page):
    may = frozenset({"change"})
    list_display = ("handle", "name", "privacy", "followers", "posts", "verified_at", "suspended_at")
    list_filter = (
        "privacy",
        ("verified_at", admin.EmptyFieldListFilter),
        ("suspended_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("handle",)
    search_help_text = "The beginning of a handle, or a whole id."
    fields = (
        *("handle", "name", "bio", "privacy", "followers", "following", "posts"),
        *("verified_at", "suspended_at", "created_at"),
    )
    readonly_fields = ("followers", "following", "posts", "verified_at", "suspended_at", "created_at")
    actions = ("verify", "unverify", "reinstate")

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        profiles.update(obj, **given)

    def find(self, term: str) -> Q:
        key, start = Collate(Lower(F("handle")), "C"), term.removeprefix("@").lower()
        begins = Q(GreaterThanOrEqual(key, Value(start))) & Q(LessThan(key, Value(f"{start}\x7f")))
        return begins | super().find(term)

    @admin.action(description="Say that they are who they claim to be", permissions=["act"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, profiles.verify, "verified")

    @admin.action(description="Take that back", permissions=["act"])
    def unverify(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, profiles.unverify, "unverified")

    @admin.action(description="Lift the suspension", permissions=["act"])
    def reinstate(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        verb = partial(moderation.reinstate, by=desk.name_of(request))
        self.each(request, queryset.exclude(suspended_at=None), verb, "reinstated")


class MediaRows(desk.Inline):
    model = PostMedia
    fields = ("position", "kind", "path", "alt")


class EditRows(desk.Inline):
    model = PostEdit
    fields = ("edited_at", "text")
    verbose_name_plural = "what it said before"


class PostPage(Page):
    list_display = (
        "__str__",
        "author",
        "visibility",
        "likes",
        "comments",
        "reposts",
        "created_at",
        "deleted_at",
    )
    list_select_related = ("author",)
    list_filter = ("visibility", "sensitive", ("deleted_at", admin.EmptyFieldListFilter))
    search_fields = ("text",)
    search_help_text = "Words of the text."
    fields = (
        *(
            "author",
            "text",
            "visibility",
            "sensitive",
            "reply_to",
            "repost_of",
            "likes",
            "comments",
            "replies",
        ),
        *("reposts", "bookmarks", "created_at", "edited_at", "pinned_at", "deleted_at"),
    )
    inlines = (MediaRows, EditRows)
    actions = ("remove",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("search")

    def find(self, term: str) -> Q:
        # As the partial index says it; deleted posts are found by no word.
        words = SearchQuery(term, config="simple", search_type="websearch")
        return Q(search=words, deleted_at=None) | super().find(term)

    @admin.action(description="Delete: show them nowhere", permissions=["act"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, posts.hide, "deleted")


class CommentPage(Page):
    list_display = ("__str__", "author", "created_at", "edited_at", "deleted_at")
    list_select_related = ("author",)
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    search_fields = ("pk",)
    search_help_text = "A whole id of a comment or of its post."
    fields = ("author", "post", "reply_to", "text", "created_at", "edited_at", "deleted_at")
    actions = ("remove",)

    def find(self, term: str) -> Q:
        return desk.of_id(term, "pk", "post")

    @admin.action(description="Delete: show them nowhere", permissions=["act"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, comments.hide, "deleted")


class HashtagPage(Page):
    list_display = ("name", "posts", "score", "scored_at")
    search_fields = ("name",)
    search_help_text = "A whole hashtag."
    ordering = ("name",)

    def find(self, term: str) -> Q:
        return Q(name=term.removeprefix("#").lower())


class FollowPage(Page):
    list_display = ("follower", "followee", "requested_at", "accepted_at")
    list_select_related = ("follower", "followee")
    search_fields = ("pk",)
    search_help_text = "A whole handle."

    def find(self, term: str) -> Q:
        return of_handle(term, "follower") | of_handle(term, "followee")


class BlockPage(Page):
    list_display = ("blocker", "blocked", "created_at")
    list_select_related = ("blocker", "blocked")
    search_fields = ("pk",)
    search_help_text = "A whole handle."

    def find(self, term: str) -> Q:
        return of_handle(term, "blocker") | of_handle(term, "blocked")


class ParticipantRows(desk.Inline):
    model = Participant
    fields = ("profile", "role", "joined_at", "left_at", "read_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).select_related("profile")
        return found


class ConversationPage(Page):
    list_display = ("called", "last_message_at", "created_at")
    list_select_related = ("low", "high")
    fields = ("called", "last_message_at", "created_at")
    inlines = (ParticipantRows,)

    @admin.display(description="conversation", ordering="title")
    def called(self, conversation: Any) -> str:
        return conversation.title or f"{conversation.low} and {conversation.high}"


class MessagePage(Page):
    """Read where somebody reported one; the list is of one conversation when its id is searched for."""

    list_display = ("shown", "author", "created_at", "edited_at", "deleted_at")
    list_select_related = ("author",)
    search_fields = ("pk",)
    search_help_text = "A whole id of a message or of a conversation."
    fields = ("author", "text", "created_at", "edited_at", "deleted_at")
    actions = ("remove",)

    @admin.display(description="message")
    def shown(self, message: Any) -> str:
        return message.text[:60] or "(deleted)"

    def find(self, term: str) -> Q:
        return desk.of_id(term, "pk", "conversation")

    @admin.action(description="Delete: take the words away", permissions=["act"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, messages.hide, "deleted")


class PostDayPage(Page):
    list_display = ("day", "post", "views", "opens")
    list_select_related = ("post",)
    ordering = ("-day", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("post__search")


class ProfileDayPage(Page):
    list_display = ("day", "profile", "views")
    list_select_related = ("profile",)
    ordering = ("-day", "-id")
