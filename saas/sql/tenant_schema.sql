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

CREATE TABLE social_block (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    blocked_id uuid NOT NULL,
    blocker_id uuid NOT NULL,
    CONSTRAINT social_block_not_oneself CHECK ((NOT (blocker_id = blocked_id)))
);
-- --

CREATE TABLE social_bookmark (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    post_id uuid NOT NULL,
    profile_id uuid NOT NULL
);
-- --

CREATE TABLE social_comment (
    id uuid NOT NULL,
    text character varying(5000) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone,
    deleted_at timestamp with time zone,
    reply_to_id uuid,
    post_id uuid NOT NULL,
    author_id uuid NOT NULL,
    CONSTRAINT social_comment_not_own_reply CHECK (((reply_to_id IS NULL) OR (NOT ((reply_to_id = id) AND (reply_to_id IS NOT NULL))))),
    CONSTRAINT social_comment_text_not_blank CHECK (((text)::text ~ '\S'::text))
);
-- --

CREATE TABLE social_conversation (
    id uuid NOT NULL,
    title character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_message_at timestamp with time zone NOT NULL,
    high_id uuid,
    low_id uuid,
    members uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    CONSTRAINT social_conversation_direct_or_group CHECK ((((high_id IS NOT NULL) AND (low_id IS NOT NULL) AND (low_id < high_id) AND ((title)::text = ''::text)) OR ((high_id IS NULL) AND (low_id IS NULL) AND ((title)::text ~ '\S'::text))))
);
-- --

CREATE TABLE social_decision (
    id uuid NOT NULL,
    action character varying(7) NOT NULL,
    by character varying(200) NOT NULL,
    note character varying(2000) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    comment_id uuid,
    message_id uuid,
    post_id uuid,
    profile_id uuid,
    CONSTRAINT social_decision_action_known CHECK (((action)::text ~ '^(dismiss|warn|remove|suspend)$'::text)),
    CONSTRAINT social_decision_by_not_blank CHECK (((by)::text ~ '\S'::text)),
    CONSTRAINT social_decision_one_subject CHECK ((((comment_id IS NULL) AND (message_id IS NULL) AND (post_id IS NULL) AND (profile_id IS NOT NULL)) OR ((comment_id IS NULL) AND (message_id IS NULL) AND (post_id IS NOT NULL) AND (profile_id IS NULL)) OR ((comment_id IS NOT NULL) AND (message_id IS NULL) AND (post_id IS NULL) AND (profile_id IS NULL)) OR ((comment_id IS NULL) AND (message_id IS NOT NULL) AND (post_id IS NULL) AND (profile_id IS NULL))))
);
-- --

CREATE TABLE social_follow (
    id uuid NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    followee_id uuid NOT NULL,
    follower_id uuid NOT NULL,
    CONSTRAINT social_follow_accepted_after_request CHECK (((accepted_at IS NULL) OR (accepted_at >= requested_at))),
    CONSTRAINT social_follow_not_oneself CHECK ((NOT (follower_id = followee_id)))
);
-- --

CREATE TABLE social_hashtag (
    id uuid NOT NULL,
    name character varying(100) NOT NULL,
    posts bigint NOT NULL,
    score double precision NOT NULL,
    scored_at timestamp with time zone NOT NULL,
    CONSTRAINT social_hashtag_counters_not_negative CHECK (((posts >= 0) AND (score >= (0.0)::double precision))),
    CONSTRAINT social_hashtag_name_not_blank CHECK (((name)::text ~ '\S'::text))
);
-- --

CREATE TABLE social_like (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    post_id uuid NOT NULL,
    profile_id uuid NOT NULL
);
-- --

CREATE TABLE social_mention (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    post_id uuid NOT NULL,
    profile_id uuid NOT NULL
);
-- --

CREATE TABLE social_message (
    id uuid NOT NULL,
    text character varying(5000) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone,
    deleted_at timestamp with time zone,
    conversation_id uuid NOT NULL,
    reply_to_id uuid,
    author_id uuid NOT NULL,
    CONSTRAINT social_message_not_own_reply CHECK (((reply_to_id IS NULL) OR (NOT ((reply_to_id = id) AND (reply_to_id IS NOT NULL))))),
    CONSTRAINT social_message_text_until_deleted CHECK ((((deleted_at IS NULL) AND ((text)::text ~ '\S'::text)) OR ((deleted_at IS NOT NULL) AND ((text)::text = ''::text))))
);
-- --

CREATE TABLE social_moderationentry (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    by character varying(200) NOT NULL,
    action character varying(40) NOT NULL,
    before jsonb,
    after jsonb,
    comment_id uuid,
    message_id uuid,
    post_id uuid,
    profile_id uuid,
    CONSTRAINT social_moderationentry_one_subject CHECK ((((comment_id IS NULL) AND (message_id IS NULL) AND (post_id IS NULL) AND (profile_id IS NOT NULL)) OR ((comment_id IS NULL) AND (message_id IS NULL) AND (post_id IS NOT NULL) AND (profile_id IS NULL)) OR ((comment_id IS NOT NULL) AND (message_id IS NULL) AND (post_id IS NULL) AND (profile_id IS NULL)) OR ((comment_id IS NULL) AND (message_id IS NOT NULL) AND (post_id IS NULL) AND (profile_id IS NULL))))
);
-- --

CREATE TABLE social_notification (
    id uuid NOT NULL,
    event character varying(7) NOT NULL,
    actors bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    post_id uuid,
    actor_id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    CONSTRAINT social_notification_actors_not_negative CHECK ((actors >= 0)),
    CONSTRAINT social_notification_event_has_its_subject CHECK (((((event)::text ~ '^(like|comment|reply|repost|mention)$'::text) AND (post_id IS NOT NULL)) OR (((event)::text ~ '^(follow|request|accept)$'::text) AND (post_id IS NULL))))
);
-- --

