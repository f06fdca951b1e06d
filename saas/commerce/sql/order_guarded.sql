CREATE TRIGGER commerce_order_guarded
BEFORE INSERT OR UPDATE OR DELETE ON commerce_order
FOR EACH ROW EXECUTE FUNCTION commerce_guard_order()
