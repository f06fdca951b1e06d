CREATE TRIGGER commerce_couponuse_kept
BEFORE DELETE ON commerce_couponuse
FOR EACH ROW EXECUTE FUNCTION commerce_keep_order_rows()