CREATE TABLE social_notificationactor (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    notification_id uuid NOT NULL,
    profile_id uuid NOT NULL
);
-- --

CREATE TABLE social_participant (
    id uuid NOT NULL,
    role character varying(6) NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone,
    read_at timestamp with time zone,
    conversation_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    CONSTRAINT social_participant_role_known CHECK (((role)::text ~ '^(owner|admin|member)$'::text))
);
-- --

CREATE TABLE social_post (
    id uuid NOT NULL,
    text character varying(5000) NOT NULL,
    visibility character varying(9) NOT NULL,
    sensitive boolean NOT NULL,
    files smallint NOT NULL,
    likes bigint NOT NULL,
    comments bigint NOT NULL,
    replies bigint NOT NULL,
    reposts bigint NOT NULL,
    bookmarks bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone,
    pinned_at timestamp with time zone,
    deleted_at timestamp with time zone,
    search tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, (COALESCE(text, ''::character varying))::text)) STORED,
    reply_to_id uuid,
    repost_of_id uuid,
    root_id uuid,
    author_id uuid NOT NULL,
    CONSTRAINT social_post_counters_not_negative CHECK (((bookmarks >= 0) AND (comments >= 0) AND (likes >= 0) AND (replies >= 0) AND (reposts >= 0))),
    CONSTRAINT social_post_files_few CHECK (((files >= 0) AND (files <= 10))),
    CONSTRAINT social_post_not_own_repost CHECK (((repost_of_id IS NULL) OR (NOT ((repost_of_id = id) AND (repost_of_id IS NOT NULL))))),
    CONSTRAINT social_post_reply_in_thread CHECK ((((reply_to_id IS NULL) AND (root_id IS NULL)) OR ((reply_to_id IS NOT NULL) AND (root_id IS NOT NULL) AND (NOT ((reply_to_id = id) AND (reply_to_id IS NOT NULL))) AND (NOT ((root_id = id) AND (root_id IS NOT NULL)))))),
    CONSTRAINT social_post_says_something CHECK ((((text)::text ~ '\S'::text) OR ((files > 0) AND ((text)::text = ''::text)) OR ((repost_of_id IS NOT NULL) AND ((text)::text = ''::text)))),
    CONSTRAINT social_post_visibility_known CHECK (((visibility)::text ~ '^(public|followers|mentioned)$'::text))
);
-- --

CREATE TABLE social_postday (
    id uuid NOT NULL,
    day date NOT NULL,
    views bigint NOT NULL,
    opens bigint NOT NULL,
    post_id uuid NOT NULL,
    CONSTRAINT social_postday_counts_not_negative CHECK (((opens >= 0) AND (views >= 0)))
);
-- --

CREATE TABLE social_postedit (
    id uuid NOT NULL,
    text character varying(5000) NOT NULL,
    edited_at timestamp with time zone NOT NULL,
    post_id uuid NOT NULL
);
-- --

CREATE TABLE social_posthashtag (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    hashtag_id uuid NOT NULL,
    post_id uuid NOT NULL
);
-- --

CREATE TABLE social_postmedia (
    id uuid NOT NULL,
    kind character varying(5) NOT NULL,
    path character varying(500) NOT NULL,
    alt character varying(1000) NOT NULL,
    "position" smallint NOT NULL,
    post_id uuid NOT NULL,
    CONSTRAINT social_postmedia_few CHECK ((("position" >= 0) AND ("position" < 10))),
    CONSTRAINT social_postmedia_kind_known CHECK (((kind)::text ~ '^(image|video|audio)$'::text)),
    CONSTRAINT social_postmedia_path_format CHECK (((path)::text ~ '^[^/\s][^\s]*$'::text))
);
-- --

CREATE TABLE social_profile (
    visitor_id uuid NOT NULL,
    handle character varying(30) NOT NULL,
    name character varying(100) NOT NULL,
    bio character varying(500) NOT NULL,
    privacy character varying(7) NOT NULL,
    followers bigint NOT NULL,
    following bigint NOT NULL,
    posts bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    verified_at timestamp with time zone,
    suspended_at timestamp with time zone,
    CONSTRAINT social_profile_counters_not_negative CHECK (((followers >= 0) AND (following >= 0) AND (posts >= 0))),
    CONSTRAINT social_profile_handle_format CHECK (((handle)::text ~ '^[A-Za-z][A-Za-z0-9_]{2,29}$'::text)),
    CONSTRAINT social_profile_name_not_blank CHECK (((name)::text ~ '\S'::text)),
    CONSTRAINT social_profile_privacy_known CHECK (((privacy)::text ~ '^(public|private)$'::text))
);
-- --

CREATE TABLE social_profileday (
    id uuid NOT NULL,
    day date NOT NULL,
    views bigint NOT NULL,
    profile_id uuid NOT NULL,
    CONSTRAINT social_profileday_counts_not_negative CHECK ((views >= 0))
);
-- --

