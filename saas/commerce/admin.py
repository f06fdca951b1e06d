"""The shop's pages for the people who run it: ordinary Django admin. What each shows and does stands in `desk`."""

from django.contrib import admin

from saas.commerce import models
from saas.commerce.desk import catalog, people, sales

admin.site.register(models.Category, catalog.CategoryPage)
admin.site.register(models.Brand, catalog.BrandPage)
admin.site.register(models.Tag, catalog.TagPage)
admin.site.register(models.Product, catalog.ProductPage)
admin.site.register(models.Variant, catalog.VariantPage)
admin.site.register(models.Option, catalog.OptionPage)
admin.site.register(models.Image, catalog.ImagePage)
admin.site.register(models.PastPrice, catalog.PastPricePage)
admin.site.register(models.StockEntry, catalog.StockEntryPage)
admin.site.register(models.ProductViewDay, catalog.ViewDayPage)
admin.site.register(models.Customer, people.CustomerPage)
admin.site.register(models.Wishlist, people.WishlistPage)
admin.site.register(models.Review, people.ReviewPage)
admin.site.register(models.Cart, sales.CartPage)
admin.site.register(models.Order, sales.OrderPage)
admin.site.register(models.Coupon, sales.CouponPage)
admin.site.register(models.CouponUse, sales.CouponUsePage)
