"""Comments: threaded within one post, told to whom they concern, deleted by author or host."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from saas.social import blocks, comments, constraints, exceptions, notifications, posts, profiles
from saas.social.models import Comment, Post, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import CommentFactory, PostFactory, ProfileFactory


def counted(post: Post) -> int:
    return Post.objects.values_list("comments", flat=True).get(pk=post.pk)


def told(profile: Profile) -> list[tuple[str, str]]:
    return [(row.event, row.actor.handle) for row in notifications.listing(profile)]


def test_comments_and_answers_are_listed_oldest_first_and_counted(
    acme: Entry, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    post, bob = PostFactory(), ProfileFactory()
    first = comments.create(post, by=bob, text="First")
    answer = comments.create(post, by=post.author, text="Answer", reply_to=first)
    second = comments.create(post, by=bob, text="Second")
    with django_assert_num_queries(2):  # may one read the post; the comments with their authors
        assert [(row, row.author.handle) for row in comments.listing(post, None)] == [
            (first, bob.handle),
            (answer, post.author.handle),
            (second, bob.handle),
        ]
    assert list(comments.replies(first, None)) == [answer]
    assert counted(post) == 3


def test_each_is_told_once_and_of_what_concerns_them_most(acme: Entry) -> None:
    ann, bob, cyd, dan = (ProfileFactory(handle=handle) for handle in ("ann", "bob", "cyd", "dan"))
    post = PostFactory(author=ann)
    first = comments.create(post, by=bob, text="First")
    comments.create(post, by=cyd, text="@bob @dan @ann", reply_to=first)
    assert sorted(told(ann)) == [("comment", "bob"), ("mention", "cyd")]
    assert told(bob) == [("reply", "cyd")]
    assert told(dan) == [("mention", "cyd")]
    assert told(cyd) == []


def test_who_may_not_read_the_post_is_not_told_of_it(acme: Entry) -> None:
    ann, dan = ProfileFactory(), ProfileFactory(handle="dan")
    post = PostFactory(author=ann, visibility="followers")
    comments.create(post, by=ann, text="Hello @dan")
    assert told(dan) == []


def test_an_answer_belongs_to_the_same_post(acme: Entry) -> None:
    post, elsewhere, bob = PostFactory(), CommentFactory(), ProfileFactory()
    with pytest.raises(exceptions.InvalidReply):
        comments.create(post, by=bob, text="Hi", reply_to=elsewhere)
    with pytest.raises(exceptions.InvalidReply), constraints.translated():
        Comment.objects.create(post=post, author=bob, text="Hi", reply_to=elsewhere)
    gone = CommentFactory(post=post)
    comments.delete(gone, by=gone.author)
    with pytest.raises(exceptions.InvalidReply):
        comments.create(post, by=bob, text="Hi", reply_to=gone)
    assert counted(post) == 0


def test_deleted_it_is_not_shown_and_not_counted_but_its_answers_are(acme: Entry) -> None:
    post = PostFactory()
    first = CommentFactory(post=post)
    answer = CommentFactory(post=post, reply_to=first)
    with pytest.raises(exceptions.NotYours):
        comments.delete(first, by=answer.author)
    comments.delete(first, by=post.author)  # whose post it is
    assert list(comments.listing(post, None)) == [answer]
    assert (counted(post), Comment.objects.count()) == (1, 2)
    for attempt in (
        lambda: comments.delete(first, by=first.author),
        lambda: comments.edit(first, by=first.author, text="Back"),
    ):
        with pytest.raises(exceptions.NotFound):
            attempt()


def test_its_author_edits_it(acme: Entry) -> None:
    comment = CommentFactory(text="One")
    assert comments.edit(comment, by=comment.author, text="Two").edited_at is not None
    assert Comment.objects.get().text == "Two"
    with pytest.raises(exceptions.NotYours):
        comments.edit(comment, by=comment.post.author, text="Three")
    with pytest.raises(exceptions.InvalidText):
        comments.edit(comment, by=comment.author, text=" ")
    assert Comment.objects.get().text == "Two"


def test_the_blocked_and_the_suspended_are_kept_out(acme: Entry) -> None:
    post, ann, bob = PostFactory(), ProfileFactory(), ProfileFactory()
    theirs = CommentFactory(post=post, author=bob)
    blocks.block(bob, by=ann)
    assert list(comments.listing(post, ann)) == []
    assert list(comments.listing(post, bob)) == [theirs]
    with pytest.raises(exceptions.Blocked):
        comments.create(post, by=ann, text="Hi", reply_to=theirs)
    profiles.suspend(bob)
    assert list(comments.listing(post, None)) == []
    for attempt in (
        lambda: comments.create(post, by=bob, text="Hi"),
        lambda: comments.edit(theirs, by=bob, text="Hi"),
    ):
        with pytest.raises(exceptions.Suspended):
            attempt()


@pytest.mark.parametrize("fields", [{"visibility": "mentioned"}, {"visibility": "followers"}])
def test_what_one_may_not_read_one_may_not_discuss(acme: Entry, fields: dict[str, Any]) -> None:
    post, bob = PostFactory(**fields), ProfileFactory()
    with pytest.raises(exceptions.NotFound):
        comments.create(post, by=bob, text="Hi")
    with pytest.raises(exceptions.NotFound):
        comments.listing(post, bob)
    posts.delete(post, by=post.author)
    with pytest.raises(exceptions.NotFound):
        comments.listing(post, post.author)


def test_another_tenant_s_post_is_not_there(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        key = CommentFactory().post.pk
    with context.use(two_tenants[1]):
        assert not Comment.objects.exists()
        with pytest.raises(exceptions.NotFound):
            comments.create(Post(pk=key), by=ProfileFactory(), text="Hi")
