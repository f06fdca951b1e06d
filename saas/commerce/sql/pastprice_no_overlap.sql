-- No two times of one product overlap. GiST compares no uuid without an extension, but it does compare addresses, and
-- a uuid and an address of IPv6 are both 128 bits: the same hex digits, in groups of four with colons between them.
ALTER TABLE commerce_pastprice ADD CONSTRAINT commerce_pastprice_no_overlap EXCLUDE USING gist (
    (regexp_replace(replace(product_id::text, '-', ''), '(.{4})(?=.)', '\1:', 'g')::inet) inet_ops WITH =,
    tstzrange(valid_from, valid_until) WITH &&
)