CREATE TABLE social_report (
    id uuid NOT NULL,
    reason character varying(8) NOT NULL,
    note character varying(2000) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    comment_id uuid,
    decision_id uuid,
    message_id uuid,
    post_id uuid,
    profile_id uuid,
    reporter_id uuid NOT NULL,
    CONSTRAINT social_report_decided_with_date CHECK ((((decided_at IS NULL) AND (decision_id IS NULL)) OR ((decided_at IS NOT NULL) AND (decision_id IS NOT NULL)))),
    CONSTRAINT social_report_not_oneself CHECK (((profile_id IS NULL) OR (NOT ((profile_id = reporter_id) AND (profile_id IS NOT NULL))))),
    CONSTRAINT social_report_one_subject CHECK ((((comment_id IS NULL) AND (message_id IS NULL) AND (post_id IS NULL) AND (profile_id IS NOT NULL)) OR ((comment_id IS NULL) AND (message_id IS NULL) AND (post_id IS NOT NULL) AND (profile_id IS NULL)) OR ((comment_id IS NOT NULL) AND (message_id IS NULL) AND (post_id IS NULL) AND (profile_id IS NULL)) OR ((comment_id IS NULL) AND (message_id IS NOT NULL) AND (post_id IS NULL) AND (profile_id IS NULL)))),
    CONSTRAINT social_report_reason_known CHECK (((reason)::text ~ '^(spam|abuse|nudity|violence|other)$'::text))
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

INSERT INTO django_migrations (app, name, applied) VALUES ('visitors', '0002_own_rows', now());
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

INSERT INTO django_migrations (app, name, applied) VALUES ('commerce', '0011_own_rows', now());
-- --

INSERT INTO django_migrations (app, name, applied) VALUES ('social', '0001_community', now());
-- --

INSERT INTO django_migrations (app, name, applied) VALUES ('social', '0002_rules', now());
-- --

INSERT INTO django_migrations (app, name, applied) VALUES ('social', '0003_own_rows', now());
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

CREATE OR REPLACE FUNCTION social_count_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    target text := format('%I.%I', TG_TABLE_SCHEMA, TG_ARGV[0]);
    found jsonb := to_jsonb(NEW);
    keys uuid[] := '{}';
BEGIN
    FOR pair IN 3 .. TG_NARGS - 1 BY 2 LOOP
        keys := keys || (found ->> TG_ARGV[pair])::uuid;
    END LOOP;
    EXECUTE format(
        'SELECT FROM %s WHERE %I = ANY ($1) ORDER BY %I FOR NO KEY UPDATE', target, TG_ARGV[1], TG_ARGV[1])
        USING keys;
    FOR pair IN 3 .. TG_NARGS - 1 BY 2 LOOP
        EXECUTE format(
            'UPDATE %s SET %I = %I + $1 WHERE %I = $2', target, TG_ARGV[pair + 1], TG_ARGV[pair + 1], TG_ARGV[1])
            USING TG_ARGV[2]::int, (found ->> TG_ARGV[pair])::uuid;
    END LOOP;
    RETURN NULL;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION social_count_rows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    target text := format('%I.%I', TG_TABLE_SCHEMA, TG_ARGV[0]);
    step int := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
    keys text[] := '{}';
BEGIN
    FOR pair IN 3 .. TG_NARGS - 1 BY 2 LOOP
        keys := keys || format('SELECT %I FROM changed WHERE %s', TG_ARGV[pair], TG_ARGV[2]);
    END LOOP;
    EXECUTE format(
        'SELECT FROM %s WHERE %I IN (%s) ORDER BY %I FOR NO KEY UPDATE',
        target, TG_ARGV[1], array_to_string(keys, ' UNION '), TG_ARGV[1]);
    FOR pair IN 3 .. TG_NARGS - 1 BY 2 LOOP
        EXECUTE format(
            'UPDATE %s AS counted SET %I = counted.%I + $1 * found.count'
            ' FROM (SELECT %I AS key, count(*) FROM changed WHERE %s GROUP BY 1) AS found WHERE counted.%I = found.key',
            target, TG_ARGV[pair + 1], TG_ARGV[pair + 1], TG_ARGV[pair], TG_ARGV[2], TG_ARGV[1])
            USING step;
    END LOOP;
    RETURN NULL;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION social_refuse_blocked()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    one uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
    other uuid := (to_jsonb(NEW) ->> TG_ARGV[1])::uuid;
    blocked boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM %I.social_block WHERE (blocker_id, blocked_id) IN (($1, $2), ($2, $1)))',
        TG_TABLE_SCHEMA)
        INTO blocked USING one, other;
    IF blocked THEN
        RAISE EXCEPTION 'one of % and % has blocked the other', one, other
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_ARGV[2];
    END IF;
    RETURN NEW;
END
$function$;
-- --

CREATE OR REPLACE FUNCTION social_refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_ARGV[0];
END
$function$;
-- --

CREATE OR REPLACE FUNCTION social_remember_members()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    EXECUTE format(
        'UPDATE %I.%I AS above SET members = members || ARRAY('
        '  SELECT profile_id FROM added WHERE conversation_id = above.id AND profile_id <> ALL (above.members))'
        ' WHERE EXISTS (SELECT FROM added WHERE conversation_id = above.id AND profile_id <> ALL (above.members))',
        TG_TABLE_SCHEMA, 'social_conversation');
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

ALTER TABLE social_block ADD CONSTRAINT social_block_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_block ADD CONSTRAINT social_block_unique UNIQUE (blocker_id, blocked_id);
-- --

ALTER TABLE social_bookmark ADD CONSTRAINT social_bookmark_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_bookmark ADD CONSTRAINT social_bookmark_unique UNIQUE (post_id, profile_id);
-- --

ALTER TABLE social_comment ADD CONSTRAINT social_comment_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_comment ADD CONSTRAINT social_comment_post_id_unique UNIQUE (post_id, id);
-- --

ALTER TABLE social_conversation ADD CONSTRAINT social_conversation_pair_unique UNIQUE (low_id, high_id);
-- --

ALTER TABLE social_conversation ADD CONSTRAINT social_conversation_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_decision ADD CONSTRAINT social_decision_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_follow ADD CONSTRAINT social_follow_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_follow ADD CONSTRAINT social_follow_unique UNIQUE (follower_id, followee_id);
-- --

ALTER TABLE social_hashtag ADD CONSTRAINT social_hashtag_name_unique UNIQUE (name);
-- --

