CREATE TRIGGER commerce_reviewvote_count
AFTER INSERT OR DELETE ON commerce_reviewvote
FOR EACH ROW EXECUTE FUNCTION commerce_count_vote()
