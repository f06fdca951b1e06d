"""Posts: say something, answer, repost, edit, pin, delete; and the lists of them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from saas.social import (
    constraints,
    exceptions,
    hashtags,
    ids,
    mentions,
    notifications,
    profiles,
    values,
    visibility,
)
from saas.social.models import Post, PostEdit, PostMedia, Profile
from saas.social.models.notifications import Event
from saas.social.models.posts import MediaKind, Visibility
from saas.social.models.profiles import Privacy


@dataclass(frozen=True, slots=True)
class File:
    """A file of a post: what it is, its name in the storage, and what it shows for those who do not see it."""

    kind: str
    path: str
    alt: str = ""


def create(
    author: Profile,
    *,
    text: str = "",
    visibility: str = Visibility.PUBLIC,
    sensitive: bool = False,
    reply_to: Post | None = None,
    quote: Post | None = None,
    files: Iterable[File] = (),
) -> Post:
    """Say something; tell whom it names, answers or quotes. Raises InvalidValue, NotFound, NotRepostable, Suspended.

    What author may not read they can neither answer nor quote.
    """
    media = _files(files)
    made = Post(
        id=ids.new(),
        author=author,
        text=values.optional_text(text) if media else values.text(text),
        visibility=_visibility(visibility),
        sensitive=sensitive,
        files=len(media),
        **({} if reply_to is None else _answering(reply_to, author)),
        **({} if quote is None else {"repost_of": _repostable(quote, author)}),
    )
    return _add(made, media)


def repost(post: Post, *, by: Profile) -> Post:
    """Show a post again to one's followers; a repost of a repost shows the original.

    Raises NotFound, NotRepostable, DuplicateRepost, Suspended.
    """
    return _add(Post(id=ids.new(), author=by, repost_of=_repostable(post, by)), [])


def unrepost(post: Post, *, by: Profile) -> bool:
    """Take one's repost of post back, and say whether there was one."""
    mine = Post.objects.filter(author=by, repost_of=post, text="", deleted_at=None).first()
    if mine is None:
        return False
    delete(mine, by=by)
    notifications.withdraw(post.author, actor=by, event=Event.REPOST, post=post)
    return True


def edit(post: Post, *, by: Profile, text: str) -> Post:
    """Say it in other words; what it said before stays readable. Raises InvalidText, NotFound, NotYours, Suspended."""
    with _own(post, by):
        profiles.refuse_suspended(by)
        wanted = values.optional_text(text) if post.files else values.text(text)
        if post.repost_of_id and not post.text:
            raise exceptions.InvalidText("A repost has no words of its own. Quote it instead.")
        if wanted != post.text:
            PostEdit.objects.create(post=post, text=post.text)
            _write(post, text=wanted, edited_at=timezone.now())
            hashtags.write(post)
            mentions.write(post)
    return post


def delete(post: Post, *, by: Profile) -> None:
    """Show post nowhere any more; the row stays. Raises NotFound, NotYours."""
    with _own(post, by):
        hide(post)


def hide(post: Post) -> None:
    """What `delete` does, for whoever may do it to others' posts; deleted already, it keeps its date."""
    with _locked(post):
        if post.deleted_at is None:
            _write(post, deleted_at=timezone.now(), pinned_at=None)
            hashtags.write(post)


def pin(post: Post, *, by: Profile) -> Post:
    """Show post first on one's page, in the place of another that was. Raises NotFound, NotYours."""
    with _own(post, by), profiles.locked(by):
        Post.objects.filter(author=by).exclude(pinned_at=None).exclude(pk=post.pk).update(pinned_at=None)
        return _write(post, pinned_at=post.pinned_at or timezone.now())


def unpin(post: Post, *, by: Profile) -> Post:
    """Take it off again. Raises NotFound, NotYours."""
    with _own(post, by):
        return _write(post, pinned_at=None)


def newest(viewer: Profile | None) -> QuerySet[Post]:
    """Return what is said to everybody, newest first, without answers: what there is to discover."""
    found = Post.objects.filter(visibility=Visibility.PUBLIC, reply_to=None)
    return _shown(found, viewer).order_by("-created_at", "-id")


def of_author(author: Profile, viewer: Profile | None) -> QuerySet[Post]:
    """Return a profile's page, newest first; `pinned` comes before it."""
    return _shown(Post.objects.filter(author=author), viewer).order_by("-created_at", "-id")


def pinned(author: Profile, viewer: Profile | None) -> QuerySet[Post]:
    """Return the post that author pinned, if there is one that viewer may read."""
    return _shown(Post.objects.filter(author=author).exclude(pinned_at=None), viewer)


