"""What hangs together in a believable community, drawn before any row: who follows whom, what answers what."""

from array import array
from collections import Counter
from datetime import datetime

from saas.visitors import chance
from saas.visitors import seed as visitors
from saas.visitors.chance import Chance

# Parts of all rows; what is left over are likes.
PARTS = {
    "profiles": 0.02,
    "hashtags": 0.001,
    "posts": 0.22,
    "media": 0.03,
    "edits": 0.005,
    "tagged": 0.08,
    "mentions": 0.03,
    "follows": 0.17,
    "blocks": 0.002,
    "bookmarks": 0.02,
    "comments": 0.08,
    "groups": 0.001,
    "direct": 0.004,
    "messages": 0.06,
    "told": 0.02,  # notifications of likes, with their actors
    "post_days": 0.03,
    "profile_days": 0.01,
    "reports": 0.001,
}
LEAST = 40  # profiles: fewer cannot follow and block as many
READS = 500  # how many the first profile follows, where there are as many
GROUP = 6
ACTORS = 3  # of a notification, at most
PRIVATE = 0.08
PENDING = 0.1  # of requests to private profiles
DELETED = 0.01
REPLIES, REPOSTS = 0.25, 0.08
SENTENCES = 1000


def plan(rows: int) -> dict[str, int]:
    """Return how many rows of each kind make exactly so many."""
    wanted = {kind: max(1, int(rows * part)) for kind, part in PARTS.items()}
    wanted["profiles"] = max(LEAST, wanted["profiles"])
    return wanted


