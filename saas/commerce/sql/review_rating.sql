CREATE TRIGGER commerce_review_rating
AFTER INSERT OR DELETE OR UPDATE OF product_id, rating, hidden_at ON commerce_review
FOR EACH ROW EXECUTE FUNCTION commerce_count_review()