def thread(post: Post, viewer: Profile | None) -> QuerySet[Post]:
    """Return the whole thread that post is part of, without its root, oldest first, as far as viewer may read it."""
    return _shown(Post.objects.filter(root=post.root_id or post.pk), viewer).order_by("created_at", "id")


def replies(post: Post, viewer: Profile | None) -> QuerySet[Post]:
    """Return what answers post itself, oldest first."""
    return _shown(Post.objects.filter(reply_to=post), viewer).order_by("created_at", "id")


def search(words: str, viewer: Profile | None) -> QuerySet[Post]:
    """Return the posts with these words, newest first; `"a phrase"`, `or` and `-without` as in web searches."""
    query = SearchQuery(words.replace("\x00", " "), config="simple", search_type="websearch")
    return _shown(Post.objects.filter(search=query), viewer).order_by("-created_at", "-id")


def originals(page: Iterable[Post], viewer: Profile | None) -> dict[UUID, Post]:
    """Return what the reposts and quotes of a page show, by id, as far as viewer may read it; one query for all."""
    wanted = {post.repost_of_id for post in page if post.repost_of_id}
    return {post.pk: post for post in _shown(Post.objects.filter(pk__in=wanted), viewer)}


def edits(post: Post, viewer: Profile | None) -> QuerySet[PostEdit]:
    """Return what post said before each edit, newest first. Raises NotFound."""
    visibility.require(post.pk, viewer)
    return PostEdit.objects.filter(post=post).order_by("-edited_at", "-id")


def _shown(found: QuerySet[Post], viewer: Profile | None) -> QuerySet[Post]:
    return visibility.visible(found, viewer).select_related("author").defer("search")


def _add(post: Post, media: list[PostMedia]) -> Post:
    with constraints.translated():
        profiles.refuse_suspended(post.author)
        post.save(force_insert=True)
        for file in media:
            file.post = post
        PostMedia.objects.bulk_create(media)
        hashtags.write(post)
        named = {profile.pk for profile in mentions.write(post)}
        if post.reply_to is not None and post.reply_to.author_id not in named:
            notifications.notify(post.reply_to.author, Event.REPLY, actor=post.author, post=post)
        if post.repost_of is not None:
            notifications.notify(post.repost_of.author, Event.REPOST, actor=post.author, post=post.repost_of)
    return post


def _answering(post: Post, author: Profile) -> dict[str, Post]:
    found = visibility.require(post.pk, author)
    if found.repost_of_id and not found.text:
        raise exceptions.InvalidReply("A repost is not answered. Reply to what it shows.")
    return {"reply_to": found, "root": found if found.root_id is None else Post(pk=found.root_id)}


def _repostable(post: Post, by: Profile) -> Post:
    found = visibility.require(post.pk, by)
    if found.repost_of_id and not found.text:
        found = visibility.require(found.repost_of_id, by)
    if found.visibility != Visibility.PUBLIC or found.author.privacy != Privacy.PUBLIC:
        raise exceptions.NotRepostable
    return found


def _files(files: Iterable[File]) -> list[PostMedia]:
    media = [
        PostMedia(kind=file.kind, path=values.path(file.path), alt=values.alt(file.alt), position=position)
        for position, file in enumerate(files)
    ]
    if len(media) > values.MEDIA_MOST or any(file.kind not in MediaKind.values for file in media):
        raise exceptions.InvalidMedia
    return media


def _visibility(value: str) -> str:
    if value not in Visibility.values:
        raise exceptions.InvalidChoice(field="visibility")
    return value


@contextmanager
def _own(post: Post, by: Profile) -> Iterator[None]:
    """Lock a post that is by's own and not deleted. Raises NotFound, NotYours."""
    with _locked(post):
        if post.deleted_at is not None:
            raise exceptions.NotFound("There is no such post, or not for you.")
        if post.author_id != by.pk:
            raise exceptions.NotYours
        yield


@contextmanager
def _locked(post: Post) -> Iterator[None]:
    """Read post again and lock its row until the transaction ends. Raises Post.DoesNotExist."""
    with transaction.atomic(using=router.db_for_write(Post)):
        post.refresh_from_db(
            from_queryset=Post.objects.defer("search")
            .select_for_update(no_key=True, of=("self",))
            .select_related("author")
        )
        yield


def _write(post: Post, **fields: object) -> Post:
    """Write fields to the row first, and to the object only when the database took them."""
    with constraints.translated():
        Post.objects.filter(pk=post.pk).update(**fields)
    for field, value in fields.items():
        setattr(post, field, value)
    return post
