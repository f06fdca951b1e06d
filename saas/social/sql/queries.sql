Statements that the ORM cannot say. Sent with parameters, so that a literal percent sign would be doubled.

-- feed --
SELECT newest.id
FROM (
    SELECT follow.followee_id AS id
    FROM social_follow AS follow JOIN social_profile AS followee ON followee.visitor_id = follow.followee_id
    WHERE follow.follower_id = %(viewer)s AND follow.accepted_at IS NOT NULL AND followee.suspended_at IS NULL
        AND NOT EXISTS (SELECT FROM social_block WHERE blocker_id = %(viewer)s AND blocked_id = follow.followee_id)
        AND NOT EXISTS (SELECT FROM social_block WHERE blocked_id = %(viewer)s AND blocker_id = follow.followee_id)
    UNION ALL
    SELECT %(viewer)s
) AS author
CROSS JOIN LATERAL (
    SELECT post.id, post.created_at
    FROM social_post AS post
    WHERE post.author_id = author.id AND post.deleted_at IS NULL
        AND (post.created_at, post.id) < (%(created_at)s, %(id)s)
        AND (post.visibility <> 'mentioned' OR post.author_id = %(viewer)s
            OR EXISTS (SELECT FROM social_mention WHERE post_id = post.id AND profile_id = %(viewer)s))
        -- A repost without words of its own goes with what it shows again.
        AND (post.repost_of_id IS NULL
            OR EXISTS (SELECT FROM social_post AS quote WHERE quote.id = post.id AND quote.text <> '')
            OR EXISTS (
                SELECT FROM social_post AS shown JOIN social_profile AS by ON by.visitor_id = shown.author_id
                WHERE shown.id = post.repost_of_id AND shown.deleted_at IS NULL
                    AND (shown.author_id = %(viewer)s OR (by.suspended_at IS NULL
                        AND NOT EXISTS (
                            SELECT FROM social_block
                            WHERE blocker_id = %(viewer)s AND blocked_id = shown.author_id)
                        AND NOT EXISTS (
                            SELECT FROM social_block
                            WHERE blocked_id = %(viewer)s AND blocker_id = shown.author_id)
                        AND ((shown.visibility = 'public' AND by.privacy = 'public')
                            OR EXISTS (
                                SELECT FROM social_mention
                                WHERE post_id = shown.id AND profile_id = %(viewer)s)
                            OR (shown.visibility <> 'mentioned' AND EXISTS (
                                SELECT FROM social_follow
                                WHERE follower_id = %(viewer)s AND followee_id = shown.author_id
                                    AND accepted_at IS NOT NULL)))))))
    ORDER BY post.created_at DESC, post.id DESC
    LIMIT %(limit)s
) AS newest
ORDER BY newest.created_at DESC, newest.id DESC
LIMIT %(limit)s

-- notify --
INSERT INTO social_notification (id, recipient_id, event, post_id, actor_id, actors, created_at, updated_at)
VALUES (%(id)s, %(recipient)s, %(event)s, %(post)s, %(actor)s, 0, %(now)s, %(now)s)
ON CONFLICT (recipient_id, event, post_id) WHERE read_at IS NULL
DO UPDATE SET actor_id = excluded.actor_id, updated_at = greatest(social_notification.updated_at, excluded.updated_at)
RETURNING id

-- post_day --
INSERT INTO social_postday AS kept (id, post_id, day, views, opens)
VALUES (%(id)s, %(post)s, %(day)s, %(views)s, %(opens)s)
ON CONFLICT (post_id, day) DO UPDATE SET views = kept.views + excluded.views, opens = kept.opens + excluded.opens

-- profile_day --
INSERT INTO social_profileday AS kept (id, profile_id, day, views)
VALUES (%(id)s, %(profile)s, %(day)s, %(views)s)
ON CONFLICT (profile_id, day) DO UPDATE SET views = kept.views + excluded.views

-- hashtag_used --
UPDATE social_hashtag
SET score = score * power(0.5, greatest(extract(epoch FROM %(now)s - scored_at), 0) / %(half_life)s) + 1,
    scored_at = greatest(scored_at, %(now)s)
WHERE id = ANY (%(ids)s)

-- hashtags_decay --
UPDATE social_hashtag
SET score = CASE WHEN decayed.score < %(least)s THEN 0 ELSE decayed.score END, scored_at = %(now)s
FROM (
    SELECT id, score * power(0.5, extract(epoch FROM %(now)s - scored_at) / %(half_life)s) AS score
    FROM social_hashtag WHERE score > 0 AND scored_at < %(now)s ORDER BY id FOR NO KEY UPDATE
) AS decayed
WHERE social_hashtag.id = decayed.id
