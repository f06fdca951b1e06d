-- One row for each day of the range, also for those without an order. Days begin at the midnight of the zone; the range
-- of placed_at is compared as it is stored, so that an index serves it.
WITH sold AS (
    SELECT (o.placed_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS orders, sum(o.subtotal) AS subtotal,
        sum(o.discount) AS discount, sum(o.tax) AS tax, sum(o.shipping) AS shipping, sum(o.total) AS total
    FROM commerce_order o
    WHERE o.placed_at >= %(start)s AND o.placed_at < %(end)s AND o.currency = %(currency)s
        AND o.status <> 'cancelled'
    GROUP BY 1)
SELECT days.day::date, coalesce(s.orders, 0), coalesce(s.subtotal, 0)::bigint, coalesce(s.discount, 0)::bigint,
    coalesce(s.tax, 0)::bigint, coalesce(s.shipping, 0)::bigint, coalesce(s.total, 0)::bigint,
    (sum(coalesce(s.total, 0)) OVER (ORDER BY days.day))::bigint
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS days (day)
LEFT JOIN sold s ON s.day = days.day::date
ORDER BY days.day
