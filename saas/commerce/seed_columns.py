"""The columns of a shop's tables in the order in which a seed writes them."""

PRODUCT = (
    *("id", "category_id", "brand_id", "name", "slug", "sku", "barcode", "description", "seo_title"),
    *(
        "seo_description",
        "price",
        "compare_at_price",
        "cost",
        "currency",
        "weight",
        "featured_at",
        "published_at",
    ),
    *("archived_at", "created_at", "updated_at", "rating_count", "rating_sum"),
)
VARIANT = (
    *("id", "product_id", "name", "sku", "price_modifier", "barcode", "quantity", "stock_minimum"),
    *("low_since", "position"),
)
STOCK = (
    *("id", "variant_id", "number", "kind", "change", "previous_quantity", "quantity", "order_id"),
    *("reference", "reason", "by", "at"),
)
ADDRESS = (
    *("id", "customer_id", "name", "company", "line1", "line2", "postal_code", "city", "region", "country"),
    *("is_default_shipping", "is_default_billing", "created_at"),
)
ORDER = (
    *(
        "id",
        "number",
        "customer_id",
        "status",
        "payment_status",
        "currency",
        "subtotal",
        "discount",
        "shipping",
    ),
    *("tax", "tax_included", "total", "email", "shipping_address", "billing_address", "tracking_number"),
    *("placed_at", "changes", "changed_by", "changed_at"),
)
ITEM = (
    *("id", "order_id", "position", "product_id", "variant_id", "name", "variant_name", "sku", "unit_price"),
    *("quantity", "subtotal", "discount", "total", "tax_rate", "tax"),
)
CHANGE = ("id", "order_id", "number", "field", "before", "after", "by", "at")
PAYMENT = (
    *("id", "order_id", "provider", "amount", "currency", "reference", "authorized", "captured", "refunded"),
    *("created_at", "over_at"),
)
STEP = (
    *("id", "payment_id", "kind", "amount", "key", "state", "source", "reference", "reason"),
    *("requested_at", "settled_at"),
)
REVIEW = (
    *("id", "product_id", "customer_id", "rating", "title", "body", "verified_order_id", "created_at"),
    *("updated_at", "helpful_count"),
)
PAST = ("id", "product_id", "price", "currency", "valid_from", "valid_until")
WISH = ("id", "wishlist_id", "product_id", "quantity", "note", "added_at")
