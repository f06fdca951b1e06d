-- Keeps the number of those who found a review helpful, and refuses the vote of its author.
CREATE FUNCTION commerce_count_vote() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    author uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('UPDATE %I.%I SET helpful_count = helpful_count + 1 WHERE id = $1 RETURNING customer_id',
                       TG_TABLE_SCHEMA, 'commerce_review')
            INTO author USING NEW.review_id;
        IF author = NEW.customer_id THEN
            RAISE EXCEPTION 'the author of review % voted for it', NEW.review_id
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_reviewvote_not_own';
        END IF;
    ELSE
        EXECUTE format('UPDATE %I.%I SET helpful_count = helpful_count - 1 WHERE id = $1',
                       TG_TABLE_SCHEMA, 'commerce_review')
            USING OLD.review_id;
    END IF;
    RETURN NULL;
END
$$
