-- Keeps on a conversation who takes or took part in it, for its policy. Rows of participants are never moved or deleted.
CREATE FUNCTION social_remember_members() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'UPDATE %I.%I AS above SET members = members || ARRAY('
        '  SELECT profile_id FROM added WHERE conversation_id = above.id AND profile_id <> ALL (above.members))'
        ' WHERE EXISTS (SELECT FROM added WHERE conversation_id = above.id AND profile_id <> ALL (above.members))',
        TG_TABLE_SCHEMA, 'social_conversation');
    RETURN NULL;
END
$$
