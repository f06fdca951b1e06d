"""Profiles: made once, found whatever the capitals, seen by whom they want."""

from typing import Any

import pytest

from saas.social import blocks, exceptions, follows, profiles
from saas.social.models import Profile
from saas.visitors.models import Visitor
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import ProfileFactory, VisitorFactory

ANN: dict[str, Any] = {"handle": "Ann", "name": "Ann Other"}


def test_a_profile_is_its_visitor_s_row_under_the_same_id(acme: Entry) -> None:
    visitor = VisitorFactory()
    made = profiles.create(visitor, **ANN, bio="Hello", privacy="private")
    kept = Profile.objects.get()
    assert (kept.pk, kept.handle, kept.name, kept.bio, kept.privacy) == (
        visitor.pk,
        "Ann",
        "Ann Other",
        "Hello",
        "private",
    )
    assert (kept.followers, kept.following, kept.posts, kept.verified_at) == (0, 0, 0, None)
    assert made.is_private


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"handle": "a"}, exceptions.InvalidHandle),
        ({"handle": "TAKEN"}, exceptions.DuplicateHandle),
        ({"name": " "}, exceptions.InvalidName),
        ({"bio": "x" * 501}, exceptions.InvalidBio),
        ({"privacy": "secret"}, exceptions.InvalidChoice),
    ],
)
def test_what_cannot_be_is_refused_at_both_doors(
    acme: Entry, wrong: dict[str, Any], error: type[exceptions.SocialError]
) -> None:
    ProfileFactory(handle="taken")
    ann = ProfileFactory(**ANN)
    with pytest.raises(error):
        profiles.create(VisitorFactory(), **{**ANN, "handle": "Other", **wrong})
    with pytest.raises(error):
        profiles.update(ann, **wrong)
    ann.refresh_from_db()
    assert (ann.handle, Profile.objects.count()) == ("Ann", 2)


def test_a_visitor_has_one_profile(acme: Entry) -> None:
    ann = ProfileFactory(**ANN)
    with pytest.raises(exceptions.DuplicateProfile):
        profiles.create(ann.visitor, handle="Other", name="Other")
    assert Profile.objects.count() == 1


def test_one_s_own_handle_may_change_its_capitals(acme: Entry) -> None:
    ann = ProfileFactory(handle="ann")
    assert profiles.update(ann, handle="ANN").handle == "ANN"
    with pytest.raises(TypeError, match="followers"):
        profiles.update(ann, followers=7)  # type: ignore[call-arg]


def test_it_is_found_by_its_handle_and_by_a_beginning_of_it(acme: Entry) -> None:
    ann, anna, _bob = (ProfileFactory(handle=handle) for handle in ("Ann", "anNa", "Bob"))
    assert profiles.require("aNN", None) == ann
    assert list(profiles.beginning_with("AN", None)) == [ann, anna]
    assert list(profiles.beginning_with("ann_", None)) == []
    with pytest.raises(exceptions.NotFound):
        profiles.require("an", None)


def test_blocks_hide_profiles_in_both_directions(acme: Entry) -> None:
    ann, bob, cyd = (ProfileFactory(handle=handle) for handle in ("Ann", "Annbob", "Anncyd"))
    blocks.block(bob, by=ann)
    assert list(profiles.beginning_with("ann", ann)) == [ann, cyd]
    assert list(profiles.beginning_with("ann", bob)) == [bob, cyd]
    assert list(profiles.beginning_with("ann", cyd)) == [ann, bob, cyd]
    for handle, viewer in (("Ann", bob), ("Annbob", ann)):
        with pytest.raises(exceptions.NotFound):
            profiles.require(handle, viewer)


def test_whoever_asked_follows_a_profile_that_becomes_public(acme: Entry) -> None:
    ann, bob, cyd = ProfileFactory(privacy="private"), ProfileFactory(), ProfileFactory()
    follows.follow(ann, by=bob)
    profiles.update(ann, name="New")
    assert not follows.is_follower(bob, ann)
    profiles.update(ann, privacy="public")
    assert follows.is_follower(bob, ann)
    assert not follows.is_follower(cyd, ann)
    ann.refresh_from_db()
    bob.refresh_from_db()
    assert (ann.followers, bob.following) == (1, 1)


def test_verified_and_suspended_are_dates_that_stay(acme: Entry) -> None:
    ann = ProfileFactory()
    since = profiles.verify(ann).verified_at
    assert since is not None
    assert profiles.verify(ann).verified_at == since
    assert profiles.unverify(ann).verified_at is None
    profiles.suspend(ann)
    with pytest.raises(exceptions.Suspended):
        profiles.refuse_suspended(ann)
    with pytest.raises(exceptions.NotFound):
        profiles.require(ann.handle, ProfileFactory())
    profiles.reinstate(ann)
    profiles.refuse_suspended(ann)
    assert profiles.require(ann.handle, None) == ann


def test_a_handle_of_another_tenant_is_free_here(two_tenants: tuple[Entry, Entry]) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            profiles.create(Visitor.objects.create(), **ANN)
            assert Profile.objects.count() == 1
