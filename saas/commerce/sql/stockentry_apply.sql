CREATE TRIGGER commerce_stockentry_apply
BEFORE INSERT ON commerce_stockentry
FOR EACH ROW EXECUTE FUNCTION commerce_apply_stock_entry()