ALTER TABLE social_hashtag ADD CONSTRAINT social_hashtag_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_like ADD CONSTRAINT social_like_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_like ADD CONSTRAINT social_like_unique UNIQUE (post_id, profile_id);
-- --

ALTER TABLE social_mention ADD CONSTRAINT social_mention_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_mention ADD CONSTRAINT social_mention_unique UNIQUE (post_id, profile_id);
-- --

ALTER TABLE social_message ADD CONSTRAINT social_message_in_conversation UNIQUE (conversation_id, id);
-- --

ALTER TABLE social_message ADD CONSTRAINT social_message_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_moderationentry ADD CONSTRAINT social_moderationentry_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_notification ADD CONSTRAINT social_notification_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_notificationactor ADD CONSTRAINT social_notificationactor_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_notificationactor ADD CONSTRAINT social_notificationactor_unique UNIQUE (notification_id, profile_id);
-- --

ALTER TABLE social_participant ADD CONSTRAINT social_participant_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_participant ADD CONSTRAINT social_participant_unique UNIQUE (conversation_id, profile_id);
-- --

ALTER TABLE social_post ADD CONSTRAINT social_post_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_postday ADD CONSTRAINT social_postday_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_postday ADD CONSTRAINT social_postday_unique UNIQUE (post_id, day);
-- --

ALTER TABLE social_postedit ADD CONSTRAINT social_postedit_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_posthashtag ADD CONSTRAINT social_posthashtag_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_posthashtag ADD CONSTRAINT social_posthashtag_unique UNIQUE (post_id, hashtag_id);
-- --

ALTER TABLE social_postmedia ADD CONSTRAINT social_postmedia_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_postmedia ADD CONSTRAINT social_postmedia_position_unique UNIQUE (post_id, "position");
-- --

ALTER TABLE social_profile ADD CONSTRAINT social_profile_pkey PRIMARY KEY (visitor_id);
-- --

ALTER TABLE social_profileday ADD CONSTRAINT social_profileday_pkey PRIMARY KEY (id);
-- --

ALTER TABLE social_profileday ADD CONSTRAINT social_profileday_unique UNIQUE (profile_id, day);
-- --

ALTER TABLE social_report ADD CONSTRAINT social_report_pkey PRIMARY KEY (id);
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

CREATE INDEX social_block_of_blocked ON social_block USING btree (blocked_id, blocker_id);
-- --

CREATE INDEX social_bookmark_by_profile ON social_bookmark USING btree (profile_id, created_at DESC, id DESC);
-- --

CREATE INDEX social_comment_of_author ON social_comment USING btree (author_id, created_at DESC, id DESC);
-- --

CREATE INDEX social_comment_of_post ON social_comment USING btree (post_id, created_at, id);
-- --

CREATE INDEX social_comment_replies ON social_comment USING btree (reply_to_id, created_at, id) WHERE (reply_to_id IS NOT NULL);
-- --

CREATE INDEX social_conversation_high ON social_conversation USING btree (high_id);
-- --

CREATE INDEX social_decision_newest ON social_decision USING btree (created_at DESC, id DESC);
-- --

CREATE INDEX social_follow_followers ON social_follow USING btree (followee_id, accepted_at DESC, id DESC) WHERE (accepted_at IS NOT NULL);
-- --

CREATE INDEX social_follow_following ON social_follow USING btree (follower_id, accepted_at DESC, id DESC) INCLUDE (followee_id) WHERE (accepted_at IS NOT NULL);
-- --

CREATE INDEX social_follow_requests ON social_follow USING btree (followee_id, requested_at DESC, id DESC) WHERE (accepted_at IS NULL);
-- --

CREATE INDEX social_hashtag_trending ON social_hashtag USING btree (score DESC, id DESC) WHERE (score > (0.0)::double precision);
-- --

CREATE INDEX social_like_by_profile ON social_like USING btree (profile_id, created_at DESC, id DESC);
-- --

CREATE INDEX social_like_of_post ON social_like USING btree (post_id, created_at DESC, id DESC);
-- --

CREATE INDEX social_mention_of_profile ON social_mention USING btree (profile_id, created_at DESC, id DESC);
-- --

CREATE INDEX social_message_newest ON social_message USING btree (conversation_id, created_at DESC, id DESC);
-- --

CREATE INDEX social_message_replies ON social_message USING btree (reply_to_id) WHERE (reply_to_id IS NOT NULL);
-- --

CREATE INDEX social_modentry_newest ON social_moderationentry USING btree (at DESC, id DESC);
-- --

CREATE INDEX social_notifactor_newest ON social_notificationactor USING btree (notification_id, created_at DESC, id DESC);
-- --

CREATE UNIQUE INDEX social_notification_group_unique ON social_notification USING btree (recipient_id, event, post_id) NULLS NOT DISTINCT WHERE (read_at IS NULL);
-- --

CREATE INDEX social_notification_newest ON social_notification USING btree (recipient_id, updated_at DESC, id DESC);
-- --

CREATE INDEX social_notification_of_post ON social_notification USING btree (post_id) WHERE (post_id IS NOT NULL);
-- --

CREATE INDEX social_notificationactor_who ON social_notificationactor USING btree (profile_id);
-- --

CREATE INDEX social_participant_of_profile ON social_participant USING btree (profile_id, conversation_id) WHERE (left_at IS NULL);
-- --

CREATE UNIQUE INDEX social_participant_one_owner ON social_participant USING btree (conversation_id) WHERE ((left_at IS NULL) AND ((role)::text = 'owner'::text));
-- --

CREATE INDEX social_post_newest ON social_post USING btree (created_at DESC, id DESC) WHERE ((deleted_at IS NULL) AND (reply_to_id IS NULL) AND ((visibility)::text = 'public'::text));
-- --

