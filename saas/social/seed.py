"""Rows of a believable community: pure, no database. Counters come with the rows that they count; no trigger runs."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from saas.social import hashtags
from saas.social.seed_plan import SENTENCES, Plan, every, plan
from saas.visitors.chance import DAY_MS, Batch, moment

Rows = Iterator[tuple[object, ...]]
HALF_LIFE = hashtags.HALF_LIFE // timedelta(milliseconds=1)


_COUNTERS = ("likes", "comments", "replies", "reposts", "bookmarks")
PROFILE = (
    *("visitor_id", "handle", "name", "bio", "privacy", "followers", "following", "posts"),
    *("created_at", "verified_at"),
)
POST = (
    *(
        "id",
        "author_id",
        "text",
        "visibility",
        "sensitive",
        "reply_to_id",
        "root_id",
        "repost_of_id",
        "files",
    ),
    *(*_COUNTERS, "created_at", "edited_at", "pinned_at", "deleted_at"),
)
NOTIFICATION = (
    *("id", "recipient_id", "event", "post_id", "actor_id", "actors", "created_at", "updated_at", "read_at"),
)
CONVERSATION = ("id", "low_id", "high_id", "title", "created_at", "last_message_at")
PARTICIPANT = ("id", "conversation_id", "profile_id", "role", "joined_at", "read_at")
REPORT = ("id", "post_id", "reporter_id", "reason", "note", "created_at", "decision_id", "decided_at")


def people(rows: int) -> int:
    """Return how many visitors so many rows need."""
    return plan(rows)["profiles"]


def batches(
    rows: int, *, seed: int, until: datetime, parts: Mapping[str, int] | None = None
) -> Iterator[Batch]:
    """Yield the tables of a community in an order in which each stands on those before, exactly so many rows.

    parts says otherwise for some kinds of `plan`. Raises ValueError for too few rows.
    """
    return _Community(rows, seed, until, {**plan(rows), **(parts or {})}).batches()


class _Community(Plan):
    """Yields the rows of a plan table by table."""

    def batches(self) -> Iterator[Batch]:
        yield "social_profile", PROFILE, self._profiles()
        yield "social_hashtag", ("id", "name", "posts", "score", "scored_at"), self._hashtags()
        yield (
            "social_follow",
            ("id", "follower_id", "followee_id", "requested_at", "accepted_at"),
            self._follows(),
        )
        yield "social_block", ("id", "blocker_id", "blocked_id", "created_at"), self._blocks()
        yield "social_post", POST, self._posts()
        yield "social_postmedia", ("id", "post_id", "kind", "path", "alt", "position"), self._media()
        yield "social_postedit", ("id", "post_id", "text", "edited_at"), self._edits()
        yield "social_posthashtag", ("id", "post_id", "hashtag_id", "created_at"), self._tagged()
        yield "social_mention", ("id", "post_id", "profile_id", "created_at"), self._mentions()
        yield "social_like", ("id", "post_id", "profile_id", "created_at"), self._likes()
        yield "social_bookmark", ("id", "post_id", "profile_id", "created_at"), self._bookmarks()
        yield (
            "social_comment",
            ("id", "post_id", "author_id", "reply_to_id", "text", "created_at"),
            self._comments(),
        )
        yield "social_notification", NOTIFICATION, self._notifications()
        yield (
            "social_notificationactor",
            ("id", "notification_id", "profile_id", "created_at"),
            self._actors(),
        )
        yield "social_conversation", CONVERSATION, self._conversations()
        yield "social_participant", PARTICIPANT, self._participants()
        yield "social_message", ("id", "conversation_id", "author_id", "text", "created_at"), self._messages()
        yield "social_postday", ("id", "post_id", "day", "views", "opens"), self._post_days()
        yield "social_profileday", ("id", "profile_id", "day", "views"), self._profile_days()
        yield "social_decision", ("id", "post_id", "action", "by", "note", "created_at"), self._decisions()
        yield "social_report", REPORT, self._reports()
        yield "social_moderationentry", ("id", "post_id", "at", "by", "action", "after"), self._entries()

    def _text(self, i: int) -> str:
        if self.shows[i] >= 0:
            return ""
        text = self.sentences[i * 2_654_435_761 % 2**32 % SENTENCES]
        if i in self.tag:
            text += f" #{self._tag(self.tag[i])}"
        return f"{text} @{self._handle(self.named[i])}" if i in self.named else text

    def _tag(self, n: int) -> str:
        word = self.sentences[n % SENTENCES].split()[1].strip(".").lower()
        return f"{word}{n}"

    def _handle(self, i: int) -> str:
        return self.who[i].word

    def _profiles(self) -> Rows:
        draw = self._chance("profiles")
        for i, person in enumerate(self.who):
            verified = moment(draw.after(person.came)) if i < len(self.who) // 50 else None
            privacy = "private" if self.private[i] else "public"
            counted = self.followers[i], self.following[i], self.posts[i]
            bio = draw.random.choice(self.sentences)
            yield person.id, person.word, person.name, bio, privacy, *counted, moment(person.came), verified

    def _hashtags(self) -> Rows:
        score = Counter[int]()
        for i, tag in self.tag.items():
            score[tag] += 0.5 ** ((self.end - self.at[i]) / HALF_LIFE)
        for n, id_ in enumerate(self.tag_id):
            worth = score[n] if score[n] >= hashtags.LEAST else 0
            yield id_, self._tag(n), self.tagged_posts[n], worth, moment(self.end)

    def _follows(self) -> Rows:
        draw = self._chance("follow rows")
        came = [person.came for person in self.who]
        for one, other, accepted in zip(self.follower, self.followee, self.accepted, strict=True):
            at = draw.after(max(came[one], came[other]), 300 * DAY_MS)
            yield (
                draw.id(at),
                self.who[one].id,
                self.who[other].id,
                moment(at),
                moment(at) if accepted else None,
            )

    def _blocks(self) -> Rows:
        """Who blocked another one follows them no more."""
        draw, number = self._chance("blocks"), len(self.who)
        near = {one * number + other for one, other in zip(self.follower, self.followee, strict=True)}
        done: set[tuple[int, int]] = set()
        while len(done) < self.wanted["blocks"]:
            one, other = draw.random.randrange(number), draw.random.randrange(number)
            follow = one * number + other in near or other * number + one in near
            if one != other and not follow and (one, other) not in done:
                done.add((one, other))
                at = draw.after(max(self.who[one].came, self.who[other].came), 300 * DAY_MS)
                yield draw.id(at), self.who[one].id, self.who[other].id, moment(at)

    def _posts(self) -> Rows:
        draw = self._chance("post rows")
        post, none = self.post, None
        for i, at in enumerate(self.at):
            parent, root, shows = self.parent[i], self.root[i], self.shows[i]
            yield (
                *(
                    post[i],
                    self.who[self.author[i]].id,
                    self._text(i),
                    self.seen[i],
                    draw.random.random() < 0.02,
                ),
                *(post[parent] if parent >= 0 else none, post[root] if root >= 0 else none),
                *(post[shows] if shows >= 0 else none, int(i in self.file_of)),
                *(
                    self.likes[i],
                    self.comments[i],
                    self.replies[i],
                    self.reposts[i],
                    self.kept[i],
                    moment(at),
                ),
                moment(draw.after(at)) if i in self.edited else none,
                moment(at) if self.pinned.get(self.author[i]) == i else none,
                moment(draw.after(at)) if self.gone[i] else none,
            )

    def _media(self) -> Rows:
        draw = self._chance("media")
        for i in sorted(self.file_of):
            id_ = draw.id(self.at[i])
            yield id_, self.post[i], "image", f"posts/{id_}.jpg", draw.random.choice(self.sentences), 0

    def _edits(self) -> Rows:
        draw = self._chance("edits")
        for i in sorted(self.edited):
            at = draw.after(self.at[i])
            yield draw.id(at), self.post[i], draw.random.choice(self.sentences), moment(at)

    def _tagged(self) -> Rows:
        draw = self._chance("tagged")
        for i, tag in self.tag.items():
            yield draw.id(self.at[i]), self.post[i], self.tag_id[tag], moment(self.at[i])

    def _mentions(self) -> Rows:
        draw = self._chance("mentions")
        for i, other in self.named.items():
            yield draw.id(self.at[i]), self.post[i], self.who[other].id, moment(self.at[i])

    def _likes(self) -> Rows:
        draw, people = self._chance("likes"), len(self.who)
        self.likers: dict[int, list[tuple[int, int]]] = {}
        for i, count in enumerate(self.likes):
            found = [(draw.after(self.at[i]), one) for one in draw.some(count, people)]
            if i in self.actors:
                self.likers[i] = sorted(found)[-self.actors[i] :] if self.actors[i] else []
            for at, one in found:
                yield draw.id(at), self.post[i], self.who[one].id, moment(at)

    def _bookmarks(self) -> Rows:
        draw, people = self._chance("bookmarks"), len(self.who)
        for i, count in enumerate(self.kept):
            for one in draw.some(count, people):
                at = draw.after(self.at[i])
                yield draw.id(at), self.post[i], self.who[one].id, moment(at)

    def _comments(self) -> Rows:
        draw, people = self._chance("comments"), len(self.who)
        for i, count in enumerate(self.comments):
            at = self.at[i]
            before: str | None = None
            for _ in range(count):
                at = draw.after(at)
                id_ = draw.id(at)
                answers = before if draw.random.random() < 0.2 else None
                author = self.who[draw.popular(people)].id
                yield id_, self.post[i], author, answers, draw.random.choice(self.sentences), moment(at)
                before = id_

    def _notifications(self) -> Rows:
        draw = self._chance("notifications")
        self.told_id: dict[int, str] = {}
        for i in self.told:
            if likers := self.likers[i]:
                first, (last, actor) = likers[0][0], likers[-1]
                self.told_id[i] = draw.id(first)
                read = moment(draw.after(last)) if draw.random.random() < 0.7 else None
                about = self.who[self.author[i]].id, "like", self.post[i], self.who[actor].id, len(likers)
                yield self.told_id[i], *about, moment(first), moment(last), read

    def _actors(self) -> Rows:
        draw = self._chance("actors")
        for i, id_ in self.told_id.items():
            for at, one in self.likers[i]:
                yield draw.id(at), id_, self.who[one].id, moment(at)

    def _conversations(self) -> Rows:
        for n, at in enumerate(self.talk_at):
            low, high, title = None, None, ""
            if n < self.direct:
                low, high = (self.who[i].id for i in self.talks[n])
            else:
                title = self.sentences[n % SENTENCES]
            yield self.talk[n], low, high, title, moment(at), moment(self._said_at(n, self.said[n]))

    def _said_at(self, talk: int, number: int) -> int:
        """Return when so many messages were said: evenly until the end of a week, or of all."""
        begin = self.talk_at[talk]
        return begin + min(7 * DAY_MS, self.end - begin) * number // (self.said[talk] + 1)

    def _participants(self) -> Rows:
        draw = self._chance("participants")
        for n, members in enumerate(self.talks):
            for place, one in enumerate(members):
                role = "owner" if n >= self.direct and not place else "member"
                at = moment(self.talk_at[n])
                read = moment(self._said_at(n, int(self.said[n] * draw.random.random())))
                yield draw.id(self.talk_at[n]), self.talk[n], self.who[one].id, role, at, read

    def _messages(self) -> Rows:
        draw = self._chance("messages")
        for n, members in enumerate(self.talks):
            for number in range(1, self.said[n] + 1):
                at = self._said_at(n, number)
                author = self.who[draw.random.choice(members)].id
                yield draw.id(at), self.talk[n], author, draw.random.choice(self.sentences), moment(at)

    def _post_days(self) -> Rows:
        draw = self._chance("post days")
        for i in every(self.wanted["post_days"], list(range(len(self.post)))):
            views = 1 + self.likes[i] * 20 + draw.random.randrange(20)
            yield draw.id(self.at[i]), self.post[i], _day(self.at[i]), views, views // 10

    def _profile_days(self) -> Rows:
        draw, number = self._chance("profile days"), len(self.who)
        for k in range(self.wanted["profile_days"]):
            at = self.end - DAY_MS * (1 + k // number)
            yield draw.id(at), self.who[k % number].id, _day(at), 1 + self.followers[k % number] // 10

    def _judged(self) -> list[tuple[int, int, str, str]]:
        """Return what was reported: post, moment, and ids of report and decision."""
        draw, found = self._chance("reports"), []
        for i in every(self.wanted["reports"], self.alive):
            at = draw.after(self.at[i])
            found.append((i, at, draw.id(at), draw.id(at)))
        return found

    def _decisions(self) -> Rows:
        for i, at, _, id_ in self._judged()[: self.wanted["reports"] // 2]:
            yield id_, self.post[i], "dismiss", "seed", "", moment(at)

    def _reports(self) -> Rows:
        draw = self._chance("reporters")
        for n, (i, at, id_, decision) in enumerate(self._judged()):
            decided = n < self.wanted["reports"] // 2
            reporter = draw.some(1, len(self.who), without=self.author[i])[0]
            said = draw.random.choice(("spam", "abuse", "other")), "", moment(at)
            yield (
                *(id_, self.post[i], self.who[reporter].id, *said),
                *((decision, moment(at)) if decided else (None, None)),
            )

    def _entries(self) -> Rows:
        draw = self._chance("entries")
        for i, at, _, _ in self._judged()[: self.wanted["reports"] // 2]:
            yield draw.id(at), self.post[i], moment(at), "seed", "dismiss", json.dumps({"action": "dismiss"})


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()
