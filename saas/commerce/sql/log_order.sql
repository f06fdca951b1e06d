-- Writes each change of an order's state into its history, so that none is missing there.
CREATE FUNCTION commerce_log_order() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    line CONSTANT text := format(
        'INSERT INTO %I.%I (id, order_id, number, field, before, after, by, at)'
        ' VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7)', TG_TABLE_SCHEMA, 'commerce_orderchange');
    status_before text := '';
    payment_before text := NEW.payment_status;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        status_before := OLD.status;
        payment_before := OLD.payment_status;
    END IF;
    IF NEW.status <> status_before THEN
        EXECUTE line USING NEW.id, NEW.changes - (NEW.payment_status <> payment_before)::int, 'status',
            status_before, NEW.status, NEW.changed_by, NEW.changed_at;
    END IF;
    IF NEW.payment_status <> payment_before THEN
        EXECUTE line USING NEW.id, NEW.changes, 'payment_status', payment_before, NEW.payment_status,
            NEW.changed_by, NEW.changed_at;
    END IF;
    RETURN NULL;
END
$$
