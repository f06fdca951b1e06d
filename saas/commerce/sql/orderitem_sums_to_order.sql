CREATE TRIGGER commerce_orderitem_sums_to_order
AFTER INSERT ON commerce_orderitem REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION commerce_add_up_items()
