-- Lines and history of orders are what they were. History is written by the order's own trigger, one level deeper.
CREATE FUNCTION commerce_keep_order_rows() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND pg_trigger_depth() > 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% refuses this %', TG_TABLE_NAME, lower(TG_OP)
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_kept';
END
$$
