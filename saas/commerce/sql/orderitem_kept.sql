CREATE TRIGGER commerce_orderitem_kept
BEFORE UPDATE OR DELETE ON commerce_orderitem
FOR EACH ROW EXECUTE FUNCTION commerce_keep_order_rows()
