"""Posts: said, answered, reposted, edited, pinned and deleted; the lists cost the same for one row and for many."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from saas.social import constraints, exceptions, follows, notifications, pages, posts, profiles
from saas.social.models import Post, PostEdit, PostHashtag, PostMedia, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import PostFactory, ProfileFactory

PICTURE = posts.File("image", "2026/tent.jpg", "A tent in the rain")


def kept(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


def test_it_keeps_what_was_said_and_counts_it(acme: Entry) -> None:
    ann = ProfileFactory()
    made = posts.create(ann, text="Hello", visibility="followers", sensitive=True, files=[PICTURE, PICTURE])
    row = kept(made)
    assert (row.author, row.text, row.visibility, row.sensitive, row.files) == (
        ann,
        "Hello",
        "followers",
        True,
        2,
    )
    assert list(PostMedia.objects.filter(post=row).values_list("kind", "path", "alt", "position")) == [
        ("image", "2026/tent.jpg", "A tent in the rain", 0),
        ("image", "2026/tent.jpg", "A tent in the rain", 1),
    ]
    ann.refresh_from_db()
    assert ann.posts == 1


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"text": ""}, exceptions.InvalidText),
        ({"text": " \n"}, exceptions.InvalidText),
        ({"text": "x" * 5001}, exceptions.InvalidText),
        ({"visibility": "all"}, exceptions.InvalidChoice),
        ({"files": [posts.File("pdf", "a.pdf")]}, exceptions.InvalidMedia),
        ({"files": [posts.File("image", "/etc/passwd")]}, exceptions.InvalidMedia),
        ({"files": [PICTURE] * 11}, exceptions.InvalidMedia),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    acme: Entry, wrong: dict[str, Any], error: type[exceptions.SocialError]
) -> None:
    ann = ProfileFactory()
    with pytest.raises(error):
        posts.create(ann, **{"text": "Hello", **wrong})
    ann.refresh_from_db()
    assert (Post.objects.count(), ann.posts) == (0, 0)


def test_a_picture_needs_no_words(acme: Entry) -> None:
    assert kept(posts.create(ProfileFactory(), files=[PICTURE])).text == ""


def test_answers_hang_below_what_they_answer_in_one_thread(acme: Entry) -> None:
    ann, bob = ProfileFactory(), ProfileFactory()
    root = posts.create(ann, text="Root")
    first = posts.create(bob, text="First", reply_to=root)
    below = posts.create(ann, text="Below", reply_to=first)
    second = posts.create(bob, text="Second", reply_to=root)
    assert [post.root_id for post in (kept(root), kept(first), kept(below))] == [None, root.pk, root.pk]
    for post in (root, below):
        assert list(posts.thread(post, None)) == [first, below, second]
    assert list(posts.replies(root, None)) == [first, second]
    assert (kept(root).replies, kept(first).replies) == (2, 1)
    assert list(posts.newest(None)) == [root]
    assert [(row.event, row.actor, row.actors) for row in notifications.listing(ann)] == [
        ("reply", bob, 1)
    ] * 2


def test_a_repost_shows_the_original_once(acme: Entry) -> None:
    ann, bob, cyd = ProfileFactory(), ProfileFactory(), ProfileFactory()
    post = posts.create(ann, text="Hello")
    shared = posts.repost(post, by=bob)
    again = posts.repost(shared, by=cyd)
    assert (shared.repost_of, again.repost_of, kept(post).reposts) == (post, post, 2)
    with pytest.raises(exceptions.DuplicateRepost):
        posts.repost(post, by=bob)
    quote = posts.create(bob, text="Look", quote=post)
    assert posts.originals([shared, quote, post], None) == {post.pk: post}
    with pytest.raises(exceptions.InvalidText):
        posts.edit(shared, by=bob, text="Words")
    with pytest.raises(exceptions.InvalidReply):
        posts.create(cyd, text="Hi", reply_to=shared)
    assert posts.unrepost(post, by=bob)
    assert not posts.unrepost(post, by=bob)
    assert kept(post).reposts == 2  # cyd's, and bob's quote
    assert posts.repost(post, by=bob).pk != shared.pk


def test_only_what_everybody_may_read_is_reposted(acme: Entry) -> None:
    ann, bob = ProfileFactory(), ProfileFactory()
    follows.follow(ann, by=bob)
    for visibility, error in (("followers", exceptions.NotRepostable), ("mentioned", exceptions.NotFound)):
        with pytest.raises(error):
            posts.repost(posts.create(ann, text="Hello", visibility=visibility), by=bob)
    post = posts.create(ann, text="Hello")
    profiles.update(ann, privacy="private")
    with pytest.raises(exceptions.NotRepostable):
        posts.create(bob, text="Look", quote=post)
    assert not Post.objects.exclude(repost_of=None).exists()


def test_an_edit_keeps_what_was_said_before_and_names_anew(acme: Entry) -> None:
    ann, bob, cyd = (ProfileFactory(handle=handle) for handle in ("ann", "bob", "cyd"))
    post = posts.create(ann, text="One #old @bob")
    posts.edit(post, by=ann, text="Two #new @cyd")
    posts.edit(post, by=ann, text="Two #new @cyd")  # says the same: no edit
    posts.edit(post, by=ann, text="Three")
    assert [edit.text for edit in posts.edits(post, None)] == ["Two #new @cyd", "One #old @bob"]
    assert kept(post).text == post.text == "Three"
    assert kept(post).edited_at is not None
    assert not PostHashtag.objects.exists()
    assert notifications.unread(bob) == notifications.unread(cyd) == 1
    for text in ("two", "old"):
        assert not posts.search(text, None).exists()
    assert list(posts.search("THREE", None)) == [post]


def test_the_history_is_written_once(acme: Entry) -> None:
    ann = ProfileFactory()
    post = posts.edit(posts.create(ann, text="One"), by=ann, text="Two")
    with pytest.raises(exceptions.AppendOnly), constraints.translated():
        PostEdit.objects.filter(post=post).update(text="Never")


def test_only_the_author_edits_pins_and_deletes(acme: Entry) -> None:
    post, bob = posts.create(ProfileFactory(), text="Hello"), ProfileFactory()
    for attempt in (
        lambda: posts.edit(post, by=bob, text="Bye"),
        lambda: posts.delete(post, by=bob),
        lambda: posts.pin(post, by=bob),
        lambda: posts.unpin(post, by=bob),
    ):
        with pytest.raises(exceptions.NotYours):
            attempt()
    assert (kept(post).text, kept(post).deleted_at, kept(post).pinned_at) == ("Hello", None, None)


def test_deleting_takes_it_out_of_counters_and_hashtags_but_keeps_the_row(acme: Entry) -> None:
    ann, bob = ProfileFactory(), ProfileFactory()
    root = posts.create(ann, text="Root #tea")
    answer = posts.create(bob, text="Answer #tea", reply_to=root)
    posts.pin(root, by=ann)
    posts.delete(answer, by=bob)
    posts.delete(root, by=ann)
    ann.refresh_from_db()
    bob.refresh_from_db()
    assert (ann.posts, bob.posts, kept(root).replies, Post.objects.count()) == (0, 0, 0, 2)
    assert not PostHashtag.objects.exists()
    assert not posts.pinned(ann, ann).exists()
    with pytest.raises(exceptions.NotFound):
        posts.delete(root, by=ann)
    with pytest.raises(exceptions.NotFound):
        posts.edit(root, by=ann, text="Back")


def test_one_post_is_pinned_and_the_next_takes_its_place(acme: Entry) -> None:
    ann = ProfileFactory()
    first, second = posts.create(ann, text="First"), posts.create(ann, text="Second")
    posts.pin(first, by=ann)
    assert list(posts.pinned(ann, None)) == [first]
    posts.pin(second, by=ann)
    assert list(posts.pinned(ann, None)) == [second]
    posts.unpin(second, by=ann)
    assert not posts.pinned(ann, None).exists()


def test_the_suspended_write_nothing(acme: Entry) -> None:
    ann = ProfileFactory()
    post = posts.create(ann, text="Hello")
    profiles.suspend(ann)
    for attempt in (
        lambda: posts.create(ann, text="Bye"),
        lambda: posts.edit(post, by=ann, text="Bye"),
        lambda: posts.repost(post, by=ann),
    ):
        with pytest.raises(exceptions.Suspended):
            attempt()
    posts.delete(post, by=ann)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("tent", {"a tent in the rain", "no rain, one tent"}),
        ("TENT rain", {"a tent in the rain", "no rain, one tent"}),
        ('"the rain"', {"a tent in the rain"}),
        ("tent -one", {"a tent in the rain"}),
        ("sun or one", {"the sun", "no rain, one tent"}),
        ("ten", set()),
        ("", set()),
        ("'; --", set()),
    ],
)
def test_search_finds_words_phrases_and_without(acme: Entry, words: str, found: set[str]) -> None:
    for text in ("a tent in the rain", "no rain, one tent", "the sun"):
        PostFactory(text=text)
    assert {post.text for post in posts.search(words, None)} == found


LISTS: dict[str, Callable[[Profile, Profile, Post], QuerySet[Post]]] = {
    "newest": lambda _author, viewer, _root: posts.newest(viewer),
    "profile": lambda author, viewer, _root: posts.of_author(author, viewer),
    "thread": lambda _author, viewer, root: posts.thread(root, viewer),
    "search": lambda _author, viewer, _root: posts.search("hello", viewer),
}


@pytest.mark.parametrize("where", LISTS)
def test_a_list_is_one_query_with_its_authors(
    acme: Entry, where: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    viewer, root = ProfileFactory(), PostFactory(text="hello")
    for _ in range(5):
        PostFactory(author=root.author, text="hello")
        PostFactory(text="hello", reply_to=root, root=root)
    with django_assert_num_queries(1):
        page = [(post.author.name, post.text) for post in LISTS[where](root.author, viewer, root)]
    assert len(page) >= 5


def test_pages_follow_each_other_without_gap_or_double(acme: Entry) -> None:
    moment = timezone.now()
    made = [
        PostFactory(created_at=moment - timedelta(hours=n // 3)) for n in range(10)
    ]  # three share a moment
    order = sorted(made, key=lambda post: (post.created_at, post.pk), reverse=True)
    seen: list[Post] = []
    rest = posts.newest(None)
    while page := list(rest[:4]):
        seen += page
        rest = pages.older_than(posts.newest(None), page[-1].created_at, page[-1].pk)
    assert seen == order


def test_another_tenant_s_post_can_be_neither_answered_nor_quoted(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        post = posts.create(ProfileFactory(), text="Hello")
        key = post.pk
    with context.use(two_tenants[1]):
        bob = ProfileFactory()
        with pytest.raises(exceptions.NotFound):
            posts.create(bob, text="Hi", reply_to=Post(pk=key))
        with pytest.raises(exceptions.NotFound):
            posts.create(bob, text="Hi", quote=Post(pk=key))
        assert not Post.objects.exists()
