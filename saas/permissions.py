"""What may be done in the shop, which itself knows no tenancy, and with what it used."""

from tenants.people.permissions import ADMINS, EDITORS, EVERYBODY, declare

# What the catalogue is made of; whoever may change a product may change these.
CATALOG = (
    *("product", "category", "brand", "variant", "option", "optionvalue", "choice"),
    *("tag", "producttag", "image", "review", "reviewvote"),
)
# Only read, since a verb or the database writes them.
WRITTEN_BY_VERBS = ("pastprice", "stockentry", "productview", "productviewday")
# What is known of people: not for everybody who may see a shelf.
PEOPLE = ("customer", "phone", "address", "wishlist", "wishlistitem")

declare(
    "products.read",
    "See products",
    EVERYBODY,
    covers=[f"commerce.view_{model}" for model in (*CATALOG, *WRITTEN_BY_VERBS)],
)
declare(
    "products.write",
    "Create, change and archive products",
    EDITORS,
    covers=[f"commerce.{verb}_{model}" for verb in ("add", "change", "delete") for model in CATALOG],
)
declare("customers.read", "See customers", EDITORS, covers=[f"commerce.view_{model}" for model in PEOPLE])
declare(
    "customers.write",
    "Create, change and delete customers",
    EDITORS,
    covers=[f"commerce.{verb}_{model}" for verb in ("add", "change", "delete") for model in PEOPLE],
)
declare(
    "social.read",
    "See profiles, posts, reports and decisions",
    EVERYBODY,
    covers=[
        f"social.view_{model}"
        for model in (
            "profile post postmedia postedit comment hashtag report decision moderationentry postday profileday".split()
        )
    ],
)
declare(
    "social.moderate",
    "Decide on reports, delete posts and comments, suspend and verify profiles",
    EDITORS,
    covers=[
        "social.change_profile",
        "social.change_post",
        "social.change_comment",
        "social.change_report",
        "social.add_decision",
        # What is between some alone: for those who decide on a report of it.
        *(f"social.view_{model}" for model in ("follow", "block", "conversation", "participant", "message")),
        "social.change_message",
    ],
)
declare(
    "orders.read",
    "See orders, their payments and carts",
    EVERYBODY,
    covers=[
        f"commerce.view_{model}"
        for model in ("order", "orderitem", "orderchange", "payment", "paymentstep", "cart", "cartline")
    ],
)
declare("orders.write", "Move orders on and cancel them", EDITORS, covers=["commerce.change_order"])
declare("payments.write", "Take money and give it back", ADMINS)
declare(
    "coupons.read",
    "See coupons and who used them",
    EVERYBODY,
    covers=[f"commerce.view_{model}" for model in ("coupon", "couponproduct", "couponcustomer", "couponuse")],
)
declare(
    "coupons.write",
    "Create, change and end coupons",
    EDITORS,
    covers=[
        f"commerce.{verb}_{model}"
        for verb in ("add", "change", "delete")
        for model in ("coupon", "couponproduct", "couponcustomer")
    ],
)
declare("reports.read", "See what was sold", EVERYBODY)
declare("visitors.read", "See who comes to the site", EDITORS, covers=["visitors.view_visitor"])
declare("visitors.write", "Close visitors", EDITORS, covers=["visitors.change_visitor"])
