"""Bookmarks: one's own, counted, and no way round what one may read."""

import pytest

from saas.social import blocks, bookmarks, exceptions
from saas.social.models import Bookmark, Notification, Post
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import PostFactory, ProfileFactory


def test_it_is_kept_once_counted_and_told_to_nobody(acme: Entry) -> None:
    first, second, bob = PostFactory(), PostFactory(), ProfileFactory()
    made = bookmarks.keep(first, by=bob)
    assert bookmarks.keep(first, by=bob) == made
    bookmarks.keep(second, by=bob)
    assert [row.post for row in bookmarks.listing(bob)] == [second, first]
    assert list(bookmarks.listing(first.author)) == []
    first.refresh_from_db()
    assert (first.bookmarks, Notification.objects.count()) == (1, 0)
    assert bookmarks.drop(first, by=bob)
    assert not bookmarks.drop(first, by=bob)
    first.refresh_from_db()
    assert first.bookmarks == 0


def test_what_one_may_not_read_is_neither_kept_nor_shown_any_longer(acme: Entry) -> None:
    post, hidden, bob = PostFactory(), PostFactory(visibility="mentioned"), ProfileFactory()
    bookmarks.keep(post, by=bob)
    with pytest.raises(exceptions.NotFound):
        bookmarks.keep(hidden, by=bob)
    blocks.block(bob, by=post.author)
    assert list(bookmarks.listing(bob)) == []
    assert Bookmark.objects.count() == 1  # and comes back with the lifted block
    blocks.lift(bob, by=post.author)
    assert [row.post for row in bookmarks.listing(bob)] == [post]


def test_another_tenant_s_post_is_not_there_to_keep(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        key = PostFactory().pk
    with context.use(two_tenants[1]), pytest.raises(exceptions.NotFound):
        bookmarks.keep(Post(pk=key), by=ProfileFactory())
