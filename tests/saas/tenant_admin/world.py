"""Rows of every model that has pages in a tenant's admin; each call makes one more of each."""

from saas.commerce import details, orders, stock, variants
from saas.commerce.models import PastPrice, ProductViewDay, WishlistItem
from saas.commerce.payments import steps
from saas.social import blocks, conversations, follows, messages, moderation, posts
from saas.social.models import Hashtag, PostDay, PostEdit, ProfileDay
from tests.saas.commerce import factories as shop
from tests.saas.social import factories as community


def fill() -> None:
    """Make one more row of each model, in the context that is entered."""
    _shop()
    _community()


def _shop() -> None:
    parent = shop.CategoryFactory()
    product = shop.ProductFactory(category=shop.CategoryFactory(parent=parent), brand=shop.BrandFactory())
    option = variants.add_option(product, "Size")
    large = variants.add_value(option, "L", price_modifier=100)
    variant = variants.create(product, choices=[large], quantity=3)
    stock.adjust(variant, to=2, reason="counted")
    details.tag(product, [shop.TagFactory()])
    details.add_image(product, key="lamp.jpg")
    begin = product.created_at
    PastPrice.objects.create(
        product=product, price=1, currency="EUR", valid_from=begin, valid_until=begin.replace(year=2999)
    )
    ProductViewDay.objects.create(product=product, day="2026-01-01", count=2)
    customer = shop.CustomerFactory()
    shop.PhoneFactory(customer=customer)
    shop.AddressFactory(customer=customer)
    WishlistItem.objects.create(wishlist=shop.WishlistFactory(customer=customer), product=product)
    shop.ReviewFactory(product=product, customer=customer)
    coupon = shop.CouponFactory()
    tent = shop.for_sale(price=1999)
    order = orders.place(
        shop.filled((tent, 2), customer=customer), shipping_address=shop.ADDRESS, coupon_code=coupon.code
    )
    steps.authorize(order, provider="fake", source="card", key=f"pay-{order.pk}")
    shop.filled((tent, 1), customer=customer)


def _community() -> None:
    ann, bob, cyd = (community.ProfileFactory() for _ in range(3))
    post = posts.create(ann, text=f"Camping #tents{ann.pk.hex[:12]}")
    posts.edit(post, by=ann, text=f"Camping again #tents{ann.pk.hex[:12]}")
    follows.follow(ann, by=bob)
    blocks.block(cyd, by=bob)
    community.CommentFactory(post=post, author=bob)
    talk = conversations.direct(ann, bob)
    said = messages.send(talk, by=ann, text="Hello")
    PostDay.objects.create(post=post, day="2026-01-01", views=1)
    ProfileDay.objects.create(profile=ann, day="2026-01-01", views=1)
    moderation.decide(moderation.report(said, by=bob, reason="spam"), action="warn", by="moderator")
    moderation.report(post, by=bob, reason="spam")
    assert Hashtag.objects.exists()
    assert PostEdit.objects.exists()
