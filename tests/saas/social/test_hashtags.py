"""Hashtags: rows follow the text, and what is trending fades."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from saas.social import counters, exceptions, hashtags, posts
from saas.social.models import Hashtag, PostHashtag
from tenants import context
from tenants.directory import Entry
from tests.saas.social.crowd import at_once
from tests.saas.social.factories import PostFactory, ProfileFactory

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def scores() -> dict[str, float]:
    return {tag.name: tag.score for tag in hashtags.trending()}


def test_a_post_has_those_of_its_text_and_each_is_counted(acme: Entry) -> None:
    ann = ProfileFactory()
    first = posts.create(ann, text="#Tea #tea #milk")
    second = posts.create(ann, text="#TEA")
    assert dict(Hashtag.objects.values_list("name", "posts")) == {"tea": 2, "milk": 1}
    assert list(hashtags.posts("#TeA", None)) == [second, first]
    posts.edit(first, by=ann, text="#sugar")
    posts.delete(second, by=ann)
    assert dict(Hashtag.objects.values_list("name", "posts")) == {"tea": 0, "milk": 0, "sugar": 1}
    with pytest.raises(exceptions.NotFound):
        hashtags.posts("#", None)


def test_a_use_counts_one_and_halves_in_six_hours(acme: Entry) -> None:
    ann = ProfileFactory()
    with time_machine.travel(NOON, tick=False):
        posts.create(ann, text="#tea #milk")
    with time_machine.travel(NOON + 6 * HOUR, tick=False):
        posts.create(ann, text="#tea")
        assert scores() == {"tea": 1.5, "milk": 1}  # milk's is of noon, until the next decay
        assert hashtags.decay() == 2
    assert scores() == {"tea": 1.5, "milk": 0.5}
    hashtags.decay(NOON + 6 * HOUR)  # again of the same moment: nothing changes
    assert scores() == {"tea": 1.5, "milk": 0.5}
    assert [tag.name for tag in hashtags.trending()] == ["tea", "milk"]
    # 0.5 falls below 0.01 after 5.65 half-lives, 1.5 after 7.23.
    assert hashtags.decay(NOON + 6 * HOUR + 36 * HOUR) == 1
    assert scores() == {"tea": 1.5 / 64}
    assert hashtags.decay(NOON + 100 * HOUR) == 0


def test_how_often_it_decays_does_not_matter(acme: Entry) -> None:
    Hashtag.objects.create(name="often", score=8, scored_at=NOON)
    for minutes in (10, 25, 60, 179, 240, 360):
        hashtags.decay(NOON + timedelta(minutes=minutes))
    assert scores()["often"] == pytest.approx(4)


def test_a_clock_that_went_back_gives_nothing_away(acme: Entry) -> None:
    Hashtag.objects.create(name="tea", score=8, scored_at=NOON)
    hashtags.decay(NOON - 6 * HOUR)
    with time_machine.travel(NOON - 6 * HOUR, tick=False):
        posts.create(ProfileFactory(), text="#tea")
    assert (scores(), Hashtag.objects.get().scored_at) == ({"tea": 9}, NOON)


@given(st.floats(0, 1e6), st.floats(0, 1e5), st.floats(0, 1e5))
def test_two_steps_of_decay_are_one(score: float, first: float, second: float) -> None:
    one, two = timedelta(seconds=first), timedelta(seconds=second)
    stepped = hashtags.decayed(hashtags.decayed(score, one), two)
    assert stepped == pytest.approx(hashtags.decayed(score, one + two), rel=1e-9)
    assert 0 <= stepped <= score


def test_the_database_and_the_formula_agree(acme: Entry) -> None:
    Hashtag.objects.create(name="tea", score=7.25, scored_at=NOON)
    hashtags.decay(NOON + timedelta(minutes=100))
    assert scores()["tea"] == pytest.approx(hashtags.decayed(7.25, timedelta(minutes=100)))


def test_another_tenant_s_trends_are_its_own(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        posts.create(ProfileFactory(), text="#tea")
        assert len(scores()) == 1
    with context.use(two_tenants[1]):
        assert scores() == {}
        assert not hashtags.posts("tea", None).exists()


def test_fifty_at_once_use_the_same_in_any_order(module_db: str, globex: Entry) -> None:
    with context.use(globex):
        ann = ProfileFactory()

    def write(number: int) -> None:
        tags = ("#a1 #b2 #c3", "#c3 #b2 #a1", "#b2 #c3 #a1", "#new#x #c3 #a1 #b2")[number % 4]
        posts.create(ann, text=tags)
        if number % 10 == 0:
            hashtags.decay()

    assert at_once(globex, 50, write) == []
    with context.use(globex):
        assert dict(Hashtag.objects.values_list("name", "posts")) == {"a1": 50, "b2": 50, "c3": 50}
        assert PostHashtag.objects.count() == 150
        assert all(tag.score == pytest.approx(50, rel=0.01) for tag in Hashtag.objects.all())
        assert counters.check() == []


def test_a_post_row_by_hand_has_none_until_it_is_written(acme: Entry) -> None:
    post = PostFactory(text="#tea")
    assert not PostHashtag.objects.exists()
    assert hashtags.write(post) == ("tea",)
    assert PostHashtag.objects.count() == 1
