-- The lines of an order come in one statement and are together what the order says; later ones would not add up.
CREATE FUNCTION commerce_add_up_items() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    wrong uuid;
BEGIN
    EXECUTE format(
        'SELECT id FROM %I.%I JOIN ('
        '  SELECT order_id, sum(subtotal) AS subtotals, sum(discount) AS discounts, sum(tax) AS taxes'
        '  FROM %I.%I WHERE order_id IN (SELECT order_id FROM added) GROUP BY order_id) AS items ON order_id = id'
        ' WHERE (subtotals, discounts, taxes) IS DISTINCT FROM (subtotal, discount, tax) LIMIT 1',
        TG_TABLE_SCHEMA, 'commerce_order', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO wrong;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the lines of order % are not what it says', wrong
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_orderitem_sums_to_order';
    END IF;
    RETURN NULL;
END
$$
