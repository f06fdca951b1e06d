CREATE CONSTRAINT TRIGGER commerce_variant_last
AFTER DELETE OR UPDATE OF product_id ON commerce_variant
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION commerce_refuse_last_variant()
