CREATE TRIGGER commerce_variant_mark_low
BEFORE INSERT OR UPDATE OF quantity, stock_minimum, low_since ON commerce_variant
FOR EACH ROW EXECUTE FUNCTION commerce_mark_low_stock()
