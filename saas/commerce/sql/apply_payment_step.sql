-- Keeps the amounts of a payment: what was authorized and captured counts when it succeeded, a refund from the moment
-- that it is asked for until it failed, so that two at once never give back more than was taken.
CREATE FUNCTION commerce_apply_payment_step() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    counted bigint := 0;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.state = OLD.state THEN
            RETURN NULL;
        END IF;
        IF OLD.kind = 'refund' AND OLD.state <> 'failed' OR OLD.state = 'succeeded' THEN
            counted := -OLD.amount;
        END IF;
    END IF;
    IF NEW.kind = 'refund' AND NEW.state <> 'failed' OR NEW.state = 'succeeded' THEN
        counted := counted + NEW.amount;
    END IF;
    IF counted <> 0 AND NEW.kind <> 'release' THEN
        EXECUTE format('UPDATE %I.%I SET %I = %I + $1 WHERE id = $2', TG_TABLE_SCHEMA, 'commerce_payment',
            CASE NEW.kind WHEN 'authorize' THEN 'authorized' WHEN 'capture' THEN 'captured' ELSE 'refunded' END,
            CASE NEW.kind WHEN 'authorize' THEN 'authorized' WHEN 'capture' THEN 'captured' ELSE 'refunded' END)
            USING counted, NEW.payment_id;
    END IF;
    RETURN NULL;
END
$$