CREATE INDEX social_post_of_author ON social_post USING btree (author_id, created_at DESC, id DESC) INCLUDE (visibility, repost_of_id) WHERE (deleted_at IS NULL);
-- --

CREATE UNIQUE INDEX social_post_one_pinned ON social_post USING btree (author_id) WHERE ((deleted_at IS NULL) AND (pinned_at IS NOT NULL));
-- --

CREATE INDEX social_post_replies ON social_post USING btree (reply_to_id, created_at, id) WHERE (reply_to_id IS NOT NULL);
-- --

CREATE UNIQUE INDEX social_post_reposted_once ON social_post USING btree (author_id, repost_of_id) WHERE ((deleted_at IS NULL) AND (repost_of_id IS NOT NULL) AND ((text)::text = ''::text));
-- --

CREATE INDEX social_post_reposts ON social_post USING btree (repost_of_id, created_at DESC, id DESC) WHERE (repost_of_id IS NOT NULL);
-- --

CREATE INDEX social_post_search ON social_post USING gin (search) WHERE (deleted_at IS NULL);
-- --

CREATE INDEX social_post_thread ON social_post USING btree (root_id, created_at, id) WHERE (root_id IS NOT NULL);
-- --

CREATE INDEX social_postedit_of_post ON social_postedit USING btree (post_id, edited_at DESC, id DESC);
-- --

CREATE INDEX social_posthashtag_of_tag ON social_posthashtag USING btree (hashtag_id, created_at DESC, id DESC);
-- --

CREATE UNIQUE INDEX social_profile_handle_unique ON social_profile USING btree (lower((handle)::text) COLLATE "C");
-- --

CREATE INDEX social_report_of_decision ON social_report USING btree (decision_id) WHERE (decision_id IS NOT NULL);
-- --

CREATE UNIQUE INDEX social_report_open_once ON social_report USING btree (reporter_id, profile_id, post_id, comment_id, message_id) NULLS NOT DISTINCT WHERE (decided_at IS NULL);
-- --

CREATE INDEX social_report_queue ON social_report USING btree (created_at, id) WHERE (decided_at IS NULL);
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

