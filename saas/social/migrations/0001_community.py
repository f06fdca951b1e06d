"""The rows of the community: profiles, posts and all that hangs on them."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import saas.social.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("visitors", "0001_visitors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.CharField(blank=True, default="", max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("last_message_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["-last_message_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Hashtag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("posts", models.BigIntegerField(default=0, editable=False)),
                ("score", models.FloatField(default=0, editable=False)),
                ("scored_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["name"],
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("score"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("score__gt", 0)),
                        name="social_hashtag_trending",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "\\S")), name="social_hashtag_name_not_blank"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("posts__gte", 0), ("score__gte", 0)),
                        name="social_hashtag_counters_not_negative",
                    ),
                    models.UniqueConstraint(fields=("name",), name="social_hashtag_name_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", models.CharField(max_length=5000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("edited_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.conversation",
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.message",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", models.CharField(blank=True, default="", max_length=5000)),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("public", "Everybody"),
                            ("followers", "Followers and who is mentioned"),
                            ("mentioned", "Only who is mentioned"),
                        ],
                        default="public",
                        max_length=9,
                    ),
                ),
                ("sensitive", models.BooleanField(default=False)),
                ("files", models.SmallIntegerField(default=0, editable=False)),
                ("likes", models.BigIntegerField(default=0, editable=False)),
                ("comments", models.BigIntegerField(default=0, editable=False)),
                ("replies", models.BigIntegerField(default=0, editable=False)),
                ("reposts", models.BigIntegerField(default=0, editable=False)),
                ("bookmarks", models.BigIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("edited_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("pinned_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.SearchVector("text", config="simple"),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.post",
                    ),
                ),
                (
                    "repost_of",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.post",
                    ),
                ),
                (
                    "root",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.post",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("like", "liked your post"),
                            ("comment", "commented on your post"),
                            ("reply", "replied to you"),
                            ("repost", "reposted your post"),
                            ("mention", "mentioned you"),
                            ("follow", "followed you"),
                            ("request", "asked to follow you"),
                            ("accept", "accepted your request"),
                        ],
                        max_length=7,
                    ),
                ),
                ("actors", models.BigIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.post",
                    ),
                ),
            ],
            options={
                "ordering": ["-updated_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", models.CharField(max_length=5000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("edited_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reply_to",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.comment",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.post",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "visitor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="profile",
                        serialize=False,
                        to="visitors.visitor",
                    ),
                ),
                ("handle", models.CharField(max_length=30)),
                ("name", models.CharField(max_length=100, verbose_name="display name")),
                ("bio", models.CharField(blank=True, default="", max_length=500)),
                (
                    "privacy",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("private", "Private: posts are for followers, whom the profile accepts"),
                        ],
                        default="public",
                        max_length=7,
                    ),
                ),
                ("followers", models.BigIntegerField(default=0, editable=False)),
                ("following", models.BigIntegerField(default=0, editable=False)),
                ("posts", models.BigIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["handle"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("handle__regex", "^[A-Za-z][A-Za-z0-9_]{2,29}$")),
                        name="social_profile_handle_format",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "\\S")), name="social_profile_name_not_blank"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("privacy__regex", "^(public|private)$")),
                        name="social_profile_privacy_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("followers__gte", 0), ("following__gte", 0), ("posts__gte", 0)),
                        name="social_profile_counters_not_negative",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Collate(
                            django.db.models.functions.text.Lower("handle"), "C"
                        ),
                        name="social_profile_handle_unique",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="post",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="social.profile",
            ),
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("admin", "Admin"), ("member", "Member")],
                        default="member",
                        max_length=6,
                    ),
                ),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read up to")),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participants",
                        to="social.conversation",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["joined_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="NotificationActor",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "notification",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.notification",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="notification",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="social.profile",
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="recipient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="social.profile",
            ),
        ),
        migrations.CreateModel(
            name="ModerationEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("by", models.CharField(max_length=200)),
                ("action", models.CharField(max_length=40)),
                ("before", models.JSONField(blank=True, null=True)),
                ("after", models.JSONField(blank=True, null=True)),
                (
                    "comment",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.comment",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.message",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.post",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "moderation entries",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="social.profile",
            ),
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.post",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Like",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.post",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Follow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "followee",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
                (
                    "follower",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("dismiss", "Nothing is wrong with it"),
                            ("warn", "Its author is warned"),
                            ("remove", "It is deleted"),
                            ("suspend", "Its author is suspended"),
                        ],
                        max_length=7,
                    ),
                ),
                ("by", models.CharField(max_length=200)),
                ("note", models.CharField(blank=True, default="", max_length=2000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "comment",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.comment",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.message",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.post",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="conversation",
            name="high",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="social.profile",
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="low",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="social.profile",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="social.profile",
            ),
        ),
        migrations.CreateModel(
            name="Bookmark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.post",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "blocked",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
                (
                    "blocker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ProfileDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("views", models.BigIntegerField(default=0)),
                (
                    "profile",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["day"],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("spam", "Spam"),
                            ("abuse", "Abuse"),
                            ("nudity", "Nudity"),
                            ("violence", "Violence"),
                            ("other", "Something else"),
                        ],
                        max_length=8,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=2000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "comment",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.comment",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="social.decision",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.message",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.post",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.profile",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="PostDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("views", models.BigIntegerField(default=0)),
                ("opens", models.BigIntegerField(default=0)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.post",
                    ),
                ),
            ],
            options={
                "ordering": ["day"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("opens__gte", 0), ("views__gte", 0)),
                        name="social_postday_counts_not_negative",
                    ),
                    models.UniqueConstraint(fields=("post", "day"), name="social_postday_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostEdit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=5000)),
                ("edited_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="edits",
                        to="social.post",
                    ),
                ),
            ],
            options={
                "ordering": ["-edited_at", "-id"],
                "indexes": [
                    models.Index(fields=["post", "-edited_at", "-id"], name="social_postedit_of_post")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostHashtag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "hashtag",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="social.hashtag",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social.post",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["hashtag", "-created_at", "-id"], name="social_posthashtag_of_tag")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("post", "hashtag"), name="social_posthashtag_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostMedia",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.social.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("image", "Image"), ("video", "Video"), ("audio", "Audio")], max_length=5
                    ),
                ),
                ("path", models.CharField(max_length=500)),
                (
                    "alt",
                    models.CharField(blank=True, default="", max_length=1000, verbose_name="what it shows"),
                ),
                ("position", models.SmallIntegerField(default=0)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="media",
                        to="social.post",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "post media",
                "ordering": ["position"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__regex", "^(image|video|audio)$")),
                        name="social_postmedia_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("path__regex", "^[^/\\s][^\\s]*$")),
                        name="social_postmedia_path_format",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 0), ("position__lt", 10)),
                        name="social_postmedia_few",
                    ),
                    models.UniqueConstraint(
                        fields=("post", "position"), name="social_postmedia_position_unique"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["author", "-created_at", "-id"],
                include=("visibility", "repost_of"),
                name="social_post_of_author",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at__isnull", True), ("reply_to__isnull", True), ("visibility", "public")
                ),
                fields=["-created_at", "-id"],
                name="social_post_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("root__isnull", False)),
                fields=["root", "created_at", "id"],
                name="social_post_thread",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("reply_to__isnull", False)),
                fields=["reply_to", "created_at", "id"],
                name="social_post_replies",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("repost_of__isnull", False)),
                fields=["repost_of", "-created_at", "-id"],
                name="social_post_reposts",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("deleted_at__isnull", True)), fields=["search"], name="social_post_search"
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("text__regex", "\\S"),
                    models.Q(("files__gt", 0), ("text", "")),
                    models.Q(("repost_of__isnull", False), ("text", "")),
                    _connector="OR",
                ),
                name="social_post_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("files__gte", 0), ("files__lte", 10)), name="social_post_files_few"
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("visibility__regex", "^(public|followers|mentioned)$")),
                name="social_post_visibility_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reply_to__isnull", True), ("root__isnull", True)),
                    models.Q(
                        ("reply_to__isnull", False),
                        ("root__isnull", False),
                        models.Q(("reply_to", models.F("id")), _negated=True),
                        models.Q(("root", models.F("id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="social_post_reply_in_thread",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("repost_of__isnull", True),
                    models.Q(("repost_of", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="social_post_not_own_repost",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("bookmarks__gte", 0),
                    ("comments__gte", 0),
                    ("likes__gte", 0),
                    ("replies__gte", 0),
                    ("reposts__gte", 0),
                ),
                name="social_post_counters_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True), ("pinned_at__isnull", False)),
                fields=("author",),
                name="social_post_one_pinned",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True), ("repost_of__isnull", False), ("text", "")),
                fields=("author", "repost_of"),
                name="social_post_reposted_once",
            ),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(
                condition=models.Q(("left_at__isnull", True)),
                fields=["profile", "conversation"],
                name="social_participant_of_profile",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__regex", "^(owner|admin|member)$")),
                name="social_participant_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                fields=("conversation", "profile"), name="social_participant_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at__isnull", True), ("role", "owner")),
                fields=("conversation",),
                name="social_participant_one_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="notificationactor",
            index=models.Index(
                fields=["notification", "-created_at", "-id"], name="social_notifactor_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="notificationactor",
            index=models.Index(fields=["profile"], name="social_notificationactor_who"),
        ),
        migrations.AddConstraint(
            model_name="notificationactor",
            constraint=models.UniqueConstraint(
                fields=("notification", "profile"), name="social_notificationactor_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["recipient", "-updated_at", "-id"], name="social_notification_newest"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("post__isnull", False)),
                fields=["post"],
                name="social_notification_of_post",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("event__regex", "^(like|comment|reply|repost|mention)$"), ("post__isnull", False)
                    ),
                    models.Q(("event__regex", "^(follow|request|accept)$"), ("post__isnull", True)),
                    _connector="OR",
                ),
                name="social_notification_event_has_its_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(("actors__gte", 0)), name="social_notification_actors_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("read_at__isnull", True)),
                fields=("recipient", "event", "post"),
                name="social_notification_group_unique",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="moderationentry",
            index=models.Index(fields=["-at", "-id"], name="social_modentry_newest"),
        ),
        migrations.AddConstraint(
            model_name="moderationentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("comment__isnull", True),
                        ("message__isnull", True),
                        ("post__isnull", True),
                        ("profile__isnull", False),
                    ),
                    models.Q(
                        ("comment__isnull", True),
                        ("message__isnull", True),
                        ("post__isnull", False),
                        ("profile__isnull", True),
                    ),
                    models.Q(
                        ("comment__isnull", False),
                        ("message__isnull", True),
                        ("post__isnull", True),
                        ("profile__isnull", True),
                    ),
                    models.Q(
                        ("comment__isnull", True),
                        ("message__isnull", False),
                        ("post__isnull", True),
                        ("profile__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="social_moderationentry_one_subject",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["conversation", "-created_at", "-id"], name="social_message_newest"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("reply_to__isnull", False)),
                fields=["reply_to"],
                name="social_message_replies",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deleted_at__isnull", True), ("text__regex", "\\S")),
                    models.Q(("deleted_at__isnull", False), ("text", "")),
                    _connector="OR",
                ),
                name="social_message_text_until_deleted",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reply_to__isnull", True),
                    models.Q(("reply_to", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="social_message_not_own_reply",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("conversation", "id"), name="social_message_in_conversation"
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(fields=["profile", "-created_at", "-id"], name="social_mention_of_profile"),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(fields=("post", "profile"), name="social_mention_unique"),
        ),
        migrations.AddIndex(
            model_name="like",
            index=models.Index(fields=["post", "-created_at", "-id"], name="social_like_of_post"),
        ),
        migrations.AddIndex(
            model_name="like",
            index=models.Index(fields=["profile", "-created_at", "-id"], name="social_like_by_profile"),
        ),
        migrations.AddConstraint(
            model_name="like",
            constraint=models.UniqueConstraint(fields=("post", "profile"), name="social_like_unique"),
        ),
        migrations.AddIndex(
            model_name="follow",
            index=models.Index(
                condition=models.Q(("accepted_at__isnull", False)),
                fields=["follower", "-accepted_at", "-id"],
                include=("followee",),
                name="social_follow_following",
            ),
        ),
        migrations.AddIndex(
            model_name="follow",
            index=models.Index(
                condition=models.Q(("accepted_at__isnull", False)),
                fields=["followee", "-accepted_at", "-id"],
                name="social_follow_followers",
            ),
        ),
        migrations.AddIndex(
            model_name="follow",
            index=models.Index(
                condition=models.Q(("accepted_at__isnull", True)),
                fields=["followee", "-requested_at", "-id"],
                name="social_follow_requests",
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.CheckConstraint(
                condition=models.Q(("follower", models.F("followee")), _negated=True),
                name="social_follow_not_oneself",
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accepted_at__isnull", True),
                    ("accepted_at__gte", models.F("requested_at")),
                    _connector="OR",
                ),
                name="social_follow_accepted_after_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.UniqueConstraint(fields=("follower", "followee"), name="social_follow_unique"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["-created_at", "-id"], name="social_decision_newest"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("comment__isnull", True),
                        ("message__isnull", True),
                        ("post__isnull", True),
                        ("profile__isnull", False),
                    ),
                    models.Q(
                        ("comment__isnull", True),
                        ("message__isnull", True),
                        ("post__isnull", False),
                        ("profile__isnull", True),
                    ),
                    models.Q(
                        ("comment__isnull", False),
                        ("message__isnull", True),
                        ("post__isnull", True),
                        ("profile__isnull", True),
                    ),
                    models.Q(
                        ("comment__isnull", True),
                        ("message__isnull", False),
                        ("post__isnull", True),
                        ("profile__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="social_decision_one_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("action__regex", "^(dismiss|warn|remove|suspend)$")),
                name="social_decision_action_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("by__regex", "\\S")), name="social_decision_by_not_blank"
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["high"], name="social_conversation_high"),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("high__isnull", False),
                        ("low__isnull", False),
                        ("low__lt", models.F("high")),
                        ("title", ""),
                    ),
                    models.Q(("high__isnull", True), ("low__isnull", True), ("title__regex", "\\S")),
                    _connector="OR",
                ),
                name="social_conversation_direct_or_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                fields=("low", "high"), name="social_conversation_pair_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["post", "created_at", "id"], name="social_comment_of_post"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("reply_to__isnull", False)),
                fields=["reply_to", "created_at", "id"],
                name="social_comment_replies",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["author", "-created_at", "-id"], name="social_comment_of_author"),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("text__regex", "\\S")), name="social_comment_text_not_blank"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reply_to__isnull", True),
                    models.Q(("reply_to", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="social_comment_not_own_reply",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(fields=("post", "id"), name="social_comment_post_id_unique"),
        ),
        migrations.AddIndex(
            model_name="bookmark",
            index=models.Index(fields=["profile", "-created_at", "-id"], name="social_bookmark_by_profile"),
        ),
        migrations.AddConstraint(
            model_name="bookmark",
            constraint=models.UniqueConstraint(fields=("post", "profile"), name="social_bookmark_unique"),
        ),
        migrations.AddIndex(
            model_name="block",
            index=models.Index(fields=["blocked", "blocker"], name="social_block_of_blocked"),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(("blocker", models.F("blocked")), _negated=True),
                name="social_block_not_oneself",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.UniqueConstraint(fields=("blocker", "blocked"), name="social_block_unique"),
        ),
        migrations.AddConstraint(
            model_name="profileday",
            constraint=models.CheckConstraint(
                condition=models.Q(("views__gte", 0)), name="social_profileday_counts_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="profileday",
            constraint=models.UniqueConstraint(fields=("profile", "day"), name="social_profileday_unique"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("decided_at__isnull", True)),
                fields=["created_at", "id"],
                name="social_report_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("decision__isnull", False)),
                fields=["decision"],
                name="social_report_of_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("comment__isnull", True),
                        ("message__isnull", True),
                        ("post__isnull", True),
                        ("profile__isnull", False),
                    ),
                    models.Q(
                        ("comment__isnull", True),
                        ("message__isnull", True),
                        ("post__isnull", False),
                        ("profile__isnull", True),
                    ),
                    models.Q(
                        ("comment__isnull", False),
                        ("message__isnull", True),
                        ("post__isnull", True),
                        ("profile__isnull", True),
                    ),
                    models.Q(
                        ("comment__isnull", True),
                        ("message__isnull", False),
                        ("post__isnull", True),
                        ("profile__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="social_report_one_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "^(spam|abuse|nudity|violence|other)$")),
                name="social_report_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("profile__isnull", True),
                    models.Q(("profile", models.F("reporter")), _negated=True),
                    _connector="OR",
                ),
                name="social_report_not_oneself",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decision__isnull", True)),
                    models.Q(("decided_at__isnull", False), ("decision__isnull", False)),
                    _connector="OR",
                ),
                name="social_report_decided_with_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at__isnull", True)),
                fields=("reporter", "profile", "post", "comment", "message"),
                name="social_report_open_once",
                nulls_distinct=False,
            ),
        ),
    ]
