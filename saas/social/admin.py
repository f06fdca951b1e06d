"""The community's pages for the people who run it: ordinary Django admin. What each shows and does stands in `desk`."""

from django.contrib import admin

from saas.social import models
from saas.social.desk import community, reports

admin.site.register(models.Profile, community.ProfilePage)
admin.site.register(models.Post, community.PostPage)
admin.site.register(models.Comment, community.CommentPage)
admin.site.register(models.Hashtag, community.HashtagPage)
admin.site.register(models.Follow, community.FollowPage)
admin.site.register(models.Block, community.BlockPage)
admin.site.register(models.Conversation, community.ConversationPage)
admin.site.register(models.Message, community.MessagePage)
admin.site.register(models.PostDay, community.PostDayPage)
admin.site.register(models.ProfileDay, community.ProfileDayPage)
admin.site.register(models.Report, reports.ReportPage)
admin.site.register(models.Decision, reports.DecisionPage)
admin.site.register(models.ModerationEntry, reports.EntryPage)