ALTER TABLE social_block ADD CONSTRAINT social_block_blocked_id_c908d45e_fk_social_profile_visitor_id FOREIGN KEY (blocked_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_block ADD CONSTRAINT social_block_blocker_id_0e1ca2ca_fk_social_profile_visitor_id FOREIGN KEY (blocker_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_bookmark ADD CONSTRAINT social_bookmark_post_id_76a8a778_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_bookmark ADD CONSTRAINT social_bookmark_profile_id_4c9186eb_fk_social_pr FOREIGN KEY (profile_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_comment ADD CONSTRAINT social_comment_author_id_efe921df_fk_social_profile_visitor_id FOREIGN KEY (author_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_comment ADD CONSTRAINT social_comment_post_id_c5f61de0_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_comment ADD CONSTRAINT social_comment_reply_in_post FOREIGN KEY (post_id, reply_to_id) REFERENCES social_comment(post_id, id);
-- --

ALTER TABLE social_comment ADD CONSTRAINT social_comment_reply_to_id_249d3c10_fk_social_comment_id FOREIGN KEY (reply_to_id) REFERENCES social_comment(id);
-- --

ALTER TABLE social_conversation ADD CONSTRAINT social_conversation_high_id_6ca339e9_fk_social_pr FOREIGN KEY (high_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_conversation ADD CONSTRAINT social_conversation_low_id_12e5a5ad_fk_social_pr FOREIGN KEY (low_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_decision ADD CONSTRAINT social_decision_comment_id_e8d4078a_fk_social_comment_id FOREIGN KEY (comment_id) REFERENCES social_comment(id);
-- --

ALTER TABLE social_decision ADD CONSTRAINT social_decision_message_id_f6f806e3_fk_social_message_id FOREIGN KEY (message_id) REFERENCES social_message(id);
-- --

ALTER TABLE social_decision ADD CONSTRAINT social_decision_post_id_9f94e31d_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_decision ADD CONSTRAINT social_decision_profile_id_4251a709_fk_social_pr FOREIGN KEY (profile_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_follow ADD CONSTRAINT social_follow_followee_id_f37e3ad7_fk_social_profile_visitor_id FOREIGN KEY (followee_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_follow ADD CONSTRAINT social_follow_follower_id_a92b1c63_fk_social_profile_visitor_id FOREIGN KEY (follower_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_like ADD CONSTRAINT social_like_post_id_6d804a40_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_like ADD CONSTRAINT social_like_profile_id_48845ebd_fk_social_profile_visitor_id FOREIGN KEY (profile_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_mention ADD CONSTRAINT social_mention_post_id_725c40db_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_mention ADD CONSTRAINT social_mention_profile_id_ed2d50cd_fk_social_profile_visitor_id FOREIGN KEY (profile_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_message ADD CONSTRAINT social_message_author_id_d9892b1e_fk_social_profile_visitor_id FOREIGN KEY (author_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_message ADD CONSTRAINT social_message_author_takes_part FOREIGN KEY (conversation_id, author_id) REFERENCES social_participant(conversation_id, profile_id);
-- --

ALTER TABLE social_message ADD CONSTRAINT social_message_conversation_id_450d47b2_fk_social_co FOREIGN KEY (conversation_id) REFERENCES social_conversation(id);
-- --

ALTER TABLE social_message ADD CONSTRAINT social_message_reply_in_conversation FOREIGN KEY (conversation_id, reply_to_id) REFERENCES social_message(conversation_id, id);
-- --

ALTER TABLE social_message ADD CONSTRAINT social_message_reply_to_id_363b2934_fk_social_message_id FOREIGN KEY (reply_to_id) REFERENCES social_message(id);
-- --

ALTER TABLE social_moderationentry ADD CONSTRAINT social_moderationent_profile_id_8f745b39_fk_social_pr FOREIGN KEY (profile_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_moderationentry ADD CONSTRAINT social_moderationentry_comment_id_b81f39f6_fk_social_comment_id FOREIGN KEY (comment_id) REFERENCES social_comment(id);
-- --

ALTER TABLE social_moderationentry ADD CONSTRAINT social_moderationentry_message_id_7a5d0931_fk_social_message_id FOREIGN KEY (message_id) REFERENCES social_message(id);
-- --

ALTER TABLE social_moderationentry ADD CONSTRAINT social_moderationentry_post_id_6e0e0084_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_notification ADD CONSTRAINT social_notification_actor_id_78e4b611_fk_social_pr FOREIGN KEY (actor_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_notification ADD CONSTRAINT social_notification_post_id_b9ab7062_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_notification ADD CONSTRAINT social_notification_recipient_id_392d8c89_fk_social_pr FOREIGN KEY (recipient_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_notificationactor ADD CONSTRAINT social_notificationa_notification_id_52785fd1_fk_social_no FOREIGN KEY (notification_id) REFERENCES social_notification(id);
-- --

ALTER TABLE social_notificationactor ADD CONSTRAINT social_notificationa_profile_id_00e0cf16_fk_social_pr FOREIGN KEY (profile_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_participant ADD CONSTRAINT social_participant_conversation_id_305a1066_fk_social_co FOREIGN KEY (conversation_id) REFERENCES social_conversation(id);
-- --

ALTER TABLE social_participant ADD CONSTRAINT social_participant_profile_id_cc3914e1_fk_social_pr FOREIGN KEY (profile_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_post ADD CONSTRAINT social_post_author_id_db6459ee_fk_social_profile_visitor_id FOREIGN KEY (author_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_post ADD CONSTRAINT social_post_reply_to_id_450e9a95_fk_social_post_id FOREIGN KEY (reply_to_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_post ADD CONSTRAINT social_post_repost_of_id_0c70b976_fk_social_post_id FOREIGN KEY (repost_of_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_post ADD CONSTRAINT social_post_root_id_ec695c3a_fk_social_post_id FOREIGN KEY (root_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_postday ADD CONSTRAINT social_postday_post_id_444b22e9_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_postedit ADD CONSTRAINT social_postedit_post_id_5e1ad564_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_posthashtag ADD CONSTRAINT social_posthashtag_hashtag_id_b7987e54_fk_social_hashtag_id FOREIGN KEY (hashtag_id) REFERENCES social_hashtag(id);
-- --

ALTER TABLE social_posthashtag ADD CONSTRAINT social_posthashtag_post_id_98c97a08_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_postmedia ADD CONSTRAINT social_postmedia_post_id_0a9135d2_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_profile ADD CONSTRAINT social_profile_visitor_id_01d3fc8b_fk_visitors_visitor_id FOREIGN KEY (visitor_id) REFERENCES visitors_visitor(id);
-- --

ALTER TABLE social_profileday ADD CONSTRAINT social_profileday_profile_id_ddaf93ee_fk_social_pr FOREIGN KEY (profile_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_report ADD CONSTRAINT social_report_comment_id_9d4193b7_fk_social_comment_id FOREIGN KEY (comment_id) REFERENCES social_comment(id);
-- --

ALTER TABLE social_report ADD CONSTRAINT social_report_decision_id_ec5b2c9b_fk_social_decision_id FOREIGN KEY (decision_id) REFERENCES social_decision(id);
-- --

ALTER TABLE social_report ADD CONSTRAINT social_report_message_id_94b351b6_fk_social_message_id FOREIGN KEY (message_id) REFERENCES social_message(id);
-- --

ALTER TABLE social_report ADD CONSTRAINT social_report_post_id_3720fd88_fk_social_post_id FOREIGN KEY (post_id) REFERENCES social_post(id);
-- --

ALTER TABLE social_report ADD CONSTRAINT social_report_profile_id_7a61809f_fk_social_profile_visitor_id FOREIGN KEY (profile_id) REFERENCES social_profile(visitor_id);
-- --

ALTER TABLE social_report ADD CONSTRAINT social_report_reporter_id_c1ea7d41_fk_social_profile_visitor_id FOREIGN KEY (reporter_id) REFERENCES social_profile(visitor_id);
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

CREATE TRIGGER commerce_variant_mark_low BEFORE INSERT OR UPDATE OF quantity, stock_minimum, low_since ON commerce_variant FOR EACH ROW EXECUTE FUNCTION commerce_mark_low_stock();
-- --

CREATE TRIGGER social_bookmark_counts_in_post_delete AFTER DELETE ON social_bookmark REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_post', 'id', 'true', 'post_id', 'bookmarks');
-- --

CREATE TRIGGER social_bookmark_counts_in_post_insert AFTER INSERT ON social_bookmark REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_post', 'id', 'true', 'post_id', 'bookmarks');
-- --

CREATE TRIGGER social_comment_counts_in_post_begin AFTER UPDATE OF deleted_at ON social_comment FOR EACH ROW WHEN (((old.deleted_at IS NOT NULL) AND (new.deleted_at IS NULL))) EXECUTE FUNCTION social_count_change('social_post', 'id', '1', 'post_id', 'comments');
-- --

CREATE TRIGGER social_comment_counts_in_post_delete AFTER DELETE ON social_comment REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_post', 'id', 'deleted_at IS NULL', 'post_id', 'comments');
-- --

CREATE TRIGGER social_comment_counts_in_post_end AFTER UPDATE OF deleted_at ON social_comment FOR EACH ROW WHEN (((old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL))) EXECUTE FUNCTION social_count_change('social_post', 'id', '-1', 'post_id', 'comments');
-- --

CREATE TRIGGER social_comment_counts_in_post_insert AFTER INSERT ON social_comment REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_post', 'id', 'deleted_at IS NULL', 'post_id', 'comments');
-- --

CREATE TRIGGER social_decision_written_once BEFORE DELETE OR UPDATE ON social_decision FOR EACH ROW EXECUTE FUNCTION social_refuse_change('social_decision_written_once');
-- --

CREATE TRIGGER social_follow_counts_in_profile_begin AFTER UPDATE OF accepted_at ON social_follow FOR EACH ROW WHEN (((old.accepted_at IS NULL) AND (new.accepted_at IS NOT NULL))) EXECUTE FUNCTION social_count_change('social_profile', 'visitor_id', '1', 'follower_id', 'following', 'followee_id', 'followers');
-- --

CREATE TRIGGER social_follow_counts_in_profile_delete AFTER DELETE ON social_follow REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_profile', 'visitor_id', 'accepted_at IS NOT NULL', 'follower_id', 'following', 'followee_id', 'followers');
-- --

CREATE TRIGGER social_follow_counts_in_profile_end AFTER UPDATE OF accepted_at ON social_follow FOR EACH ROW WHEN (((old.accepted_at IS NOT NULL) AND (new.accepted_at IS NULL))) EXECUTE FUNCTION social_count_change('social_profile', 'visitor_id', '-1', 'follower_id', 'following', 'followee_id', 'followers');
-- --

CREATE TRIGGER social_follow_counts_in_profile_insert AFTER INSERT ON social_follow REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_profile', 'visitor_id', 'accepted_at IS NOT NULL', 'follower_id', 'following', 'followee_id', 'followers');
-- --

CREATE TRIGGER social_follow_not_blocked BEFORE INSERT ON social_follow FOR EACH ROW EXECUTE FUNCTION social_refuse_blocked('follower_id', 'followee_id', 'social_follow_not_blocked');
-- --

CREATE TRIGGER social_like_counts_in_post_delete AFTER DELETE ON social_like REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_post', 'id', 'true', 'post_id', 'likes');
-- --

CREATE TRIGGER social_like_counts_in_post_insert AFTER INSERT ON social_like REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_post', 'id', 'true', 'post_id', 'likes');
-- --

CREATE TRIGGER social_moderationentry_written_once BEFORE DELETE OR UPDATE ON social_moderationentry FOR EACH ROW EXECUTE FUNCTION social_refuse_change('social_moderationentry_written_once');
-- --

CREATE TRIGGER social_notificationactor_counts_in_notification_delete AFTER DELETE ON social_notificationactor REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_notification', 'id', 'true', 'notification_id', 'actors');
-- --

CREATE TRIGGER social_notificationactor_counts_in_notification_insert AFTER INSERT ON social_notificationactor REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_notification', 'id', 'true', 'notification_id', 'actors');
-- --

CREATE TRIGGER social_participant_remembered AFTER INSERT ON social_participant REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION social_remember_members();
-- --

CREATE TRIGGER social_post_counts_in_post_begin AFTER UPDATE OF deleted_at ON social_post FOR EACH ROW WHEN (((old.deleted_at IS NOT NULL) AND (new.deleted_at IS NULL))) EXECUTE FUNCTION social_count_change('social_post', 'id', '1', 'reply_to_id', 'replies', 'repost_of_id', 'reposts');
-- --

CREATE TRIGGER social_post_counts_in_post_delete AFTER DELETE ON social_post REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_post', 'id', 'deleted_at IS NULL', 'reply_to_id', 'replies', 'repost_of_id', 'reposts');
-- --

CREATE TRIGGER social_post_counts_in_post_end AFTER UPDATE OF deleted_at ON social_post FOR EACH ROW WHEN (((old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL))) EXECUTE FUNCTION social_count_change('social_post', 'id', '-1', 'reply_to_id', 'replies', 'repost_of_id', 'reposts');
-- --

CREATE TRIGGER social_post_counts_in_post_insert AFTER INSERT ON social_post REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_post', 'id', 'deleted_at IS NULL', 'reply_to_id', 'replies', 'repost_of_id', 'reposts');
-- --

CREATE TRIGGER social_post_counts_in_profile_begin AFTER UPDATE OF deleted_at ON social_post FOR EACH ROW WHEN (((old.deleted_at IS NOT NULL) AND (new.deleted_at IS NULL))) EXECUTE FUNCTION social_count_change('social_profile', 'visitor_id', '1', 'author_id', 'posts');
-- --

CREATE TRIGGER social_post_counts_in_profile_delete AFTER DELETE ON social_post REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_profile', 'visitor_id', 'deleted_at IS NULL', 'author_id', 'posts');
-- --

CREATE TRIGGER social_post_counts_in_profile_end AFTER UPDATE OF deleted_at ON social_post FOR EACH ROW WHEN (((old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL))) EXECUTE FUNCTION social_count_change('social_profile', 'visitor_id', '-1', 'author_id', 'posts');
-- --

CREATE TRIGGER social_post_counts_in_profile_insert AFTER INSERT ON social_post REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_profile', 'visitor_id', 'deleted_at IS NULL', 'author_id', 'posts');
-- --

CREATE TRIGGER social_postedit_written_once BEFORE UPDATE ON social_postedit FOR EACH ROW EXECUTE FUNCTION social_refuse_change('social_postedit_written_once');
-- --

CREATE TRIGGER social_posthashtag_counts_in_hashtag_delete AFTER DELETE ON social_posthashtag REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_hashtag', 'id', 'true', 'hashtag_id', 'posts');
-- --

CREATE TRIGGER social_posthashtag_counts_in_hashtag_insert AFTER INSERT ON social_posthashtag REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION social_count_rows('social_hashtag', 'id', 'true', 'hashtag_id', 'posts');
-- --

CREATE TRIGGER social_report_decided_once BEFORE UPDATE ON social_report FOR EACH ROW WHEN ((old.decided_at IS NOT NULL)) EXECUTE FUNCTION social_refuse_change('social_report_decided_once');
-- --

CREATE POLICY backup_rows ON commerce_address AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_cart AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_cartline AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_couponuse AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_customer AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_order AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_orderchange AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_orderitem AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_payment AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_paymentstep AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_phone AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_wishlist AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON commerce_wishlistitem AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON social_bookmark AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON social_conversation AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON social_follow AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON social_message AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON social_participant AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY backup_rows ON visitors_visitor AS PERMISSIVE FOR SELECT TO backup USING (true);
-- --

CREATE POLICY own_name ON social_message AS RESTRICTIVE FOR INSERT TO tenant WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (author_id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

CREATE POLICY own_rows ON commerce_address AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

CREATE POLICY own_rows ON commerce_cart AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

CREATE POLICY own_rows ON commerce_cartline AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_cart above
  WHERE (above.id = commerce_cartline.cart_id))))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_cart above
  WHERE (above.id = commerce_cartline.cart_id)))));
-- --

CREATE POLICY own_rows ON commerce_couponuse AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

CREATE POLICY own_rows ON commerce_customer AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (visitor_id = ( SELECT public.current_visitor() AS current_visitor)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (visitor_id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

CREATE POLICY own_rows ON commerce_order AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

CREATE POLICY own_rows ON commerce_orderchange AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_order above
  WHERE (above.id = commerce_orderchange.order_id))))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_order above
  WHERE (above.id = commerce_orderchange.order_id)))));
-- --

CREATE POLICY own_rows ON commerce_orderitem AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_order above
  WHERE (above.id = commerce_orderitem.order_id))))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_order above
  WHERE (above.id = commerce_orderitem.order_id)))));
-- --

CREATE POLICY own_rows ON commerce_payment AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_order above
  WHERE (above.id = commerce_payment.order_id))))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_order above
  WHERE (above.id = commerce_payment.order_id)))));
