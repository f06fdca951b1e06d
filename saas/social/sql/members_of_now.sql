UPDATE social_conversation AS above
SET members = ARRAY(SELECT profile_id FROM social_participant WHERE conversation_id = above.id ORDER BY profile_id)
