-- A tenant's schema, derived from a migrated template: do not edit.

-- before --

CREATE TABLE commerce_address (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    company character varying(200) NOT NULL,
    line1 character varying(200) NOT NULL,
    line2 character varying(200) NOT NULL,
    postal_code character varying(20) NOT NULL,
    city character varying(200) NOT NULL,
    region character varying(200) NOT NULL,
    country character varying(2) NOT NULL,
    is_default_shipping boolean NOT NULL,
    is_default_billing boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    customer_id uuid NOT NULL,
    CONSTRAINT commerce_address_country_iso CHECK (((country)::text ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT commerce_address_not_blank CHECK ((((name)::text ~ '\S'::text) AND ((line1)::text ~ '\S'::text) AND ((city)::text ~ '\S'::text)))
);
-- --

CREATE TABLE commerce_brand (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    slug character varying(100) NOT NULL,
    description text NOT NULL,
    website character varying(500) NOT NULL,
    CONSTRAINT commerce_brand_name_not_blank CHECK (((name)::text ~ '\S'::text)),
    CONSTRAINT commerce_brand_slug_format CHECK (((slug)::text ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text)),
    CONSTRAINT commerce_brand_website_format CHECK ((((website)::text = ''::text) OR ((website)::text ~ '^https?://[^\s]+$'::text)))
);
-- --

CREATE TABLE commerce_cart (
    id uuid NOT NULL,
    currency character varying(3),
    created_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    customer_id uuid NOT NULL,
    merged_into_id uuid,
    CONSTRAINT commerce_cart_currency_iso CHECK (((currency IS NULL) OR ((currency)::text ~ '^[A-Z]{3}$'::text))),
    CONSTRAINT commerce_cart_merged_is_closed CHECK (((merged_into_id IS NULL) OR ((closed_at IS NOT NULL) AND (NOT ((merged_into_id = id) AND (merged_into_id IS NOT NULL))))))
);
-- --

CREATE TABLE commerce_cartline (
    id uuid NOT NULL,
    quantity integer NOT NULL,
    added_at timestamp with time zone NOT NULL,
    cart_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    CONSTRAINT commerce_cartline_quantity_in_range CHECK (((quantity >= 1) AND (quantity <= 999)))
);
-- --

CREATE TABLE commerce_category (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    slug character varying(100) NOT NULL,
    "position" integer NOT NULL,
    parent_id uuid,
    CONSTRAINT commerce_category_name_not_blank CHECK (((name)::text ~ '\S'::text)),
    CONSTRAINT commerce_category_not_own_parent CHECK (((parent_id IS NULL) OR (NOT ((parent_id = id) AND (parent_id IS NOT NULL))))),
    CONSTRAINT commerce_category_position_not_negative CHECK (("position" >= 0)),
    CONSTRAINT commerce_category_slug_format CHECK (((slug)::text ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text))
);
-- --

CREATE TABLE commerce_choice (
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    option_id uuid NOT NULL,
    value_id uuid NOT NULL
);
-- --

CREATE TABLE commerce_coupon (
    id uuid NOT NULL,
    code character varying(40) NOT NULL,
    currency character varying(3) NOT NULL,
    percent numeric(5,2),
    amount bigint,
    minimum_order bigint NOT NULL,
    maximum_discount bigint,
    total_limit integer,
    customer_limit integer,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    used integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT commerce_coupon_bounds_not_negative CHECK (((minimum_order >= 0) AND ((maximum_discount IS NULL) OR (maximum_discount > 0)))),
    CONSTRAINT commerce_coupon_code_format CHECK (((code)::text ~ '^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$'::text)),
    CONSTRAINT commerce_coupon_currency_iso CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT commerce_coupon_limits_positive CHECK ((((total_limit IS NULL) OR (total_limit > 0)) AND ((customer_limit IS NULL) OR (customer_limit > 0)))),
    CONSTRAINT commerce_coupon_percent_or_amount CHECK ((((amount IS NULL) AND (percent > (0)::numeric) AND (percent IS NOT NULL) AND (percent <= (100)::numeric)) OR ((amount > 0) AND (amount IS NOT NULL) AND (percent IS NULL)))),
    CONSTRAINT commerce_coupon_starts_before_end CHECK (((starts_at IS NULL) OR (ends_at IS NULL) OR (starts_at < ends_at))),
    CONSTRAINT commerce_coupon_used_within_limit CHECK (((used >= 0) AND ((total_limit IS NULL) OR (used <= total_limit))))
);
-- --

CREATE TABLE commerce_couponcustomer (
    id uuid NOT NULL,
    coupon_id uuid NOT NULL,
    customer_id uuid NOT NULL
);
-- --

CREATE TABLE commerce_couponproduct (
    id uuid NOT NULL,
    coupon_id uuid NOT NULL,
    product_id uuid NOT NULL
);
-- --

CREATE TABLE commerce_couponuse (
    id uuid NOT NULL,
    discount bigint NOT NULL,
    used_at timestamp with time zone NOT NULL,
    returned_at timestamp with time zone,
    coupon_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    order_id uuid NOT NULL,
    CONSTRAINT commerce_couponuse_discount_not_negative CHECK ((discount >= 0))
);
-- --

CREATE TABLE commerce_customer (
    visitor_id uuid NOT NULL,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL
);
-- --

CREATE TABLE commerce_image (
    id uuid NOT NULL,
    key character varying(500) NOT NULL,
    alt character varying(200) NOT NULL,
    "position" integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    brand_id uuid,
    category_id uuid,
    product_id uuid,
    CONSTRAINT commerce_image_key_format CHECK (((key)::text ~ '^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$'::text)),
    CONSTRAINT commerce_image_of_exactly_one CHECK ((num_nonnulls(product_id, category_id, brand_id) = 1)),
    CONSTRAINT commerce_image_position_not_negative CHECK (("position" >= 0))
);
-- --

CREATE TABLE commerce_option (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    "position" integer NOT NULL,
    product_id uuid NOT NULL,
    CONSTRAINT commerce_option_name_not_blank CHECK (((name)::text ~ '\S'::text)),
    CONSTRAINT commerce_option_position_not_negative CHECK (("position" >= 0))
);
-- --

CREATE TABLE commerce_optionvalue (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    price_modifier bigint NOT NULL,
    "position" integer NOT NULL,
    option_id uuid NOT NULL,
    CONSTRAINT commerce_optionvalue_name_not_blank CHECK (((name)::text ~ '\S'::text)),
    CONSTRAINT commerce_optionvalue_position_not_negative CHECK (("position" >= 0)),
    CONSTRAINT commerce_optionvalue_price_modifier_not_negative CHECK ((price_modifier >= 0))
);
-- --

CREATE TABLE commerce_order (
    id uuid NOT NULL,
    number bigint NOT NULL,
    status character varying(20) NOT NULL,
    payment_status character varying(20) NOT NULL,
    currency character varying(3) NOT NULL,
    subtotal bigint NOT NULL,
    discount bigint NOT NULL,
    shipping bigint NOT NULL,
    tax bigint NOT NULL,
    tax_included boolean NOT NULL,
    total bigint NOT NULL,
    email character varying(254) NOT NULL,
    shipping_address jsonb NOT NULL,
    billing_address jsonb NOT NULL,
    tracking_number character varying(100) NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    changes integer NOT NULL,
    changed_by character varying(100) NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    cart_id uuid,
    customer_id uuid NOT NULL,
    CONSTRAINT commerce_order_addresses_complete CHECK (((shipping_address ?& '{name,line1,city,country}'::text[]) AND (billing_address ?& '{name,line1,city,country}'::text[]) AND ((shipping_address ->> 'country'::text) ~ '^[A-Z]{2}$'::text) AND ((billing_address ->> 'country'::text) ~ '^[A-Z]{2}$'::text))),
    CONSTRAINT commerce_order_adds_up CHECK ((((NOT tax_included) AND (total = (((subtotal - discount) + shipping) + tax))) OR (tax_included AND (total = ((subtotal - discount) + shipping))))),
    CONSTRAINT commerce_order_amounts_not_negative CHECK (((shipping >= 0) AND (subtotal >= 0) AND (tax >= 0) AND (discount >= 0) AND (discount <= subtotal))),
    CONSTRAINT commerce_order_currency_iso CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT commerce_order_number_positive CHECK ((number >= 1)),
    CONSTRAINT commerce_order_payment_status_known CHECK (((payment_status)::text ~ '^(unpaid|authorized|paid|partially_refunded|refunded|failed)$'::text)),
    CONSTRAINT commerce_order_status_known CHECK (((status)::text ~ '^(pending|confirmed|processing|shipped|delivered|cancelled|returned)$'::text))
);
-- --

CREATE TABLE commerce_orderchange (
    id uuid NOT NULL,
    number integer NOT NULL,
    field character varying(20) NOT NULL,
    before character varying(20) NOT NULL,
    after character varying(20) NOT NULL,
    by character varying(100) NOT NULL,
    at timestamp with time zone NOT NULL,
    order_id uuid NOT NULL
);
-- --

CREATE TABLE commerce_ordercounter (
    id uuid NOT NULL,
    "position" smallint NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT commerce_ordercounter_first_row CHECK (("position" = 1)),
    CONSTRAINT commerce_ordercounter_last_positive CHECK ((last >= 1))
);
-- --

CREATE TABLE commerce_orderitem (
    id uuid NOT NULL,
    "position" integer NOT NULL,
    name character varying(200) NOT NULL,
    variant_name character varying(200) NOT NULL,
    sku character varying(64) NOT NULL,
    unit_price bigint NOT NULL,
    quantity integer NOT NULL,
    subtotal bigint NOT NULL,
    discount bigint NOT NULL,
    total bigint NOT NULL,
    tax_rate numeric(5,4) NOT NULL,
    tax bigint NOT NULL,
    order_id uuid NOT NULL,
    product_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    CONSTRAINT commerce_orderitem_adds_up CHECK (((subtotal = (unit_price * quantity)) AND (total = (subtotal - discount)))),
    CONSTRAINT commerce_orderitem_amounts_not_negative CHECK (((discount >= 0) AND (tax >= 0) AND (tax_rate >= (0)::numeric) AND (unit_price >= 0) AND (discount <= subtotal))),
    CONSTRAINT commerce_orderitem_quantity_positive CHECK ((quantity >= 1))
);
-- --

CREATE TABLE commerce_pastprice (
    id uuid NOT NULL,
    price bigint NOT NULL,
    currency character varying(3) NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    product_id uuid NOT NULL,
    CONSTRAINT commerce_pastprice_currency_iso CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT commerce_pastprice_price_not_negative CHECK ((price >= 0)),
    CONSTRAINT commerce_pastprice_time_not_empty CHECK ((valid_from < valid_until))
);
-- --

CREATE TABLE commerce_payment (
    id uuid NOT NULL,
    provider character varying(50) NOT NULL,
    amount bigint NOT NULL,
    currency character varying(3) NOT NULL,
    reference character varying(255) NOT NULL,
    authorized bigint NOT NULL,
    captured bigint NOT NULL,
    refunded bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    over_at timestamp with time zone,
    order_id uuid NOT NULL,
    CONSTRAINT commerce_payment_amount_positive CHECK ((amount > 0)),
    CONSTRAINT commerce_payment_authorized_within_amount CHECK (((authorized >= 0) AND (authorized <= amount))),
    CONSTRAINT commerce_payment_captured_within_authorized CHECK (((captured >= 0) AND (captured <= authorized))),
    CONSTRAINT commerce_payment_currency_iso CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT commerce_payment_refunded_within_captured CHECK (((refunded >= 0) AND (refunded <= captured)))
);
-- --

CREATE TABLE commerce_paymentstep (
    id uuid NOT NULL,
    kind character varying(10) NOT NULL,
    amount bigint NOT NULL,
    key character varying(255) NOT NULL,
    state character varying(10) NOT NULL,
    source character varying(255) NOT NULL,
    reference character varying(255) NOT NULL,
    reason character varying(255) NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    payment_id uuid NOT NULL,
    CONSTRAINT commerce_paymentstep_amount_positive CHECK ((amount > 0)),
    CONSTRAINT commerce_paymentstep_key_not_blank CHECK (((key)::text ~ '\S'::text)),
    CONSTRAINT commerce_paymentstep_kind_known CHECK (((kind)::text ~ '^(authorize|capture|release|refund)$'::text)),
    CONSTRAINT commerce_paymentstep_settled_has_date CHECK ((((settled_at IS NULL) AND ((state)::text = 'requested'::text)) OR (((state)::text ~ '^(succeeded|failed)$'::text) AND (settled_at IS NOT NULL))))
);
-- --

CREATE TABLE commerce_phone (
    id uuid NOT NULL,
    number character varying(16) NOT NULL,
    label character varying(200) NOT NULL,
    is_primary boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    customer_id uuid NOT NULL,
    CONSTRAINT commerce_phone_format CHECK (((number)::text ~ '^[+][1-9][0-9]{6,14}$'::text))
);
-- --

CREATE TABLE commerce_product (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    slug character varying(100) NOT NULL,
    sku character varying(64) NOT NULL,
    description text NOT NULL,
    price bigint NOT NULL,
    compare_at_price bigint,
    currency character varying(3) NOT NULL,
    published_at timestamp with time zone,
    archived_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    category_id uuid,
    barcode character varying(14) NOT NULL,
    cost bigint,
    featured_at timestamp with time zone,
    height integer,
    length integer,
    rating_count integer NOT NULL,
    rating_sum bigint NOT NULL,
    seo_description character varying(320) NOT NULL,
    seo_title character varying(120) NOT NULL,
    weight integer,
    width integer,
    brand_id uuid,
    search tsvector GENERATED ALWAYS AS (((setweight(to_tsvector('simple'::regconfig, (((((COALESCE(name, ''::character varying))::text || ' '::text) || (COALESCE(sku, ''::character varying))::text) || ' '::text) || (COALESCE(barcode, ''::character varying))::text)), 'A'::"char") || setweight(to_tsvector('simple'::regconfig, (((COALESCE(seo_title, ''::character varying))::text || ' '::text) || (COALESCE(seo_description, ''::character varying))::text)), 'B'::"char")) || setweight(to_tsvector('simple'::regconfig, COALESCE(description, ''::text)), 'C'::"char"))) STORED,
    CONSTRAINT commerce_product_barcode_format CHECK ((((barcode)::text = ''::text) OR ((barcode)::text ~ '^([0-9]{8}|[0-9]{12,14})$'::text))),
    CONSTRAINT commerce_product_compare_at_above_price CHECK (((compare_at_price IS NULL) OR (compare_at_price > price))),
    CONSTRAINT commerce_product_cost_not_negative CHECK (((cost IS NULL) OR (cost >= 0))),
    CONSTRAINT commerce_product_currency_iso CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT commerce_product_dimensions_all_or_none CHECK ((((height IS NULL) AND (length IS NULL) AND (width IS NULL)) OR ((height > 0) AND (height IS NOT NULL) AND (length > 0) AND (length IS NOT NULL) AND (width > 0) AND (width IS NOT NULL)))),
    CONSTRAINT commerce_product_name_not_blank CHECK (((name)::text ~ '\S'::text)),
    CONSTRAINT commerce_product_price_not_negative CHECK ((price >= 0)),
    CONSTRAINT commerce_product_rating_possible CHECK (((rating_count >= 0) AND (rating_sum >= rating_count) AND (rating_sum <= (rating_count * 5)))),
    CONSTRAINT commerce_product_sku_not_blank CHECK (((sku)::text ~ '^\S+( \S+)*$'::text)),
    CONSTRAINT commerce_product_slug_format CHECK (((slug)::text ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text)),
    CONSTRAINT commerce_product_weight_positive CHECK (((weight IS NULL) OR (weight > 0)))
);
-- --

CREATE TABLE commerce_producttag (
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    tag_id uuid NOT NULL
);
-- --

CREATE TABLE commerce_productview (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    customer_id uuid,
    product_id uuid NOT NULL
);
-- --

CREATE TABLE commerce_productviewday (
    id uuid NOT NULL,
    day date NOT NULL,
    count bigint NOT NULL,
    product_id uuid NOT NULL,
    CONSTRAINT commerce_productviewday_positive CHECK ((count > 0))
);
-- --

CREATE TABLE commerce_review (
    id uuid NOT NULL,
    rating smallint NOT NULL,
    title character varying(120) NOT NULL,
    body text NOT NULL,
    verified_order_id uuid,
    hidden_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    helpful_count integer NOT NULL,
    customer_id uuid NOT NULL,
    product_id uuid NOT NULL,
    CONSTRAINT commerce_review_helpful_not_negative CHECK ((helpful_count >= 0)),
    CONSTRAINT commerce_review_rating_range CHECK (((rating >= 1) AND (rating <= 5)))
);
-- --

CREATE TABLE commerce_reviewvote (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    customer_id uuid NOT NULL,
    review_id uuid NOT NULL
);
-- --

CREATE TABLE commerce_stockentry (
    id uuid NOT NULL,
    number integer NOT NULL,
    kind character varying(10) NOT NULL,
    change integer NOT NULL,
    previous_quantity integer NOT NULL,
    quantity integer NOT NULL,
    order_id uuid,
    transfer_id uuid,
    reference character varying(100) NOT NULL,
    reason character varying(500) NOT NULL,
    by character varying(100) NOT NULL,
    at timestamp with time zone NOT NULL,
    variant_id uuid NOT NULL,
    CONSTRAINT commerce_stockentry_adds_up CHECK ((quantity = (previous_quantity + change))),
    CONSTRAINT commerce_stockentry_kind_and_sign CHECK ((((change > 0) AND ((kind)::text = 'purchase'::text)) OR ((change < 0) AND ((kind)::text = 'sale'::text)) OR (((kind)::text = 'adjustment'::text) AND (NOT (change = 0))) OR ((change > 0) AND ((kind)::text = 'return'::text)) OR (((kind)::text = 'transfer'::text) AND (NOT (change = 0))))),
    CONSTRAINT commerce_stockentry_not_negative CHECK ((quantity >= 0)),
    CONSTRAINT commerce_stockentry_order_when_sold CHECK ((((((kind)::text = 'sale'::text) OR ((kind)::text = 'return'::text)) AND (order_id IS NOT NULL)) OR ((NOT ((kind)::text = 'sale'::text)) AND (NOT ((kind)::text = 'return'::text)) AND (order_id IS NULL)))),
    CONSTRAINT commerce_stockentry_transfer_when_moved CHECK (((((kind)::text = 'transfer'::text) AND (transfer_id IS NOT NULL)) OR ((NOT ((kind)::text = 'transfer'::text)) AND (transfer_id IS NULL))))
);
-- --

CREATE TABLE commerce_tag (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    slug character varying(100) NOT NULL,
    CONSTRAINT commerce_tag_name_not_blank CHECK (((name)::text ~ '\S'::text)),
    CONSTRAINT commerce_tag_slug_format CHECK (((slug)::text ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text))
);
-- --

CREATE TABLE commerce_variant (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    sku character varying(64) NOT NULL,
    price_modifier bigint NOT NULL,
    quantity integer NOT NULL,
    "position" integer NOT NULL,
    product_id uuid NOT NULL,
    barcode character varying(14) NOT NULL,
    low_since timestamp with time zone,
    low_told_at timestamp with time zone,
    stock_maximum integer,
    stock_minimum integer,
    CONSTRAINT commerce_variant_barcode_format CHECK ((((barcode)::text = ''::text) OR ((barcode)::text ~ '^([0-9]{8}|[0-9]{12,14})$'::text))),
    CONSTRAINT commerce_variant_name_not_blank CHECK (((name)::text ~ '\S'::text)),
    CONSTRAINT commerce_variant_position_not_negative CHECK (("position" >= 0)),
    CONSTRAINT commerce_variant_price_modifier_not_negative CHECK ((price_modifier >= 0)),
    CONSTRAINT commerce_variant_quantity_not_negative CHECK ((quantity >= 0)),
    CONSTRAINT commerce_variant_sku_not_blank CHECK (((sku)::text ~ '^\S+( \S+)*$'::text)),
    CONSTRAINT commerce_variant_stock_maximum_above_minimum CHECK (((stock_maximum IS NULL) OR ((stock_maximum > 0) AND ((stock_minimum IS NULL) OR (stock_maximum > stock_minimum))))),
    CONSTRAINT commerce_variant_stock_minimum_not_negative CHECK (((stock_minimum IS NULL) OR (stock_minimum >= 0))),
    CONSTRAINT commerce_variant_told_only_when_low CHECK (((low_told_at IS NULL) OR (low_since IS NOT NULL)))
);
-- --

CREATE TABLE commerce_wishlist (
    id uuid NOT NULL,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    customer_id uuid NOT NULL,
    CONSTRAINT commerce_wishlist_name_not_blank CHECK (((name)::text ~ '\S'::text))
);
-- --

CREATE TABLE commerce_wishlistitem (
    id uuid NOT NULL,
    quantity integer NOT NULL,
    note character varying(500) NOT NULL,
    added_at timestamp with time zone NOT NULL,
    product_id uuid NOT NULL,
    wishlist_id uuid NOT NULL,
    CONSTRAINT commerce_wishlistitem_quantity_positive CHECK ((quantity > 0))
);
-- --

CREATE TABLE django_migrations (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
-- --

CREATE TABLE visitors_visitor (
    id uuid NOT NULL,
    email character varying(254),
    password character varying(128) NOT NULL,
    epoch uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    verified_at timestamp with time zone,
    closed_at timestamp with time zone,
    last_seen_at timestamp with time zone,
    CONSTRAINT visitors_visitor_email_format CHECK (((email IS NULL) OR ((email)::text ~ '^[^@\s]+@[^@\s]+$'::text))),
    CONSTRAINT visitors_visitor_password_needs_email CHECK ((((password)::text = ''::text) OR (email IS NOT NULL))),
    CONSTRAINT visitors_visitor_verified_needs_email CHECK (((verified_at IS NULL) OR (email IS NOT NULL)))
);
-- --

-- rows --

INSERT INTO django_migrations (app, name, applied) VALUES ('visitors', '0001_visitors', now());
-- --

INSERT INTO django_migrations (app, name, applied) VALUES ('commerce', '0001_catalog', now());
-- --

INSERT INTO django_migrations (app, name, applied) VALUES ('commerce', '0002_customers', now());
-- --

INSERT INTO django_migrations (app, name, applied) VALUES ('commerce', '0003_catalog_details', now());
-- --

INSERT INTO django_migrations (app, name, applied) VALUES ('commerce', '0004_stock_and_reviews', now());
-- --

INSERT INTO django_migrations (app, name, applied) VALUES ('commerce', '0010_orders', now());
-- --

-- after --

CREATE OR REPLACE FUNCTION commerce_add_up_items()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_apply_payment_step()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    counted bigint := 0;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.state = OLD.state THEN
            RETURN NULL;
        END IF;
        IF OLD.kind = 'refund' AND OLD.state <> 'failed' OR OLD.state = 'succeeded' THEN
            counted := -OLD.amount;
        END IF;
    END IF;
    IF NEW.kind = 'refund' AND NEW.state <> 'failed' OR NEW.state = 'succeeded' THEN
        counted := counted + NEW.amount;
    END IF;
    IF counted <> 0 AND NEW.kind <> 'release' THEN
        EXECUTE format('UPDATE %I.%I SET %I = %I + $1 WHERE id = $2', TG_TABLE_SCHEMA, 'commerce_payment',
            CASE NEW.kind WHEN 'authorize' THEN 'authorized' WHEN 'capture' THEN 'captured' ELSE 'refunded' END,
            CASE NEW.kind WHEN 'authorize' THEN 'authorized' WHEN 'capture' THEN 'captured' ELSE 'refunded' END)
            USING counted, NEW.payment_id;
    END IF;
    RETURN NULL;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_apply_stock_entry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    maximum integer;
BEGIN
    EXECUTE format('SELECT quantity, stock_maximum FROM %I.%I WHERE id = $1 FOR NO KEY UPDATE',
                   TG_TABLE_SCHEMA, 'commerce_variant')
        INTO NEW.previous_quantity, maximum USING NEW.variant_id;
    IF NEW.previous_quantity IS NULL THEN
        NEW.previous_quantity := 0;  -- no such variant: the foreign key says so
        NEW.quantity := NEW.change;
        RETURN NEW;
    END IF;
    maximum := least(CASE NEW.kind WHEN 'purchase' THEN maximum END, 2147483647);  -- what an integer holds
    IF NEW.previous_quantity::bigint + NEW.change > maximum THEN
        RAISE EXCEPTION 'the stock of % would be above its maximum of %', NEW.variant_id, maximum
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_stockentry_maximum';
    END IF;
    NEW.quantity := NEW.previous_quantity + NEW.change;
    EXECUTE format('SELECT coalesce(max(number), 0) + 1 FROM %s WHERE variant_id = $1', TG_RELID::regclass)
        INTO NEW.number USING NEW.variant_id;
    EXECUTE format('UPDATE %I.%I SET quantity = $1 WHERE id = $2', TG_TABLE_SCHEMA, 'commerce_variant')
        USING NEW.quantity, NEW.variant_id;
    RETURN NEW;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_count_coupon_use()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    added int := (NEW.returned_at IS NULL)::int;
    allowed int;
    counted bigint;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.coupon_id, NEW.customer_id, NEW.order_id) IS DISTINCT FROM (OLD.coupon_id, OLD.customer_id, OLD.order_id)
            OR (OLD.returned_at IS NOT NULL AND NEW.returned_at IS NULL)
        THEN
            RAISE EXCEPTION 'a use of a coupon is given back, and nothing else'
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_couponuse_kept';
        END IF;
        added := added - (OLD.returned_at IS NULL)::int;
    END IF;
    IF added = 0 THEN
        RETURN NULL;
    END IF;
    EXECUTE format('UPDATE %I.%I SET used = used + $1 WHERE id = $2 RETURNING customer_limit',
        TG_TABLE_SCHEMA, 'commerce_coupon') INTO allowed USING added, NEW.coupon_id;
    IF added > 0 AND allowed IS NOT NULL THEN
        EXECUTE format(
            'SELECT count(*) FROM %I.%I WHERE coupon_id = $1 AND customer_id = $2 AND returned_at IS NULL',
            TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO counted USING NEW.coupon_id, NEW.customer_id;
        IF counted > allowed THEN
            RAISE EXCEPTION 'customer % has used coupon % often enough', NEW.customer_id, NEW.coupon_id
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                    CONSTRAINT = 'commerce_couponuse_within_customer_limit';
        END IF;
    END IF;
    RETURN NULL;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_count_review()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_count_vote()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    author uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('UPDATE %I.%I SET helpful_count = helpful_count + 1 WHERE id = $1 RETURNING customer_id',
                       TG_TABLE_SCHEMA, 'commerce_review')
            INTO author USING NEW.review_id;
        IF author = NEW.customer_id THEN
            RAISE EXCEPTION 'the author of review % voted for it', NEW.review_id
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_reviewvote_not_own';
        END IF;
    ELSE
        EXECUTE format('UPDATE %I.%I SET helpful_count = helpful_count - 1 WHERE id = $1',
                       TG_TABLE_SCHEMA, 'commerce_review')
            USING OLD.review_id;
    END IF;
    RETURN NULL;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_guard_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_guard_payment_step()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_keep_order_rows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' AND pg_trigger_depth() > 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% refuses this %', TG_TABLE_NAME, lower(TG_OP)
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_kept';
END
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_log_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_mark_low_stock()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.quantity <= NEW.stock_minimum THEN
        NEW.low_since := coalesce(NEW.low_since, clock_timestamp());
    ELSE
        NEW.low_since := NULL;
        NEW.low_told_at := NULL;
    END IF;
    RETURN NEW;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_refuse_category_cycle()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    seen uuid[] := ARRAY[NEW.id];
    ancestor uuid := NEW.parent_id;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.parent_id) IS NOT DISTINCT FROM (OLD.id, OLD.parent_id) THEN
        RETURN NULL;
    END IF;
    WHILE ancestor IS NOT NULL LOOP
        IF ancestor = ANY (seen) THEN
            RAISE EXCEPTION 'category % would stand below itself', NEW.id
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_category_acyclic';
        END IF;
        seen := seen || ancestor;
        EXECUTE format('SELECT parent_id FROM %s WHERE id = $1 FOR SHARE', TG_RELID::regclass)
            INTO ancestor USING ancestor;
    END LOOP;
    RETURN NULL;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION commerce_refuse_last_variant()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    found_product boolean;
    found_variant boolean;
BEGIN
    EXECUTE format('SELECT true FROM %I.%I WHERE id = $1 FOR NO KEY UPDATE', TG_TABLE_SCHEMA, 'commerce_product')
        INTO found_product USING OLD.product_id;
    IF found_product THEN
        EXECUTE format('SELECT true FROM %s WHERE product_id = $1 LIMIT 1', TG_RELID::regclass)
            INTO found_variant USING OLD.product_id;
        IF found_variant IS NULL THEN
            RAISE EXCEPTION 'product % would have no variant', OLD.product_id
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    RETURN NULL;
END
$function$;
-- --

ALTER TABLE commerce_address ADD CONSTRAINT commerce_address_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_brand ADD CONSTRAINT commerce_brand_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_brand ADD CONSTRAINT commerce_brand_slug_unique UNIQUE (slug);
-- --

ALTER TABLE commerce_cart ADD CONSTRAINT commerce_cart_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_cartline ADD CONSTRAINT commerce_cartline_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_cartline ADD CONSTRAINT commerce_cartline_variant_once UNIQUE (cart_id, variant_id);
-- --

ALTER TABLE commerce_category ADD CONSTRAINT commerce_category_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_category ADD CONSTRAINT commerce_category_slug_unique UNIQUE (slug);
-- --

ALTER TABLE commerce_choice ADD CONSTRAINT commerce_choice_option_unique UNIQUE (variant_id, option_id);
-- --

ALTER TABLE commerce_choice ADD CONSTRAINT commerce_choice_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_coupon ADD CONSTRAINT commerce_coupon_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_couponcustomer ADD CONSTRAINT commerce_couponcustomer_once UNIQUE (coupon_id, customer_id);
-- --

ALTER TABLE commerce_couponcustomer ADD CONSTRAINT commerce_couponcustomer_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_couponproduct ADD CONSTRAINT commerce_couponproduct_once UNIQUE (coupon_id, product_id);
-- --

ALTER TABLE commerce_couponproduct ADD CONSTRAINT commerce_couponproduct_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_couponuse ADD CONSTRAINT commerce_couponuse_order_id_key UNIQUE (order_id);
-- --

ALTER TABLE commerce_couponuse ADD CONSTRAINT commerce_couponuse_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_customer ADD CONSTRAINT commerce_customer_pkey PRIMARY KEY (visitor_id);
-- --

ALTER TABLE commerce_image ADD CONSTRAINT commerce_image_once_per_brand UNIQUE (brand_id, key);
-- --

ALTER TABLE commerce_image ADD CONSTRAINT commerce_image_once_per_category UNIQUE (category_id, key);
-- --

ALTER TABLE commerce_image ADD CONSTRAINT commerce_image_once_per_product UNIQUE (product_id, key);
-- --

ALTER TABLE commerce_image ADD CONSTRAINT commerce_image_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_option ADD CONSTRAINT commerce_option_name_unique UNIQUE (product_id, name);
-- --

ALTER TABLE commerce_option ADD CONSTRAINT commerce_option_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_option ADD CONSTRAINT commerce_option_with_product UNIQUE (id, product_id);
-- --

ALTER TABLE commerce_optionvalue ADD CONSTRAINT commerce_optionvalue_name_unique UNIQUE (option_id, name);
-- --

ALTER TABLE commerce_optionvalue ADD CONSTRAINT commerce_optionvalue_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_optionvalue ADD CONSTRAINT commerce_optionvalue_with_option UNIQUE (id, option_id);
-- --

ALTER TABLE commerce_order ADD CONSTRAINT commerce_order_cart_id_key UNIQUE (cart_id);
-- --

ALTER TABLE commerce_order ADD CONSTRAINT commerce_order_number_unique UNIQUE (number);
-- --

ALTER TABLE commerce_order ADD CONSTRAINT commerce_order_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_orderchange ADD CONSTRAINT commerce_orderchange_number_once UNIQUE (order_id, number);
-- --

ALTER TABLE commerce_orderchange ADD CONSTRAINT commerce_orderchange_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_ordercounter ADD CONSTRAINT commerce_ordercounter_one_row UNIQUE ("position");
-- --

ALTER TABLE commerce_ordercounter ADD CONSTRAINT commerce_ordercounter_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_orderitem ADD CONSTRAINT commerce_orderitem_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_orderitem ADD CONSTRAINT commerce_orderitem_position_once UNIQUE (order_id, "position");
-- --

ALTER TABLE commerce_pastprice ADD CONSTRAINT commerce_pastprice_no_overlap EXCLUDE USING gist (((regexp_replace(replace((product_id)::text, '-'::text, ''::text), '(.{4})(?=.)'::text, '\1:'::text, 'g'::text))::inet) inet_ops WITH =, tstzrange(valid_from, valid_until) WITH &&);
-- --

ALTER TABLE commerce_pastprice ADD CONSTRAINT commerce_pastprice_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_payment ADD CONSTRAINT commerce_payment_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_paymentstep ADD CONSTRAINT commerce_paymentstep_key_unique UNIQUE (key);
-- --

ALTER TABLE commerce_paymentstep ADD CONSTRAINT commerce_paymentstep_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_phone ADD CONSTRAINT commerce_phone_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_phone ADD CONSTRAINT commerce_phone_unique UNIQUE (customer_id, number);
-- --

ALTER TABLE commerce_product ADD CONSTRAINT commerce_product_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_product ADD CONSTRAINT commerce_product_slug_unique UNIQUE (slug);
-- --

ALTER TABLE commerce_producttag ADD CONSTRAINT commerce_producttag_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_producttag ADD CONSTRAINT commerce_producttag_unique UNIQUE (product_id, tag_id);
-- --

ALTER TABLE commerce_productview ADD CONSTRAINT commerce_productview_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_productviewday ADD CONSTRAINT commerce_productviewday_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_productviewday ADD CONSTRAINT commerce_productviewday_unique UNIQUE (product_id, day);
-- --

ALTER TABLE commerce_review ADD CONSTRAINT commerce_review_once UNIQUE (product_id, customer_id);
-- --

ALTER TABLE commerce_review ADD CONSTRAINT commerce_review_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_reviewvote ADD CONSTRAINT commerce_reviewvote_once UNIQUE (review_id, customer_id);
-- --

ALTER TABLE commerce_reviewvote ADD CONSTRAINT commerce_reviewvote_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_stockentry ADD CONSTRAINT commerce_stockentry_number_unique UNIQUE (variant_id, number);
-- --

ALTER TABLE commerce_stockentry ADD CONSTRAINT commerce_stockentry_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_tag ADD CONSTRAINT commerce_tag_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_tag ADD CONSTRAINT commerce_tag_slug_unique UNIQUE (slug);
-- --

ALTER TABLE commerce_variant ADD CONSTRAINT commerce_variant_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_variant ADD CONSTRAINT commerce_variant_product_name_unique UNIQUE (product_id, name);
-- --

ALTER TABLE commerce_variant ADD CONSTRAINT commerce_variant_with_product UNIQUE (id, product_id);
-- --

ALTER TABLE commerce_wishlist ADD CONSTRAINT commerce_wishlist_name_unique UNIQUE (customer_id, name);
-- --

ALTER TABLE commerce_wishlist ADD CONSTRAINT commerce_wishlist_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_wishlistitem ADD CONSTRAINT commerce_wishlistitem_pkey PRIMARY KEY (id);
-- --

ALTER TABLE commerce_wishlistitem ADD CONSTRAINT commerce_wishlistitem_unique UNIQUE (wishlist_id, product_id);
-- --

ALTER TABLE django_migrations ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
-- --

ALTER TABLE visitors_visitor ADD CONSTRAINT visitors_visitor_pkey PRIMARY KEY (id);
-- --

CREATE INDEX commerce_address_of_customer ON commerce_address USING btree (customer_id, created_at, id);
-- --

CREATE UNIQUE INDEX commerce_address_one_default_billing ON commerce_address USING btree (customer_id) WHERE is_default_billing;
-- --

CREATE UNIQUE INDEX commerce_address_one_default_shipping ON commerce_address USING btree (customer_id) WHERE is_default_shipping;
-- --

CREATE INDEX commerce_cart_customer_id_bfdb5fef ON commerce_cart USING btree (customer_id);
-- --

CREATE INDEX commerce_cart_merged_into_id_4c07bb22 ON commerce_cart USING btree (merged_into_id);
-- --

CREATE UNIQUE INDEX commerce_cart_one_open ON commerce_cart USING btree (customer_id) WHERE (closed_at IS NULL);
-- --

CREATE INDEX commerce_cartline_variant_id_fb1fb2ba ON commerce_cartline USING btree (variant_id);
-- --

CREATE INDEX commerce_category_children ON commerce_category USING btree (parent_id, "position");
-- --

CREATE INDEX commerce_choice_of_product ON commerce_choice USING btree (product_id);
-- --

CREATE INDEX commerce_choice_of_value ON commerce_choice USING btree (option_id, value_id);
-- --

CREATE UNIQUE INDEX commerce_coupon_code_unique ON commerce_coupon USING btree (lower((code)::text));
-- --

CREATE INDEX commerce_couponcustomer_customer_id_5957e630 ON commerce_couponcustomer USING btree (customer_id);
-- --

CREATE INDEX commerce_couponproduct_product_id_7eb4c30d ON commerce_couponproduct USING btree (product_id);
-- --

CREATE INDEX commerce_couponuse_by_customer ON commerce_couponuse USING btree (coupon_id, customer_id);
-- --

CREATE INDEX commerce_couponuse_customer_id_bb4ec200 ON commerce_couponuse USING btree (customer_id);
-- --

CREATE INDEX commerce_order_in_status ON commerce_order USING btree (status, placed_at DESC, id DESC);
-- --

CREATE INDEX commerce_order_newest ON commerce_order USING btree (placed_at DESC, id DESC);
-- --

CREATE INDEX commerce_order_of_customer ON commerce_order USING btree (customer_id, placed_at DESC, id DESC);
-- --

CREATE INDEX commerce_orderitem_of_product ON commerce_orderitem USING btree (product_id, order_id);
-- --

CREATE INDEX commerce_orderitem_variant_id_bf9f2036 ON commerce_orderitem USING btree (variant_id);
-- --

CREATE INDEX commerce_pastprice_newest ON commerce_pastprice USING btree (product_id, valid_until DESC);
-- --

CREATE UNIQUE INDEX commerce_payment_one_open ON commerce_payment USING btree (order_id) WHERE (over_at IS NULL);
-- --

CREATE INDEX commerce_payment_order_id_e1894226 ON commerce_payment USING btree (order_id);
-- --

CREATE UNIQUE INDEX commerce_paymentstep_one_at_a_time ON commerce_paymentstep USING btree (payment_id) WHERE (((state)::text = 'requested'::text) AND (NOT ((kind)::text = 'refund'::text)));
-- --

CREATE INDEX commerce_paymentstep_payment_id_13b8eae3 ON commerce_paymentstep USING btree (payment_id);
-- --

CREATE INDEX commerce_paymentstep_unsettled ON commerce_paymentstep USING btree (requested_at) WHERE ((state)::text = 'requested'::text);
-- --

CREATE UNIQUE INDEX commerce_phone_one_primary ON commerce_phone USING btree (customer_id) WHERE is_primary;
-- --

CREATE INDEX commerce_product_by_barcode ON commerce_product USING btree (barcode) WHERE (NOT ((barcode)::text = ''::text));
-- --

CREATE INDEX commerce_product_by_price ON commerce_product USING btree (price, id) WHERE ((archived_at IS NULL) AND (published_at IS NOT NULL));
-- --

CREATE INDEX commerce_product_featured ON commerce_product USING btree (featured_at DESC, id DESC) WHERE ((archived_at IS NULL) AND (featured_at IS NOT NULL));
-- --

CREATE INDEX commerce_product_in_category ON commerce_product USING btree (category_id, created_at DESC, id DESC);
-- --

CREATE INDEX commerce_product_newest ON commerce_product USING btree (created_at DESC, id DESC);
-- --

CREATE INDEX commerce_product_of_brand ON commerce_product USING btree (brand_id, created_at DESC, id DESC);
-- --

CREATE INDEX commerce_product_published ON commerce_product USING btree (created_at DESC, id DESC) WHERE ((archived_at IS NULL) AND (published_at IS NOT NULL));
-- --

CREATE INDEX commerce_product_search ON commerce_product USING gin (search);
-- --

CREATE UNIQUE INDEX commerce_product_sku_unique ON commerce_product USING btree (lower((sku)::text));
-- --

CREATE INDEX commerce_producttag_of_tag ON commerce_producttag USING btree (tag_id, product_id);
-- --

CREATE INDEX commerce_productview_at ON commerce_productview USING btree (at);
-- --

CREATE INDEX commerce_productview_by ON commerce_productview USING btree (customer_id, at DESC, id DESC) WHERE (customer_id IS NOT NULL);
-- --

CREATE INDEX commerce_productview_of ON commerce_productview USING btree (product_id);
-- --

CREATE INDEX commerce_productviewday_most ON commerce_productviewday USING btree (day, count DESC);
-- --

CREATE INDEX commerce_review_most_helpful ON commerce_review USING btree (product_id, helpful_count DESC, id DESC) WHERE (hidden_at IS NULL);
-- --

CREATE INDEX commerce_review_newest ON commerce_review USING btree (product_id, created_at DESC, id DESC) WHERE (hidden_at IS NULL);
-- --

CREATE INDEX commerce_review_of_customer ON commerce_review USING btree (customer_id, created_at DESC, id DESC);
-- --

CREATE INDEX commerce_reviewvote_of ON commerce_reviewvote USING btree (customer_id);
-- --

CREATE INDEX commerce_stockentry_of_order ON commerce_stockentry USING btree (order_id, variant_id) WHERE (order_id IS NOT NULL);
-- --

CREATE INDEX commerce_variant_by_barcode ON commerce_variant USING btree (barcode) WHERE (NOT ((barcode)::text = ''::text));
-- --

CREATE INDEX commerce_variant_low ON commerce_variant USING btree (low_since, id) WHERE (low_since IS NOT NULL);
-- --

CREATE UNIQUE INDEX commerce_variant_sku_unique ON commerce_variant USING btree (lower((sku)::text));
-- --

CREATE INDEX commerce_wishlistitem_newest ON commerce_wishlistitem USING btree (wishlist_id, added_at DESC, id DESC);
-- --

CREATE INDEX commerce_wishlistitem_of ON commerce_wishlistitem USING btree (product_id);
-- --

CREATE UNIQUE INDEX visitors_visitor_email_unique ON visitors_visitor USING btree (lower((email)::text));
-- --

CREATE INDEX visitors_visitor_newest ON visitors_visitor USING btree (created_at DESC, id DESC);
-- --

ALTER TABLE commerce_address ADD CONSTRAINT commerce_address_customer_id_a59885c3_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_cart ADD CONSTRAINT commerce_cart_customer_id_bfdb5fef_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_cart ADD CONSTRAINT commerce_cart_merged_into_id_4c07bb22_fk_commerce_cart_id FOREIGN KEY (merged_into_id) REFERENCES commerce_cart(id);
-- --

ALTER TABLE commerce_cartline ADD CONSTRAINT commerce_cartline_cart_id_e8001b77_fk_commerce_cart_id FOREIGN KEY (cart_id) REFERENCES commerce_cart(id);
-- --

ALTER TABLE commerce_cartline ADD CONSTRAINT commerce_cartline_variant_id_fb1fb2ba_fk_commerce_variant_id FOREIGN KEY (variant_id) REFERENCES commerce_variant(id);
-- --

ALTER TABLE commerce_category ADD CONSTRAINT commerce_category_parent_id_ba25a94e_fk_commerce_category_id FOREIGN KEY (parent_id) REFERENCES commerce_category(id);
-- --

ALTER TABLE commerce_choice ADD CONSTRAINT commerce_choice_option_of_product FOREIGN KEY (option_id, product_id) REFERENCES commerce_option(id, product_id);
-- --

ALTER TABLE commerce_choice ADD CONSTRAINT commerce_choice_value_of_option FOREIGN KEY (value_id, option_id) REFERENCES commerce_optionvalue(id, option_id);
-- --

ALTER TABLE commerce_choice ADD CONSTRAINT commerce_choice_variant_of_product FOREIGN KEY (variant_id, product_id) REFERENCES commerce_variant(id, product_id);
-- --

ALTER TABLE commerce_couponcustomer ADD CONSTRAINT commerce_couponcusto_coupon_id_7b808a6e_fk_commerce_ FOREIGN KEY (coupon_id) REFERENCES commerce_coupon(id);
-- --

ALTER TABLE commerce_couponcustomer ADD CONSTRAINT commerce_couponcusto_customer_id_5957e630_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_couponproduct ADD CONSTRAINT commerce_couponprodu_product_id_7eb4c30d_fk_commerce_ FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_couponproduct ADD CONSTRAINT commerce_couponproduct_coupon_id_31c5e7b7_fk_commerce_coupon_id FOREIGN KEY (coupon_id) REFERENCES commerce_coupon(id);
-- --

ALTER TABLE commerce_couponuse ADD CONSTRAINT commerce_couponuse_coupon_id_0d6d77e9_fk_commerce_coupon_id FOREIGN KEY (coupon_id) REFERENCES commerce_coupon(id);
-- --

ALTER TABLE commerce_couponuse ADD CONSTRAINT commerce_couponuse_customer_id_bb4ec200_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_couponuse ADD CONSTRAINT commerce_couponuse_order_id_93852ba9_fk_commerce_order_id FOREIGN KEY (order_id) REFERENCES commerce_order(id);
-- --

ALTER TABLE commerce_customer ADD CONSTRAINT commerce_customer_visitor_id_0b0e82fe_fk_visitors_visitor_id FOREIGN KEY (visitor_id) REFERENCES visitors_visitor(id);
-- --

ALTER TABLE commerce_image ADD CONSTRAINT commerce_image_brand_id_9e2b83df_fk_commerce_brand_id FOREIGN KEY (brand_id) REFERENCES commerce_brand(id);
-- --

ALTER TABLE commerce_image ADD CONSTRAINT commerce_image_category_id_c7d73578_fk_commerce_category_id FOREIGN KEY (category_id) REFERENCES commerce_category(id);
-- --

ALTER TABLE commerce_image ADD CONSTRAINT commerce_image_product_id_33818226_fk_commerce_product_id FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_option ADD CONSTRAINT commerce_option_product_id_722cb5ef_fk_commerce_product_id FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_optionvalue ADD CONSTRAINT commerce_optionvalue_option_id_cde117cc_fk_commerce_option_id FOREIGN KEY (option_id) REFERENCES commerce_option(id);
-- --

ALTER TABLE commerce_order ADD CONSTRAINT commerce_order_cart_id_354c1121_fk_commerce_cart_id FOREIGN KEY (cart_id) REFERENCES commerce_cart(id);
-- --

ALTER TABLE commerce_order ADD CONSTRAINT commerce_order_customer_id_9af2ddae_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_orderchange ADD CONSTRAINT commerce_orderchange_order_id_76314268_fk_commerce_order_id FOREIGN KEY (order_id) REFERENCES commerce_order(id);
-- --

ALTER TABLE commerce_orderitem ADD CONSTRAINT commerce_orderitem_order_id_c812b8bd_fk_commerce_order_id FOREIGN KEY (order_id) REFERENCES commerce_order(id);
-- --

ALTER TABLE commerce_orderitem ADD CONSTRAINT commerce_orderitem_product_id_eeb6e678_fk_commerce_product_id FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_orderitem ADD CONSTRAINT commerce_orderitem_variant_id_bf9f2036_fk_commerce_variant_id FOREIGN KEY (variant_id) REFERENCES commerce_variant(id);
-- --

ALTER TABLE commerce_pastprice ADD CONSTRAINT commerce_pastprice_product_id_76893182_fk_commerce_product_id FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_payment ADD CONSTRAINT commerce_payment_order_id_e1894226_fk_commerce_order_id FOREIGN KEY (order_id) REFERENCES commerce_order(id);
-- --

ALTER TABLE commerce_paymentstep ADD CONSTRAINT commerce_paymentstep_payment_id_13b8eae3_fk_commerce_payment_id FOREIGN KEY (payment_id) REFERENCES commerce_payment(id);
-- --

ALTER TABLE commerce_phone ADD CONSTRAINT commerce_phone_customer_id_d06872ef_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_product ADD CONSTRAINT commerce_product_brand_id_f1de7c3b_fk_commerce_brand_id FOREIGN KEY (brand_id) REFERENCES commerce_brand(id);
-- --

ALTER TABLE commerce_product ADD CONSTRAINT commerce_product_category_id_f0d15f8b_fk_commerce_category_id FOREIGN KEY (category_id) REFERENCES commerce_category(id);
-- --

ALTER TABLE commerce_producttag ADD CONSTRAINT commerce_producttag_product_id_00ccafef_fk_commerce_product_id FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_producttag ADD CONSTRAINT commerce_producttag_tag_id_ae79ccfe_fk_commerce_tag_id FOREIGN KEY (tag_id) REFERENCES commerce_tag(id);
-- --

ALTER TABLE commerce_productview ADD CONSTRAINT commerce_productview_customer_id_979e387e_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_productviewday ADD CONSTRAINT commerce_productview_product_id_1d757edb_fk_commerce_ FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_productview ADD CONSTRAINT commerce_productview_product_id_9e0a44bc_fk_commerce_product_id FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_review ADD CONSTRAINT commerce_review_customer_id_0073e7b2_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_review ADD CONSTRAINT commerce_review_product_id_94c12bd0_fk_commerce_product_id FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_reviewvote ADD CONSTRAINT commerce_reviewvote_customer_id_1d7f4dbb_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_reviewvote ADD CONSTRAINT commerce_reviewvote_review_id_de530f18_fk_commerce_review_id FOREIGN KEY (review_id) REFERENCES commerce_review(id);
-- --

ALTER TABLE commerce_stockentry ADD CONSTRAINT commerce_stockentry_variant_id_26fdb908_fk_commerce_variant_id FOREIGN KEY (variant_id) REFERENCES commerce_variant(id);
-- --

ALTER TABLE commerce_variant ADD CONSTRAINT commerce_variant_product_id_e7621e89_fk_commerce_product_id FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_wishlist ADD CONSTRAINT commerce_wishlist_customer_id_0bceb2b3_fk_commerce_ FOREIGN KEY (customer_id) REFERENCES commerce_customer(visitor_id);
-- --

ALTER TABLE commerce_wishlistitem ADD CONSTRAINT commerce_wishlistite_product_id_ec2f5b35_fk_commerce_ FOREIGN KEY (product_id) REFERENCES commerce_product(id);
-- --

ALTER TABLE commerce_wishlistitem ADD CONSTRAINT commerce_wishlistite_wishlist_id_949b3743_fk_commerce_ FOREIGN KEY (wishlist_id) REFERENCES commerce_wishlist(id);
-- --

CREATE TRIGGER commerce_category_acyclic AFTER INSERT OR UPDATE OF id, parent_id ON commerce_category FOR EACH ROW EXECUTE FUNCTION commerce_refuse_category_cycle();
-- --

CREATE TRIGGER commerce_couponuse_counted AFTER INSERT OR UPDATE ON commerce_couponuse FOR EACH ROW EXECUTE FUNCTION commerce_count_coupon_use();
-- --

CREATE TRIGGER commerce_couponuse_kept BEFORE DELETE ON commerce_couponuse FOR EACH ROW EXECUTE FUNCTION commerce_keep_order_rows();
-- --

CREATE TRIGGER commerce_order_guarded BEFORE INSERT OR DELETE OR UPDATE ON commerce_order FOR EACH ROW EXECUTE FUNCTION commerce_guard_order();
-- --

CREATE TRIGGER commerce_order_logged AFTER INSERT OR UPDATE OF status, payment_status ON commerce_order FOR EACH ROW EXECUTE FUNCTION commerce_log_order();
-- --

CREATE TRIGGER commerce_orderchange_kept BEFORE INSERT OR DELETE OR UPDATE ON commerce_orderchange FOR EACH ROW EXECUTE FUNCTION commerce_keep_order_rows();
-- --

CREATE TRIGGER commerce_orderitem_kept BEFORE DELETE OR UPDATE ON commerce_orderitem FOR EACH ROW EXECUTE FUNCTION commerce_keep_order_rows();
-- --

CREATE TRIGGER commerce_orderitem_sums_to_order AFTER INSERT ON commerce_orderitem REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION commerce_add_up_items();
-- --

CREATE TRIGGER commerce_paymentstep_applied AFTER INSERT OR UPDATE ON commerce_paymentstep FOR EACH ROW EXECUTE FUNCTION commerce_apply_payment_step();
-- --

CREATE TRIGGER commerce_paymentstep_guarded BEFORE DELETE OR UPDATE ON commerce_paymentstep FOR EACH ROW EXECUTE FUNCTION commerce_guard_payment_step();
-- --

CREATE TRIGGER commerce_review_rating AFTER INSERT OR DELETE OR UPDATE OF product_id, rating, hidden_at ON commerce_review FOR EACH ROW EXECUTE FUNCTION commerce_count_review();
-- --

CREATE TRIGGER commerce_reviewvote_count AFTER INSERT OR DELETE ON commerce_reviewvote FOR EACH ROW EXECUTE FUNCTION commerce_count_vote();
-- --

CREATE TRIGGER commerce_reviewvote_unchanged BEFORE UPDATE ON commerce_reviewvote FOR EACH STATEMENT EXECUTE FUNCTION commerce_refuse_change();
-- --

CREATE TRIGGER commerce_stockentry_append_only BEFORE DELETE OR UPDATE ON commerce_stockentry FOR EACH STATEMENT EXECUTE FUNCTION commerce_refuse_change();
-- --

CREATE TRIGGER commerce_stockentry_apply BEFORE INSERT ON commerce_stockentry FOR EACH ROW EXECUTE FUNCTION commerce_apply_stock_entry();
-- --

CREATE CONSTRAINT TRIGGER commerce_variant_last AFTER DELETE OR UPDATE OF product_id ON commerce_variant DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION commerce_refuse_last_variant();
-- --

CREATE TRIGGER commerce_variant_low BEFORE INSERT OR UPDATE OF quantity, stock_minimum, low_since ON commerce_variant FOR EACH ROW EXECUTE FUNCTION commerce_mark_low_stock();
-- --

