CREATE TRIGGER commerce_orderchange_kept
BEFORE INSERT OR UPDATE OR DELETE ON commerce_orderchange
FOR EACH ROW EXECUTE FUNCTION commerce_keep_order_rows()
