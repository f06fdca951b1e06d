-- A vote is given or taken back; one that moved would be counted nowhere.
CREATE TRIGGER commerce_reviewvote_unchanged
BEFORE UPDATE ON commerce_reviewvote
FOR EACH STATEMENT EXECUTE FUNCTION commerce_refuse_change()
