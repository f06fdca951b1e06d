-- Keeps the rating of a product: how many reviews that are not hidden, and the sum of their stars.
-- A counter goes up and down in one UPDATE; a review that moves to another product touches both in the order of ids.
CREATE FUNCTION commerce_count_review() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN
        SELECT product_id, sum(number) AS number, sum(stars) AS stars
        FROM (
            SELECT OLD.product_id, -1 AS number, -OLD.rating::bigint AS stars
            WHERE TG_OP <> 'INSERT' AND OLD.hidden_at IS NULL
            UNION ALL
            SELECT NEW.product_id, 1, NEW.rating WHERE TG_OP <> 'DELETE' AND NEW.hidden_at IS NULL
        ) AS each_side
        GROUP BY product_id HAVING sum(number) <> 0 OR sum(stars) <> 0
        ORDER BY product_id
    LOOP
        EXECUTE format(
            'UPDATE %I.%I SET rating_count = rating_count + $1, rating_sum = rating_sum + $2 WHERE id = $3',
            TG_TABLE_SCHEMA, 'commerce_product')
            USING change.number, change.stars, change.product_id;
    END LOOP;
    RETURN NULL;
END
$$
