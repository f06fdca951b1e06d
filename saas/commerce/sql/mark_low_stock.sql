-- Says since when a variant's stock is low, and forgets who was told as soon as it is no more.
CREATE FUNCTION commerce_mark_low_stock() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.quantity <= NEW.stock_minimum THEN
        NEW.low_since := coalesce(NEW.low_since, clock_timestamp());
    ELSE
        NEW.low_since := NULL;
        NEW.low_told_at := NULL;
    END IF;
    RETURN NEW;
END
$$
