-- Numbers a stock entry, fills in what was there before and after, and sets the variant's quantity to it.
-- The variant's row is locked first, so entries of one variant follow each other; foreign keys to it do not wait.
CREATE FUNCTION commerce_apply_stock_entry() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    maximum integer;
BEGIN
    EXECUTE format('SELECT quantity, stock_maximum FROM %I.%I WHERE id = $1 FOR NO KEY UPDATE',
                   TG_TABLE_SCHEMA, 'commerce_variant')
        INTO NEW.previous_quantity, maximum USING NEW.variant_id;
    IF NEW.previous_quantity IS NULL THEN
        NEW.previous_quantity := 0;  -- no such variant: the foreign key says so
        NEW.quantity := NEW.change;
        RETURN NEW;
    END IF;
    maximum := least(CASE NEW.kind WHEN 'purchase' THEN maximum END, 2147483647);  -- what an integer holds
    IF NEW.previous_quantity::bigint + NEW.change > maximum THEN
        RAISE EXCEPTION 'the stock of % would be above its maximum of %', NEW.variant_id, maximum
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_stockentry_maximum';
    END IF;
    NEW.quantity := NEW.previous_quantity + NEW.change;
    EXECUTE format('SELECT coalesce(max(number), 0) + 1 FROM %s WHERE variant_id = $1', TG_RELID::regclass)
        INTO NEW.number USING NEW.variant_id;
    EXECUTE format('UPDATE %I.%I SET quantity = $1 WHERE id = $2', TG_TABLE_SCHEMA, 'commerce_variant')
        USING NEW.quantity, NEW.variant_id;
    RETURN NEW;
END
$$
