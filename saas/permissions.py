"""What may be done in the shop, which itself knows no tenancy, and with what it used."""

from tenants.people.permissions import EDITORS, EVERYBODY, declare

declare(
    "products.read", "See products", EVERYBODY, covers=["commerce.view_product", "commerce.view_category"]
)
declare(
    "products.write",
    "Create, change and archive products",
    EDITORS,
    covers=[
        f"commerce.{verb}_{model}"
        for verb in ("add", "change", "delete")
        for model in ("product", "category")
    ],
)
declare(
    "social.read",
    "See profiles, posts, reports and decisions",
    EVERYBODY,
    covers=[
        f"social.view_{model}"
        for model in (
            "profile post postmedia postedit comment hashtag follow block report decision moderationentry".split()
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
    ],
)
