"""The rows of the community, by room. Django looks for them here."""

from saas.social.models.analytics import PostDay, ProfileDay
from saas.social.models.conversations import Conversation, Message, Participant
from saas.social.models.follows import Block, Follow
from saas.social.models.hashtags import Hashtag, Mention, PostHashtag
from saas.social.models.moderation import Decision, ModerationEntry, Report
from saas.social.models.notifications import Notification, NotificationActor
from saas.social.models.posts import Post, PostEdit, PostMedia
from saas.social.models.profiles import Profile
from saas.social.models.reactions import Bookmark, Comment, Like

__all__ = [
    "Block",
    "Bookmark",
    "Comment",
    "Conversation",
    "Decision",
    "Follow",
    "Hashtag",
    "Like",
    "Mention",
    "Message",
    "ModerationEntry",
    "Notification",
    "NotificationActor",
    "Participant",
    "Post",
    "PostDay",
    "PostEdit",
    "PostHashtag",
    "PostMedia",
    "Profile",
    "ProfileDay",
    "Report",
]