-- --

CREATE POLICY own_rows ON commerce_paymentstep AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_payment above
  WHERE (above.id = commerce_paymentstep.payment_id))))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_payment above
  WHERE (above.id = commerce_paymentstep.payment_id)))));
-- --

CREATE POLICY own_rows ON commerce_phone AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

CREATE POLICY own_rows ON commerce_wishlist AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (customer_id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

CREATE POLICY own_rows ON commerce_wishlistitem AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_wishlist above
  WHERE (above.id = commerce_wishlistitem.wishlist_id))))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM commerce_wishlist above
  WHERE (above.id = commerce_wishlistitem.wishlist_id)))));
-- --

CREATE POLICY own_rows ON social_bookmark AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (profile_id = ( SELECT public.current_visitor() AS current_visitor)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (profile_id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

CREATE POLICY own_rows ON social_conversation AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR ((( SELECT public.current_visitor() AS current_visitor) = low_id) OR (( SELECT public.current_visitor() AS current_visitor) = high_id)) OR (( SELECT public.current_visitor() AS current_visitor) = ANY (members)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR ((( SELECT public.current_visitor() AS current_visitor) = low_id) OR (( SELECT public.current_visitor() AS current_visitor) = high_id)) OR (( SELECT public.current_visitor() AS current_visitor) = ANY (members))));
-- --

CREATE POLICY own_rows ON social_follow AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (accepted_at IS NOT NULL) OR ((( SELECT public.current_visitor() AS current_visitor) = follower_id) OR (( SELECT public.current_visitor() AS current_visitor) = followee_id)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR ((( SELECT public.current_visitor() AS current_visitor) = follower_id) OR (( SELECT public.current_visitor() AS current_visitor) = followee_id))));
-- --

