-- AFTER, so that a statement that moves several categories is judged by its outcome.
CREATE TRIGGER commerce_category_acyclic
AFTER INSERT OR UPDATE OF id, parent_id ON commerce_category
FOR EACH ROW EXECUTE FUNCTION commerce_refuse_category_cycle()
