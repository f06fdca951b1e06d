CREATE TRIGGER commerce_order_logged
AFTER INSERT OR UPDATE OF status, payment_status ON commerce_order
FOR EACH ROW EXECUTE FUNCTION commerce_log_order()
