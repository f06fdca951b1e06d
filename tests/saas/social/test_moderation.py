"""Moderation: reports once each, one decision for all of them, and a record that nobody changes."""

from collections.abc import Callable

import pytest
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from saas.social import comments, constraints, conversations, exceptions, messages, moderation, posts
from saas.social.models import Comment, Decision, Message, ModerationEntry, Post, Profile, Report
from saas.social.moderation import Subject
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import CommentFactory, PostFactory, ProfileFactory

Make = Callable[[], tuple[Subject, Profile]]


def a_profile() -> tuple[Subject, Profile]:
    return ProfileFactory(), ProfileFactory()


def a_post() -> tuple[Subject, Profile]:
    return PostFactory(), ProfileFactory()


def a_comment() -> tuple[Subject, Profile]:
    return CommentFactory(), ProfileFactory()


def a_message() -> tuple[Subject, Profile]:
    author, reader = ProfileFactory(), ProfileFactory()
    return messages.send(conversations.direct(author, reader), by=author, text="Spam"), reader


SUBJECTS: list[Make] = [a_profile, a_post, a_comment, a_message]


@pytest.mark.parametrize("make", SUBJECTS)
def test_a_report_names_one_thing_and_waits_in_the_queue(acme: Entry, make: Make) -> None:
    subject, bob = make()
    made = moderation.report(subject, by=bob, reason="spam", note="Look")
    assert [row.subject for row in moderation.queue()] == [subject]
    assert (made.reporter, made.reason, made.note) == (bob, "spam", "Look")
    with pytest.raises(exceptions.DuplicateReport):
        moderation.report(subject, by=bob, reason="abuse")
    with pytest.raises(exceptions.NotOneself):
        moderation.report(subject, by=moderation.author_of(subject), reason="spam")
    with pytest.raises(exceptions.InvalidChoice):
        moderation.report(subject, by=bob, reason="boring")
    assert Report.objects.count() == 1


def test_what_one_does_not_see_one_cannot_report(acme: Entry) -> None:
    hidden, stranger = PostFactory(visibility="mentioned"), ProfileFactory()
    message, _ = a_message()
    for subject in (hidden, CommentFactory(post=hidden), message):
        with pytest.raises(exceptions.NotFound):
            moderation.report(subject, by=stranger, reason="spam")
    gone = CommentFactory()
    comments.delete(gone, by=gone.author)
    with pytest.raises(exceptions.NotFound):
        moderation.report(gone, by=stranger, reason="spam")


@pytest.mark.parametrize("make", SUBJECTS[1:])
def test_removing_deletes_it_and_closes_all_its_reports(acme: Entry, make: Make) -> None:
    subject, bob = make()
    other, cyd = a_post()
    first = moderation.report(subject, by=bob, reason="spam")
    if not isinstance(subject, Message):
        moderation.report(subject, by=ProfileFactory(), reason="abuse")
    waiting = moderation.report(other, by=cyd, reason="spam")
    made = moderation.decide(first, action="remove", by="mod@example.com", note="Rules")
    assert list(moderation.queue()) == [waiting]
    subject.refresh_from_db()
    assert not isinstance(subject, Profile)
    assert subject.deleted_at is not None
    assert (made.subject, made.action, made.by, made.note) == (subject, "remove", "mod@example.com", "Rules")
    closed = Report.objects.filter(decision=made)
    assert closed.count() == (1 if isinstance(subject, Message) else 2)
    [entry] = moderation.entries(subject)
    assert (entry.action, entry.by, entry.before) == ("remove", "mod@example.com", {"deleted_at": None})
    assert entry.after == {
        "deleted_at": subject.deleted_at.isoformat(),
        "decision": str(made.pk),
        "reports": closed.count(),
    }
    assert not moderation.entries(other).exists()


@pytest.mark.parametrize("make", SUBJECTS)
def test_suspending_hides_the_author_until_it_is_lifted(acme: Entry, make: Make) -> None:
    subject, bob = make()
    author = moderation.author_of(subject)
    moderation.decide(moderation.report(subject, by=bob, reason="abuse"), action="suspend", by="mod")
    author.refresh_from_db()
    assert (since := author.suspended_at) is not None
    with pytest.raises(exceptions.Suspended):
        posts.create(author, text="Hi")
    moderation.reinstate(author, by="other mod")
    posts.create(author, text="Hi")
    assert [entry.action for entry in moderation.entries()] == ["reinstate", "suspend"]
    [lifted] = moderation.entries(author)[:1]
    assert lifted.before == {"suspended_at": since.isoformat()}
    assert lifted.after == {"suspended_at": None}


@pytest.mark.parametrize("action", ["dismiss", "warn"])
def test_others_change_nothing_but_close_the_report(acme: Entry, action: str) -> None:
    subject, bob = a_post()
    report = moderation.report(subject, by=bob, reason="other")
    moderation.decide(report, action=action, by="mod")
    assert posts.newest(bob).filter(pk=subject.pk).exists()
    assert not moderation.queue().exists()
    with pytest.raises(exceptions.AlreadyDecided):
        moderation.decide(report, action="remove", by="mod")
    moderation.report(subject, by=bob, reason="other")  # it goes on
    assert Decision.objects.count() == 1


def test_a_profile_is_not_removed_and_an_action_is_known(acme: Entry) -> None:
    subject, bob = a_profile()
    report = moderation.report(subject, by=bob, reason="abuse")
    for action in ("remove", "shoot"):
        with pytest.raises(exceptions.InvalidChoice):
            moderation.decide(report, action=action, by="mod")
    assert not Decision.objects.exists()
    assert list(moderation.queue()) == [report]


def test_what_was_decided_is_neither_changed_nor_deleted(acme: Entry) -> None:
    subject, bob = a_post()
    report = moderation.report(subject, by=bob, reason="spam")
    moderation.decide(report, action="dismiss", by="mod")
    rows: list[QuerySet[Decision] | QuerySet[ModerationEntry]] = [
        Decision.objects.all(),
        ModerationEntry.objects.all(),
    ]
    for found in rows:
        with pytest.raises(exceptions.AppendOnly), constraints.translated():
            found.update(by="somebody")
        with pytest.raises(exceptions.AppendOnly), constraints.translated():
            found._raw_delete(found.db)
    with pytest.raises(exceptions.AlreadyDecided), constraints.translated():
        Report.objects.update(decision=None, decided_at=None)


def test_the_queue_is_one_query(acme: Entry, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for make in SUBJECTS * 2:
        subject, bob = make()
        moderation.report(subject, by=bob, reason="spam")
    with django_assert_num_queries(1):
        found = [(row.reporter.name, moderation.author_of(row.subject).name) for row in moderation.queue()]
    assert len(found) == 8


def test_another_tenant_s_moderators_see_none(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        subject, bob = a_post()
        moderation.decide(moderation.report(subject, by=bob, reason="spam"), action="remove", by="mod")
        assert moderation.entries().count() == 1
    with context.use(two_tenants[1]):
        assert not moderation.entries().exists()
        assert not Report.objects.exists()
        assert not Post.objects.exists()
        assert not Comment.objects.exists()
