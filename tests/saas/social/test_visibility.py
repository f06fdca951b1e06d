"""Who sees what, asked of every list at once: the matrix of visibilities and of those who look."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from saas.social import (
    bookmarks,
    exceptions,
    feed,
    follows,
    hashtags,
    likes,
    mentions,
    notifications,
    posts,
    profiles,
    visibility,
)
from saas.social.models import Block, Bookmark, Follow, Like, Notification, Post, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import PostFactory, ProfileFactory

LOOKERS = ("author", "follower", "asking", "mentioned", "stranger", "blocking", "blocked", "nobody")
# By hand, from the rule: who reads a post of this visibility by a profile of this privacy.
READERS = {
    ("public", "public"): {"author", "follower", "asking", "mentioned", "stranger", "nobody"},
    ("public", "followers"): {"author", "follower", "mentioned"},
    ("public", "mentioned"): {"author", "mentioned"},
    ("private", "public"): {"author", "follower", "mentioned"},
    ("private", "followers"): {"author", "follower", "mentioned"},
    ("private", "mentioned"): {"author", "mentioned"},
}


@dataclass
class Scene:
    """A post, its author, and one of each who looks at it."""

    post: Post
    root: Post
    author: Profile
    lookers: dict[str, Profile | None]

    def seen_by(self, see: Callable[["Scene", Profile | None], bool]) -> set[str]:
        return {name for name, looker in self.lookers.items() if see(self, looker)}


@pytest.fixture
def scene(acme: Entry) -> Callable[..., Scene]:
    """Return what sets one: a root of a thread, and in it the post with a word and a hashtag, which mentions one.

    Whoever is blocked, in whichever direction, follows and is mentioned too, so that the block alone keeps them out.
    """

    def make(privacy: str, shown_to: str, **fields: Any) -> Scene:
        author = ProfileFactory(handle="author")
        lookers = {name: ProfileFactory(handle=name) for name in LOOKERS[1:-1]}
        for name in ("follower", "asking", "blocking", "blocked"):
            follows.follow(author, by=lookers[name])
        root = PostFactory(author=author)
        words = "quokka #Quokka @mentioned @blocking @blocked"
        post = posts.create(author, text=words, visibility=shown_to, reply_to=root)
        Follow.objects.filter(follower=lookers["asking"]).update(accepted_at=None)
        Block.objects.create(blocker=lookers["blocking"], blocked=author)
        Block.objects.create(blocker=author, blocked=lookers["blocked"])
        Profile.objects.filter(pk=author.pk).update(privacy=privacy)
        author.refresh_from_db()
        for looker in lookers.values():  # from the time when they could
            Like.objects.create(post=post, profile=looker)
            Bookmark.objects.create(post=post, profile=looker)
        return Scene(post, root, author, {"author": author, **lookers, "nobody": None})

    return make


def required(scene: Scene, looker: Profile | None) -> bool:
    try:
        return visibility.require(scene.post.pk, looker) == scene.post
    except exceptions.NotFound:
        return False


LISTS: dict[str, Callable[[Scene, Profile | None], bool]] = {
    "post": required,
    "thread": lambda scene, looker: scene.post in posts.thread(scene.post, looker),
    "replies": lambda scene, looker: scene.post in posts.replies(scene.root, looker),
    "profile": lambda scene, looker: scene.post in posts.of_author(scene.author, looker),
    "search": lambda scene, looker: scene.post in posts.search("quokka", looker),
    "hashtag": lambda scene, looker: scene.post in hashtags.posts("#QUOKKA", looker),
}


@pytest.mark.parametrize("where", LISTS)
@pytest.mark.parametrize(("privacy", "shown_to"), READERS)
def test_a_list_shows_a_post_to_its_readers_and_to_nobody_else(
    scene: Callable[..., Scene], where: str, privacy: str, shown_to: str
) -> None:
    assert scene(privacy, shown_to).seen_by(LISTS[where]) == READERS[privacy, shown_to]


@pytest.mark.parametrize(("privacy", "shown_to"), READERS)
def test_the_feed_shows_it_to_those_of_its_readers_who_follow(
    scene: Callable[..., Scene], privacy: str, shown_to: str
) -> None:
    set_scene = scene(privacy, shown_to)
    follows_now = set_scene.lookers["mentioned"]
    assert follows_now is not None
    Follow.objects.create(follower=follows_now, followee=set_scene.author, accepted_at="2100-01-01T00:00Z")
    seen = set_scene.seen_by(lambda scene, looker: looker is not None and scene.post in feed.home(looker))
    # Whoever follows or wrote it.
    assert seen == READERS[privacy, shown_to] & {"author", "follower", "mentioned"}


@pytest.mark.parametrize(("privacy", "shown_to"), READERS)
def test_what_one_has_kept_or_liked_one_sees_as_long_as_one_may(
    scene: Callable[..., Scene], privacy: str, shown_to: str
) -> None:
    set_scene = scene(privacy, shown_to)
    lookers = {name: looker for name, looker in set_scene.lookers.items() if looker and name != "author"}
    readers = READERS[privacy, shown_to] - {"nobody", "author"}
    assert {n for n, one in lookers.items() if bookmarks.listing(one)} == readers
    assert {n for n, one in lookers.items() if likes.by_profile(one)} == readers


@pytest.mark.parametrize(("privacy", "shown_to"), READERS)
def test_mentions_and_notifications_reach_who_is_named_and_not_blocked(
    scene: Callable[..., Scene], privacy: str, shown_to: str
) -> None:
    set_scene = scene(privacy, shown_to)
    named = {name: looker for name, looker in set_scene.lookers.items() if looker}
    assert {n for n, one in named.items() if set_scene.post in mentions.listing(one)} == {"mentioned"}
    told = {n for n, one in named.items() if notifications.listing(one).filter(post=set_scene.post).exists()}
    assert told == {"mentioned"}
    assert (
        Notification.objects.filter(post=set_scene.post).count() == 3
    )  # the rows of those blocked are hidden


@pytest.mark.parametrize("where", LISTS)
def test_a_deleted_post_is_shown_nowhere_not_even_to_its_author(
    scene: Callable[..., Scene], where: str
) -> None:
    set_scene = scene("public", "public")
    posts.delete(set_scene.post, by=set_scene.author)
    assert set_scene.seen_by(LISTS[where]) == set()
    assert not Post.objects.filter(pk=set_scene.post.pk, deleted_at=None).exists()


@pytest.mark.parametrize("where", LISTS)
def test_a_suspended_author_is_read_by_themselves_alone(scene: Callable[..., Scene], where: str) -> None:
    set_scene = scene("public", "public")
    profiles.suspend(set_scene.author)
    assert set_scene.seen_by(LISTS[where]) == {"author"}


@pytest.mark.parametrize(("privacy", "shown_to"), READERS)
def test_a_repost_goes_with_what_it_shows(scene: Callable[..., Scene], privacy: str, shown_to: str) -> None:
    set_scene = scene(privacy, shown_to)
    sharer = ProfileFactory(handle="sharer")
    shared = PostFactory(author=sharer, text="", repost_of=set_scene.post)
    quoted = PostFactory(author=sharer, text="Look!", repost_of=set_scene.post)
    seen = {n for n, one in set_scene.lookers.items() if shared in posts.of_author(sharer, one)}
    assert seen == READERS[privacy, shown_to]
    page = [shared, quoted]
    assert {n for n, one in set_scene.lookers.items() if posts.originals(page, one)} == seen
    assert {n for n, one in set_scene.lookers.items() if quoted in posts.of_author(sharer, one)} == {*LOOKERS}
    for looker in set_scene.lookers.values():
        if looker is not None:
            Follow.objects.create(follower=looker, followee=sharer, accepted_at="2100-01-01T00:00Z")
    fed = {n for n, one in set_scene.lookers.items() if one and shared in feed.home(one)}
    assert fed == seen - {"nobody"}
    assert all(quoted in feed.home(one) for one in set_scene.lookers.values() if one)


def test_another_tenant_sees_nothing_of_it(two_tenants: tuple[Entry, Entry]) -> None:
    ours, theirs = two_tenants
    with context.use(ours):
        post = posts.create(ProfileFactory(handle="author"), text="quokka #quokka")
        assert list(posts.newest(None)) == [post]
    with context.use(theirs):
        assert not posts.newest(None).exists()
        assert not posts.search("quokka", None).exists()
        assert not hashtags.posts("quokka", None).exists()
        with pytest.raises(exceptions.NotFound):
            visibility.require(post.pk, None)
        with pytest.raises(exceptions.NotFound):
            profiles.require("author", None)
