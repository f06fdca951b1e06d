"""Blocks: have nothing to do with somebody, in both directions, until it is lifted."""

from django.db.models import QuerySet

from saas.social import constraints, exceptions, follows, notifications, profiles
from saas.social.models import Block, Profile


def block(blocked: Profile, *, by: Profile) -> Block:
    """Block somebody: follows between the two end, and so does what each was told of the other.

    Locks both profiles, so that a follow at the same time comes before and ends, or after and is refused.
    Raises NotOneself.
    """
    if blocked.pk == by.pk:
        raise exceptions.NotOneself
    with profiles.locked(by, blocked), constraints.translated():
        made, created = Block.objects.get_or_create(blocker=by, blocked=blocked)
        if created:
            follows.end_between(by, blocked)
            notifications.withdraw(by, actor=blocked)
            notifications.withdraw(blocked, actor=by)
    return made


def lift(blocked: Profile, *, by: Profile) -> bool:
    """Lift one's own block, and say whether there was one. What it ended stays ended."""
    gone, _ = Block.objects.filter(blocker=by, blocked=blocked).delete()
    return gone > 0


def listing(profile: Profile) -> QuerySet[Block]:
    """Return whom profile has blocked, newest first, joined; nobody else sees this."""
    return Block.objects.filter(blocker=profile).select_related("blocked").order_by("-created_at", "-id")
