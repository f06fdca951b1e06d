-- What no order does, whoever writes: begin in the middle, take a step that does not follow, change what was agreed,
-- disappear. Each change of state gets its number; who made it is known only where changed_at was written with it.
CREATE FUNCTION commerce_guard_order() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    steps CONSTANT text[] := ARRAY[
        'pending>confirmed', 'pending>cancelled',
        'confirmed>processing', 'confirmed>cancelled',
        'processing>shipped', 'processing>cancelled',
        'shipped>delivered', 'shipped>returned',
        'delivered>returned'];
    payment_steps CONSTANT text[] := ARRAY[
        'unpaid>authorized', 'unpaid>paid', 'unpaid>failed',
        'failed>authorized', 'failed>paid',
        'authorized>paid', 'authorized>failed', 'authorized>unpaid',
        'paid>partially_refunded', 'paid>refunded',
        'partially_refunded>refunded'];
    broken text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF (NEW.status, NEW.payment_status) IS DISTINCT FROM ('pending', 'unpaid') THEN
            broken := 'commerce_order_begins_pending';
        END IF;
        NEW.changes := 1;
    ELSIF TG_OP = 'DELETE' THEN
        broken := 'commerce_order_kept';
    ELSIF to_jsonb(NEW) - ARRAY['status', 'payment_status', 'tracking_number', 'changes', 'changed_by', 'changed_at']
        IS DISTINCT FROM
        to_jsonb(OLD) - ARRAY['status', 'payment_status', 'tracking_number', 'changes', 'changed_by', 'changed_at']
    THEN
        broken := 'commerce_order_unchangeable';
    ELSIF NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) <> ALL (steps) THEN
        broken := 'commerce_order_status_follows';
    ELSIF NEW.payment_status <> OLD.payment_status
        AND (OLD.payment_status || '>' || NEW.payment_status) <> ALL (payment_steps)
    THEN
        broken := 'commerce_order_payment_status_follows';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'order % refuses this % (% / %)', OLD.number, lower(TG_OP), NEW.status, NEW.payment_status
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = broken;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        NEW.changes := OLD.changes + (NEW.status <> OLD.status)::int
            + (NEW.payment_status <> OLD.payment_status)::int;
        IF NEW.changes = OLD.changes THEN
            NEW.changed_by := OLD.changed_by;
            NEW.changed_at := OLD.changed_at;
        ELSIF NEW.changed_at = OLD.changed_at THEN
            NEW.changed_by := '';
            NEW.changed_at := now();
        END IF;
    END IF;
    RETURN NEW;
END
$$
