"""A drawn community, before any database sees it."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from saas.social import seed, texts

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)


def drawn(rows: int = 5_000, **options: Any) -> dict[str, list[dict[str, Any]]]:
    return {
        table: [dict(zip(columns, row, strict=True)) for row in found]
        for table, columns, found in seed.batches(rows, seed=1, until=UNTIL, **options)
    }


@pytest.mark.parametrize("rows", [2_000, 2_001, 9_999])
def test_it_is_exactly_as_many_rows(rows: int) -> None:
    assert sum(map(len, drawn(rows).values())) == rows


def test_kinds_can_be_asked_for_by_number() -> None:
    assert len(drawn(20_000, parts={"posts": 3_333})["social_post"]) == 3_333


def test_somebody_follows_five_hundred() -> None:
    following = Counter(row["follower_id"] for row in drawn(60_000)["social_follow"])
    assert following.most_common(1)[0][1] >= 500


def test_what_a_text_names_is_what_the_rows_name() -> None:
    found = drawn()
    tags = {row["id"]: row["name"] for row in found["social_hashtag"]}
    handles = {row["visitor_id"]: row["handle"] for row in found["social_profile"]}
    named = {row["post_id"]: handles[row["profile_id"]] for row in found["social_mention"]}
    tagged = {row["post_id"]: tags[row["hashtag_id"]] for row in found["social_posthashtag"]}
    for post in found["social_post"]:
        wanted = (tagged[post["id"]],) if post["id"] in tagged else ()
        assert texts.hashtags(post["text"]) == wanted
        assert texts.mentions(post["text"]) == ((named[post["id"]],) if post["id"] in named else ())


def test_an_answer_stands_in_the_thread_of_what_it_answers() -> None:
    posts = {post["id"]: post for post in drawn()["social_post"]}
    answers = [post for post in posts.values() if post["reply_to_id"]]
    assert answers
    for post in answers:
        parent = posts[post["reply_to_id"]]
        assert post["root_id"] == (parent["root_id"] or parent["id"])
        assert parent["created_at"] <= post["created_at"]


def test_nobody_blocks_whom_they_follow() -> None:
    found = drawn(20_000)
    follows = {(row["follower_id"], row["followee_id"]) for row in found["social_follow"]}
    blocks = {(row["blocker_id"], row["blocked_id"]) for row in found["social_block"]}
    assert blocks
    assert not follows & (blocks | {(blocked, blocker) for blocker, blocked in blocks})
