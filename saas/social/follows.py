"""Follows: ask, accept, end, and list who follows whom."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from saas.social import constraints, exceptions, notifications, visibility
from saas.social.models import Follow, Profile
from saas.social.models.notifications import Event
from saas.social.models.profiles import Privacy


def follow(followee: Profile, *, by: Profile) -> Follow:
    """Follow a public profile at once, ask a private one; what was asked or accepted already stays as it is.

    Locks both profiles. Raises NotOneself, Blocked, Suspended, NotFound.
    """
    if followee.pk == by.pk:
        raise exceptions.NotOneself
    with constraints.translated():
        found = _locked(by, followee)
        if found[by.pk].suspended_at is not None:
            raise exceptions.Suspended
        if found[followee.pk].suspended_at is not None:
            raise exceptions.NotFound
        if visibility.between(by, followee):
            raise exceptions.Blocked
        kept = Follow.objects.filter(follower=by, followee=followee).first()
        return kept or _add(by, found[followee.pk])


def unfollow(followee: Profile, *, by: Profile) -> bool:
    """End a follow or a request, and say whether there was one."""
    return _end(Q(follower=by, followee=followee), by, followee)


def remove(follower: Profile, *, by: Profile) -> bool:
    """End somebody's follow of oneself, or decline their request, and say whether there was one."""
    return _end(Q(follower=follower, followee=by), by, follower)


def accept(follower: Profile, *, by: Profile) -> Follow:
    """Let somebody who asked follow oneself; accepted already, it keeps its date. Raises NotFound."""
    with constraints.translated():
        _locked(follower, by)
        found = Follow.objects.filter(follower=follower, followee=by).first()
        if found is None:
            raise exceptions.NotFound
        if found.accepted_at is None:
            found.accepted_at = timezone.now()
            found.save(update_fields=["accepted_at"])
            notifications.notify(follower, Event.ACCEPT, actor=by)
    return found


def accept_all(profile: Profile) -> int:
    """Let everybody who asked follow profile, and return how many they were; one statement, all counters in it."""
    waiting = list(requests(profile).values_list("follower_id", flat=True))
    with constraints.translated():
        rows = Profile.objects.select_for_update(no_key=True).filter(pk__in=[*waiting, profile.pk])
        list(rows.order_by("pk").values_list("pk"))
        return requests(profile).filter(follower__in=waiting).update(accepted_at=timezone.now())


def end_between(one: Profile, other: Profile) -> None:
    """End what there is between two, in both directions."""
    _end(Q(follower=one, followee=other) | Q(follower=other, followee=one), one, other)


def followers(profile: Profile, viewer: Profile | None) -> QuerySet[Follow]:
    """Return who follows profile, newest first, joined, without whom viewer does not see. Raises NotFound."""
    _refuse_outsider(profile, viewer)
    found = Follow.objects.filter(followee=profile).exclude(accepted_at=None).select_related("follower")
    return visibility.without_blocked(found, viewer, path="follower").order_by("-accepted_at", "-id")


def following(profile: Profile, viewer: Profile | None) -> QuerySet[Follow]:
    """Return whom profile follows, newest first, joined, without whom viewer does not see. Raises NotFound."""
    _refuse_outsider(profile, viewer)
    found = Follow.objects.filter(follower=profile).exclude(accepted_at=None).select_related("followee")
    return visibility.without_blocked(found, viewer, path="followee").order_by("-accepted_at", "-id")


def requests(profile: Profile) -> QuerySet[Follow]:
    """Return who asks to follow profile, newest first, joined."""
    found = Follow.objects.filter(followee=profile, accepted_at=None).select_related("follower")
    return found.order_by("-requested_at", "-id")


def is_follower(viewer: Profile, profile: Profile) -> bool:
    """Say whether profile has let viewer follow it."""
    return Follow.objects.filter(follower=viewer, followee=profile).exclude(accepted_at=None).exists()


def _refuse_outsider(profile: Profile, viewer: Profile | None) -> None:
    """Whom a private profile follows is for its followers, and nothing is for those who are blocked."""
    if viewer is not None and viewer.pk == profile.pk:
        return
    hidden = profile.suspended_at is not None or (viewer is not None and visibility.between(viewer, profile))
    outside = profile.is_private and (viewer is None or not is_follower(viewer, profile))
    if hidden or outside:
        raise exceptions.NotFound("There is no such list, or not for you.")


def _locked(*profiles: Profile) -> dict[object, Profile]:
    """Lock the rows in the order of their ids and return them as they are now. Raises NotFound."""
    rows = Profile.objects.select_for_update(no_key=True).order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=[profile.pk for profile in profiles])}
    if len(found) < len(profiles):
        raise exceptions.NotFound
    return {**found}


def _add(by: Profile, followee: Profile) -> Follow:
    now = timezone.now()
    private = followee.privacy == Privacy.PRIVATE
    made = Follow.objects.create(
        follower=by, followee=followee, requested_at=now, accepted_at=None if private else now
    )
    notifications.notify(followee, Event.REQUEST if private else Event.FOLLOW, actor=by)
    return made


def _end(which: Q, one: Profile, other: Profile) -> bool:
    with constraints.translated():
        _locked(one, other)
        gone, _ = Follow.objects.filter(which).delete()
    return gone > 0