def every(number: int, of: list[int]) -> list[int]:
    """Return so many of a list, evenly. Raises ValueError where there are not as many."""
    if number > len(of):
        raise ValueError("A community needs more rows than that: give at least 500.")
    return [of[k * len(of) // number] for k in range(number)]


class Plan:
    """A community of exactly so many rows; the attributes are lists by the number of a profile, post or talk."""

    def __init__(self, rows: int, seed: int, until: datetime, wanted: dict[str, int]) -> None:
        self.rows, self.seed, self.until, self.wanted = rows, seed, until, wanted
        self.who = list(visitors.persons(wanted["profiles"], seed=seed, until=until))
        self.sentences = chance.sentences(seed, SENTENCES)
        self.end = round(until.timestamp() * 1000)
        self._plan_follows()
        self._plan_posts()
        self._plan_what_posts_name()
        self._plan_conversations()
        self._plan_reactions()

    def _plan_follows(self) -> None:
        draw, number = self._chance("follows"), len(self.who)
        self.private = [i > 0 and draw.random.random() < PRIVATE for i in range(number)]
        total = self.wanted["follows"]
        if number < LEAST or total > number * (number - 1) // 2:
            raise ValueError("A community needs more rows than that: give at least 500.")
        reads = min(READS, number - 1, total)
        counts = chance.shares(total - reads, number - 1, most=number - 1)
        if sum(counts) + reads < total:
            raise ValueError("So many follows need more profiles.")
        draw.random.shuffle(counts)
        self.follower, self.followee, self.accepted = array("L"), array("L"), array("b")
        self.followers, self.following = [0] * number, [0] * number
        for one, count in enumerate((reads, *counts)):
            for other in draw.some(count, number, without=one):
                accepted = not (self.private[other] and one and draw.random.random() < PENDING)
                self.follower.append(one)
                self.followee.append(other)
                self.accepted.append(accepted)
                self.followers[other] += accepted
                self.following[one] += accepted

    def _plan_posts(self) -> None:
        draw, number = self._chance("posts"), self.wanted["posts"]
        self.at = draw.timeline(number)
        self.post = [draw.id(at) for at in self.at]
        self.author = array("L", (draw.popular(len(self.who)) for _ in range(number)))
        self.parent, self.root, self.shows = ([-1] * number for _ in range(3))
        self.replies, self.reposts, self.posts = Counter[int](), Counter[int](), [0] * len(self.who)
        self.gone = [draw.random.random() < DELETED for _ in range(number)]
        self.seen = [self._visibility(draw) for _ in range(number)]
        shown: set[tuple[int, int]] = set()
        for i in range(1, number):
            kind, near = draw.random.random(), i - 1 - int(min(i, 300) * draw.random.random() ** 2)
            near = self.shows[near] if self.shows[near] >= 0 else near
            if kind < REPLIES:
                self._answer(i, near)
            elif kind < REPLIES + REPOSTS and self._may_show(i, near) and (self.author[i], near) not in shown:
                shown.add((self.author[i], near))
                self.shows[i], self.seen[i] = near, "public"
                self.reposts[near] += not self.gone[i]
        for i, author in enumerate(self.author):
            self.posts[author] += not self.gone[i]
        # What says something of its own, and is there.
        self.alive = [i for i in range(number) if self.shows[i] < 0 and not self.gone[i]]

    def _visibility(self, draw: Chance) -> str:
        luck = draw.random.random()
        return "public" if luck < 0.92 else "followers" if luck < 0.98 else "mentioned"

    def _answer(self, i: int, near: int) -> None:
        self.parent[i], self.root[i] = near, self.root[near] if self.root[near] >= 0 else near
        self.seen[i] = self.seen[near]
        self.replies[near] += not self.gone[i]

    def _may_show(self, i: int, near: int) -> bool:
        """Only what everybody may read is shown again."""
        public = self.seen[near] == "public" and not self.private[self.author[near]]
        return public and not self.gone[near] and self.author[near] != self.author[i]

    def _plan_what_posts_name(self) -> None:
        draw, wanted = self._chance("names"), self.wanted
        self.file_of = set(every(wanted["media"], self.alive))
        self.edited = set(every(wanted["edits"], self.alive))
        self.tag = {i: draw.popular(wanted["hashtags"]) for i in every(wanted["tagged"], self.alive)}
        self.tagged_posts = Counter(self.tag.values())
        self.named = {
            i: draw.some(1, len(self.who), without=self.author[i])[0]
            for i in every(wanted["mentions"], self.alive)
        }
        self.pinned = {self.author[i]: i for i in every(max(1, len(self.who) // 10), self.alive)}
        self.tag_id = [draw.id(draw.begin) for _ in range(wanted["hashtags"])]

    def _plan_conversations(self) -> None:
        draw, number = self._chance("conversations"), len(self.who)
        pairs: dict[tuple[str, str], tuple[int, ...]] = {}
        while len(pairs) < min(self.wanted["direct"], number * (number - 1) // 4):
            low, high = sorted(draw.some(2, number), key=lambda i: self.who[i].id)
            pairs[self.who[low].id, self.who[high].id] = (low, high)
        groups = [tuple(draw.some(min(GROUP, number), number)) for _ in range(self.wanted["groups"])]
        self.talks = [*pairs.values(), *groups]
        self.direct = len(pairs)
        self.said = chance.shares(self.wanted["messages"], len(self.talks), most=self.wanted["messages"])
        draw.random.shuffle(self.said)
        self.talk_at = draw.timeline(len(self.talks))
        self.talk = [draw.id(at) for at in self.talk_at]

    def _plan_reactions(self) -> None:
        """Likes are what is left over; two rounds, since a notification names only as many as like."""
        draw, posts, people = self._chance("reactions"), len(self.post), len(self.who)
        ranks = list(range(posts))
        draw.random.shuffle(ranks)
        self.told = sorted(ranks[: min(self.wanted["told"], posts)])
        rest = self.rows - self._other_rows()
        likes = self._ranked(ranks, rest - ACTORS * len(self.told), people)
        self.actors = {i: min(ACTORS, likes[i]) for i in self.told}
        rest -= sum(self.actors.values())
        if not 0 < rest <= posts * people:
            raise ValueError("A community needs other numbers of rows than that: give at least 500.")
        self.likes = self._ranked(ranks, rest, people)
        draw.random.shuffle(ranks)
        self.comments = self._ranked(ranks, self.wanted["comments"], 10**6)
        draw.random.shuffle(ranks)
        self.kept = self._ranked(ranks, self.wanted["bookmarks"], people)

    def _ranked(self, ranks: list[int], total: int, most: int) -> list[int]:
        found = [0] * len(ranks)
        for i, count in zip(ranks, chance.shares(max(total, 0), len(ranks), most=most), strict=True):
            found[i] = count
        return found

    def _other_rows(self) -> int:
        """All rows but those of likes and of who is named in a notification."""
        twice = ("profiles", "hashtags", "posts", "media", "edits", "tagged", "mentions", "follows", "blocks")
        more = ("bookmarks", "comments", "messages", "post_days", "profile_days", "reports")
        decided = 2 * (self.wanted["reports"] // 2)
        talks = len(self.talks) + sum(map(len, self.talks))
        return sum(self.wanted[kind] for kind in (*twice, *more)) + decided + talks + len(self.told)

    def _chance(self, name: str) -> Chance:
        return Chance(self.seed, f"social {name}", self.until)
