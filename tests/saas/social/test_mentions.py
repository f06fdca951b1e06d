"""Mentions: resolved to profiles, never to oneself, nobody twice."""

from saas.social import blocks, mentions, notifications, posts, profiles
from saas.social.models import Mention
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import ProfileFactory


def test_it_resolves_handles_whatever_their_capitals(acme: Entry) -> None:
    ann, bob, cyd = (ProfileFactory(handle=handle) for handle in ("Ann", "Bob", "Cyd"))
    assert set(mentions.resolve("@BOB, @cyd, @bob, @ann, @nobody", by=ann)) == {bob, cyd}
    assert mentions.resolve("nobody@bob", by=ann) == []


def test_the_blocked_and_the_suspended_are_not_named(acme: Entry) -> None:
    ann, bob, cyd, dan = (ProfileFactory(handle=handle) for handle in ("ann", "bob", "cyd", "dan"))
    blocks.block(bob, by=ann)
    blocks.block(ann, by=cyd)
    profiles.suspend(dan)
    assert mentions.resolve("@bob @cyd @dan", by=ann) == []
    post = posts.create(ann, text="@bob @cyd @dan")
    assert not Mention.objects.filter(post=post).exists()


def test_who_is_named_reads_it_and_who_is_named_no_longer_does_not(acme: Entry) -> None:
    ann, bob = ProfileFactory(), ProfileFactory(handle="bob")
    post = posts.create(ann, text="Psst @bob", visibility="mentioned")
    assert list(mentions.listing(bob)) == [post]
    posts.edit(post, by=ann, text="Psst")
    assert list(mentions.listing(bob)) == []
    posts.edit(post, by=ann, text="Psst @Bob")
    assert list(mentions.listing(bob)) == [post]
    assert [(row.event, row.actors) for row in notifications.listing(bob)] == [("mention", 1)]


def test_the_same_handle_in_another_tenant_is_somebody_else(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        ProfileFactory(handle="bob")
    with context.use(two_tenants[1]):
        assert mentions.resolve("@bob", by=ProfileFactory(handle="ann")) == []
