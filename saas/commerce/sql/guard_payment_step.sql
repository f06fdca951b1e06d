-- A request to a provider is settled once, and nothing else of it changes.
CREATE FUNCTION commerce_guard_payment_step() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state = 'requested'
            AND to_jsonb(NEW) - ARRAY['state', 'reference', 'reason', 'settled_at']
                = to_jsonb(OLD) - ARRAY['state', 'reference', 'reason', 'settled_at']
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'payment step % refuses this %', OLD.id, lower(TG_OP)
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_paymentstep_settled_once';
END
$$
