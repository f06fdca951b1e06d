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
