-- Refuses to take the last variant of a product that stays. Deferred, since a product is deleted after its variants.
-- The product's row is locked, so that two who each leave the other's variant behind wait for each other.
CREATE FUNCTION commerce_refuse_last_variant() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    found_product boolean;
    found_variant boolean;
BEGIN
    EXECUTE format('SELECT true FROM %I.%I WHERE id = $1 FOR NO KEY UPDATE', TG_TABLE_SCHEMA, 'commerce_product')
        INTO found_product USING OLD.product_id;
    IF found_product THEN
        EXECUTE format('SELECT true FROM %s WHERE product_id = $1 LIMIT 1', TG_RELID::regclass)
            INTO found_variant USING OLD.product_id;
        IF found_variant IS NULL THEN
            RAISE EXCEPTION 'product % would have no variant', OLD.product_id
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    RETURN NULL;
END
$$
