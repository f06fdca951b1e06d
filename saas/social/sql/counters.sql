-- Which counter counts which rows. `counters.py` says the same as queries, and a test compares them.
-- Where a statement counts in two tables, posts are locked before profiles: the triggers fire in the order of their names.

CREATE TRIGGER social_follow_counts_in_profile_insert AFTER INSERT ON social_follow
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_profile', 'visitor_id', 'accepted_at IS NOT NULL', 'follower_id', 'following', 'followee_id', 'followers');

CREATE TRIGGER social_follow_counts_in_profile_delete AFTER DELETE ON social_follow
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_profile', 'visitor_id', 'accepted_at IS NOT NULL', 'follower_id', 'following', 'followee_id', 'followers');

CREATE TRIGGER social_follow_counts_in_profile_begin AFTER UPDATE OF accepted_at ON social_follow FOR EACH ROW
WHEN (OLD.accepted_at IS NULL AND NEW.accepted_at IS NOT NULL)
EXECUTE FUNCTION social_count_change('social_profile', 'visitor_id', '1', 'follower_id', 'following', 'followee_id', 'followers');

CREATE TRIGGER social_follow_counts_in_profile_end AFTER UPDATE OF accepted_at ON social_follow FOR EACH ROW
WHEN (OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS NULL)
EXECUTE FUNCTION social_count_change('social_profile', 'visitor_id', '-1', 'follower_id', 'following', 'followee_id', 'followers');

CREATE TRIGGER social_post_counts_in_post_insert AFTER INSERT ON social_post
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_post', 'id', 'deleted_at IS NULL', 'reply_to_id', 'replies', 'repost_of_id', 'reposts');

CREATE TRIGGER social_post_counts_in_post_delete AFTER DELETE ON social_post
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_post', 'id', 'deleted_at IS NULL', 'reply_to_id', 'replies', 'repost_of_id', 'reposts');

CREATE TRIGGER social_post_counts_in_post_begin AFTER UPDATE OF deleted_at ON social_post FOR EACH ROW
WHEN (OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL)
EXECUTE FUNCTION social_count_change('social_post', 'id', '1', 'reply_to_id', 'replies', 'repost_of_id', 'reposts');

CREATE TRIGGER social_post_counts_in_post_end AFTER UPDATE OF deleted_at ON social_post FOR EACH ROW
WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
EXECUTE FUNCTION social_count_change('social_post', 'id', '-1', 'reply_to_id', 'replies', 'repost_of_id', 'reposts');

CREATE TRIGGER social_post_counts_in_profile_insert AFTER INSERT ON social_post
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_profile', 'visitor_id', 'deleted_at IS NULL', 'author_id', 'posts');

CREATE TRIGGER social_post_counts_in_profile_delete AFTER DELETE ON social_post
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_profile', 'visitor_id', 'deleted_at IS NULL', 'author_id', 'posts');

CREATE TRIGGER social_post_counts_in_profile_begin AFTER UPDATE OF deleted_at ON social_post FOR EACH ROW
WHEN (OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL)
EXECUTE FUNCTION social_count_change('social_profile', 'visitor_id', '1', 'author_id', 'posts');

CREATE TRIGGER social_post_counts_in_profile_end AFTER UPDATE OF deleted_at ON social_post FOR EACH ROW
WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
EXECUTE FUNCTION social_count_change('social_profile', 'visitor_id', '-1', 'author_id', 'posts');

CREATE TRIGGER social_like_counts_in_post_insert AFTER INSERT ON social_like
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_post', 'id', 'true', 'post_id', 'likes');

CREATE TRIGGER social_like_counts_in_post_delete AFTER DELETE ON social_like
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_post', 'id', 'true', 'post_id', 'likes');

CREATE TRIGGER social_bookmark_counts_in_post_insert AFTER INSERT ON social_bookmark
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_post', 'id', 'true', 'post_id', 'bookmarks');

CREATE TRIGGER social_bookmark_counts_in_post_delete AFTER DELETE ON social_bookmark
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_post', 'id', 'true', 'post_id', 'bookmarks');

CREATE TRIGGER social_comment_counts_in_post_insert AFTER INSERT ON social_comment
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_post', 'id', 'deleted_at IS NULL', 'post_id', 'comments');

CREATE TRIGGER social_comment_counts_in_post_delete AFTER DELETE ON social_comment
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_post', 'id', 'deleted_at IS NULL', 'post_id', 'comments');

CREATE TRIGGER social_comment_counts_in_post_begin AFTER UPDATE OF deleted_at ON social_comment FOR EACH ROW
WHEN (OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL)
EXECUTE FUNCTION social_count_change('social_post', 'id', '1', 'post_id', 'comments');

CREATE TRIGGER social_comment_counts_in_post_end AFTER UPDATE OF deleted_at ON social_comment FOR EACH ROW
WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
EXECUTE FUNCTION social_count_change('social_post', 'id', '-1', 'post_id', 'comments');

CREATE TRIGGER social_posthashtag_counts_in_hashtag_insert AFTER INSERT ON social_posthashtag
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_hashtag', 'id', 'true', 'hashtag_id', 'posts');

CREATE TRIGGER social_posthashtag_counts_in_hashtag_delete AFTER DELETE ON social_posthashtag
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_hashtag', 'id', 'true', 'hashtag_id', 'posts');

CREATE TRIGGER social_notificationactor_counts_in_notification_insert AFTER INSERT ON social_notificationactor
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_notification', 'id', 'true', 'notification_id', 'actors');

CREATE TRIGGER social_notificationactor_counts_in_notification_delete AFTER DELETE ON social_notificationactor
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
EXECUTE FUNCTION social_count_rows('social_notification', 'id', 'true', 'notification_id', 'actors');