CREATE POLICY own_rows ON social_message AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM social_participant part
  WHERE ((part.conversation_id = social_message.conversation_id) AND (part.profile_id = ( SELECT public.current_visitor() AS current_visitor)) AND (COALESCE(part.left_at, 'infinity'::timestamp with time zone) = 'infinity'::timestamp with time zone)))))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM social_participant part
  WHERE ((part.conversation_id = social_message.conversation_id) AND (part.profile_id = ( SELECT public.current_visitor() AS current_visitor)) AND (COALESCE(part.left_at, 'infinity'::timestamp with time zone) = 'infinity'::timestamp with time zone))))));
-- --

CREATE POLICY own_rows ON social_participant AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM social_conversation above
  WHERE (above.id = social_participant.conversation_id))))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (EXISTS ( SELECT
   FROM social_conversation above
  WHERE (above.id = social_participant.conversation_id)))));
-- --

CREATE POLICY own_rows ON visitors_visitor AS PERMISSIVE FOR ALL TO tenant USING ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (id = ( SELECT public.current_visitor() AS current_visitor)))) WITH CHECK ((( SELECT public.actor_sees_all() AS actor_sees_all) OR (id = ( SELECT public.current_visitor() AS current_visitor))));
-- --

ALTER TABLE commerce_address ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_cart ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_cartline ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_couponuse ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_customer ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_order ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_orderchange ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_orderitem ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_payment ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_paymentstep ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_phone ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_wishlist ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE commerce_wishlistitem ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE social_bookmark ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE social_conversation ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE social_follow ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE social_message ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE social_participant ENABLE ROW LEVEL SECURITY;
-- --

ALTER TABLE visitors_visitor ENABLE ROW LEVEL SECURITY;
-- --

