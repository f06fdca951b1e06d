-- Counts the uses of a coupon. The UPDATE locks its row, so that uses of one coupon come one after the other; then the
-- CHECK refuses one above the limit of all, and the count of the customer's own one above the limit of each.
CREATE FUNCTION commerce_count_coupon_use() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    added int := (NEW.returned_at IS NULL)::int;
    allowed int;
    counted bigint;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.coupon_id, NEW.customer_id, NEW.order_id) IS DISTINCT FROM (OLD.coupon_id, OLD.customer_id, OLD.order_id)
            OR (OLD.returned_at IS NOT NULL AND NEW.returned_at IS NULL)
        THEN
            RAISE EXCEPTION 'a use of a coupon is given back, and nothing else'
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_couponuse_kept';
        END IF;
        added := added - (OLD.returned_at IS NULL)::int;
    END IF;
    IF added = 0 THEN
        RETURN NULL;
    END IF;
    EXECUTE format('UPDATE %I.%I SET used = used + $1 WHERE id = $2 RETURNING customer_limit',
        TG_TABLE_SCHEMA, 'commerce_coupon') INTO allowed USING added, NEW.coupon_id;
    IF added > 0 AND allowed IS NOT NULL THEN
        EXECUTE format(
            'SELECT count(*) FROM %I.%I WHERE coupon_id = $1 AND customer_id = $2 AND returned_at IS NULL',
            TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO counted USING NEW.coupon_id, NEW.customer_id;
        IF counted > allowed THEN
            RAISE EXCEPTION 'customer % has used coupon % often enough', NEW.customer_id, NEW.coupon_id
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                    CONSTRAINT = 'commerce_couponuse_within_customer_limit';
        END IF;
    END IF;
    RETURN NULL;
END
$$
