-- Foreign keys of two columns, which Django cannot say: an answer is of the same post or conversation, and who writes
-- takes part.
ALTER TABLE social_comment ADD CONSTRAINT social_comment_reply_in_post
    FOREIGN KEY (post_id, reply_to_id) REFERENCES social_comment (post_id, id);
ALTER TABLE social_message ADD CONSTRAINT social_message_reply_in_conversation
    FOREIGN KEY (conversation_id, reply_to_id) REFERENCES social_message (conversation_id, id);
ALTER TABLE social_message ADD CONSTRAINT social_message_author_takes_part
    FOREIGN KEY (conversation_id, author_id) REFERENCES social_participant (conversation_id, profile_id);

CREATE TRIGGER social_follow_not_blocked BEFORE INSERT ON social_follow FOR EACH ROW
EXECUTE FUNCTION social_refuse_blocked('follower_id', 'followee_id', 'social_follow_not_blocked');

CREATE TRIGGER social_postedit_written_once BEFORE UPDATE ON social_postedit FOR EACH ROW
EXECUTE FUNCTION social_refuse_change('social_postedit_written_once');
CREATE TRIGGER social_decision_written_once BEFORE UPDATE OR DELETE ON social_decision FOR EACH ROW
EXECUTE FUNCTION social_refuse_change('social_decision_written_once');
CREATE TRIGGER social_moderationentry_written_once BEFORE UPDATE OR DELETE ON social_moderationentry FOR EACH ROW
EXECUTE FUNCTION social_refuse_change('social_moderationentry_written_once');
CREATE TRIGGER social_report_decided_once BEFORE UPDATE ON social_report FOR EACH ROW
WHEN (OLD.decided_at IS NOT NULL)
EXECUTE FUNCTION social_refuse_change('social_report_decided_once');
