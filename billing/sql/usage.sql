-- take_counts --
WITH taken AS (
    DELETE FROM billing_usagecount RETURNING tenant_id, meter, hour, quantity
)
SELECT tenant_id, meter, hour, sum(quantity)::bigint
FROM taken
GROUP BY tenant_id, meter, hour
ORDER BY tenant_id, meter, hour

-- add_hours --
INSERT INTO billing_usagehour AS h (id, tenant_id, meter, hour, quantity)
SELECT id, tenant_id, meter, hour, quantity
FROM jsonb_to_recordset(%(hours)s)
    AS r (id uuid, tenant_id uuid, meter text, hour timestamptz, quantity bigint)
ON CONFLICT (tenant_id, meter, hour) DO UPDATE SET quantity = h.quantity + excluded.quantity
