"""Follows and requests: the dates, the counters, and who may see the lists."""

import pytest

from saas.social import blocks, exceptions, follows, notifications, profiles
from saas.social.models import Follow, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import ProfileFactory


def counted(*people: Profile) -> list[tuple[int, int]]:
    """Return followers and following of each, as the rows have them."""
    rows = {row.pk: row for row in Profile.objects.all()}
    return [(rows[one.pk].followers, rows[one.pk].following) for one in people]


def test_a_public_profile_is_followed_at_once(acme: Entry) -> None:
    ann, bob = ProfileFactory(), ProfileFactory()
    made = follows.follow(ann, by=bob)
    assert made.accepted_at is not None
    assert follows.follow(ann, by=bob) == made
    assert counted(ann, bob) == [(1, 0), (0, 1)]
    assert [row.follower for row in follows.followers(ann, None)] == [bob]
    assert [row.followee for row in follows.following(bob, None)] == [ann]


def test_a_private_one_is_asked_and_accepts_or_not(acme: Entry) -> None:
    ann, bob, cyd = ProfileFactory(privacy="private"), ProfileFactory(), ProfileFactory()
    for one in (bob, cyd):
        assert follows.follow(ann, by=one).accepted_at is None
    assert counted(ann, bob) == [(0, 0), (0, 0)]
    assert [row.follower for row in follows.requests(ann)] == [cyd, bob]
    accepted = follows.accept(bob, by=ann).accepted_at
    assert follows.accept(bob, by=ann).accepted_at == accepted
    assert follows.remove(cyd, by=ann)
    assert not follows.remove(cyd, by=ann)
    assert counted(ann, bob, cyd) == [(1, 0), (0, 1), (0, 0)]
    assert not follows.requests(ann).exists()
    with pytest.raises(exceptions.NotFound):
        follows.accept(cyd, by=ann)


def test_unfollowing_counts_down_and_a_request_that_is_taken_back_does_not(acme: Entry) -> None:
    ann, bob, private = ProfileFactory(), ProfileFactory(), ProfileFactory(privacy="private")
    follows.follow(ann, by=bob)
    follows.follow(private, by=bob)
    assert follows.unfollow(private, by=bob)
    assert counted(private, bob) == [(0, 0), (0, 1)]
    assert follows.unfollow(ann, by=bob)
    assert not follows.unfollow(ann, by=bob)
    assert counted(ann, bob) == [(0, 0), (0, 0)]


def test_the_private_profile_s_lists_are_for_its_followers(acme: Entry) -> None:
    ann, bob, cyd = ProfileFactory(privacy="private"), ProfileFactory(), ProfileFactory()
    follows.follow(ann, by=bob)
    follows.accept(bob, by=ann)
    for viewer in (ann, bob):
        assert [row.follower for row in follows.followers(ann, viewer)] == [bob]
        assert list(follows.following(ann, viewer)) == []
    for stranger in (cyd, None):
        with pytest.raises(exceptions.NotFound):
            follows.followers(ann, stranger)
        with pytest.raises(exceptions.NotFound):
            follows.following(ann, stranger)


def test_who_is_told_of_what(acme: Entry) -> None:
    ann, bob, private = ProfileFactory(), ProfileFactory(), ProfileFactory(privacy="private")
    follows.follow(ann, by=bob)
    follows.follow(private, by=bob)
    follows.accept(bob, by=private)
    assert [(row.event, row.actor) for row in notifications.listing(ann)] == [("follow", bob)]
    assert [(row.event, row.actor) for row in notifications.listing(private)] == [("request", bob)]
    assert [(row.event, row.actor) for row in notifications.listing(bob)] == [("accept", private)]


def test_oneself_the_blocked_and_the_suspended_are_refused(acme: Entry) -> None:
    ann, bob, cyd = ProfileFactory(), ProfileFactory(), ProfileFactory()
    with pytest.raises(exceptions.NotOneself):
        follows.follow(ann, by=ann)
    blocks.block(bob, by=ann)
    for one, other in ((ann, bob), (bob, ann)):
        with pytest.raises(exceptions.Blocked):
            follows.follow(one, by=other)
    profiles.suspend(cyd)
    with pytest.raises(exceptions.Suspended):
        follows.follow(ann, by=cyd)
    with pytest.raises(exceptions.NotFound):
        follows.follow(cyd, by=ann)
    assert not Follow.objects.exists()


def test_followers_of_others_who_are_blocked_are_not_shown(acme: Entry) -> None:
    ann, bob, cyd, dan = (ProfileFactory() for _ in range(4))
    for one in (bob, cyd):
        follows.follow(ann, by=one)
        follows.follow(one, by=ann)
    blocks.block(bob, by=dan)
    blocks.block(dan, by=cyd)
    assert list(follows.followers(ann, dan)) == list(follows.following(ann, dan)) == []
    assert {row.follower for row in follows.followers(ann, None)} == {bob, cyd}


def test_another_tenant_s_follows_are_not_there(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        follows.follow(ProfileFactory(), by=ProfileFactory())
        assert Follow.objects.count() == 1
    with context.use(two_tenants[1]):
        assert not Follow.objects.exists()
