"""The rows of the shop's customers. Who they are is a visitor's row; what the shop knows of them stands here."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saas.commerce import ids, values
from saas.commerce.models.catalog import Product
from saas.visitors.models import Visitor


class Customer(models.Model):
    """A visitor who buys, guest or not: the same id, one row for one."""

    visitor = models.OneToOneField(
        Visitor, on_delete=models.PROTECT, primary_key=True, related_name="customer"
    )
    name = models.CharField(max_length=values.NAME_LENGTH, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "visitor"]

    def __str__(self) -> str:
        return self.name or str(self.visitor_id)


class Phone(models.Model):
    """A number of a customer; of several, one is the primary one."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="phones", db_index=False)
    number = models.CharField(max_length=16, help_text="In the form of E.164: +49301234567.")
    label = models.CharField(max_length=values.NAME_LENGTH, blank=True, default="")
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-is_primary", "created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=values.PHONE), name="commerce_phone_format"),
            models.UniqueConstraint(fields=["customer", "number"], name="commerce_phone_unique"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(is_primary=True), name="commerce_phone_one_primary"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Address(models.Model):
    """Where a customer lives or has things sent. An order keeps a copy, so this row may change freely."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses", db_index=False)
    name = models.CharField(max_length=values.NAME_LENGTH)
    company = models.CharField(max_length=values.NAME_LENGTH, blank=True, default="")
    line1 = models.CharField(max_length=values.NAME_LENGTH)
    line2 = models.CharField(max_length=values.NAME_LENGTH, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    city = models.CharField(max_length=values.NAME_LENGTH)
    region = models.CharField(max_length=values.NAME_LENGTH, blank=True, default="")
    country = models.CharField(max_length=2, help_text="The two capital letters of ISO 3166.")
    is_default_shipping = models.BooleanField(default=False)
    is_default_billing = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "addresses"
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["customer", "created_at", "id"], name="commerce_address_of_customer")]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK)
                & Q(line1__regex=values.NOT_BLANK)
                & Q(city__regex=values.NOT_BLANK),
                name="commerce_address_not_blank",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=values.COUNTRY), name="commerce_address_country_iso"
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_default_shipping=True),
                name="commerce_address_one_default_shipping",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_default_billing=True),
                name="commerce_address_one_default_billing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"


class Wishlist(models.Model):
    """A list of what a customer would like to have."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="wishlists", db_index=False)
    name = models.CharField(max_length=values.NAME_LENGTH)
    products = models.ManyToManyField(
        Product, through="commerce.WishlistItem", related_name="wishlists", blank=True
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="commerce_wishlist_name_not_blank"
            ),
            models.UniqueConstraint(fields=["customer", "name"], name="commerce_wishlist_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class WishlistItem(models.Model):
    """That a product is wished for, how many, and why: many to many, with data."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    wishlist = models.ForeignKey(Wishlist, on_delete=models.CASCADE, related_name="items", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    quantity = models.IntegerField(default=1)
    note = models.CharField(max_length=values.REASON_LENGTH, blank=True, default="")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-added_at", "-id"]
        indexes = [
            models.Index(fields=["wishlist", "-added_at", "-id"], name="commerce_wishlistitem_newest"),
            models.Index(fields=["product"], name="commerce_wishlistitem_of"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="commerce_wishlistitem_quantity_positive"
            ),
            models.UniqueConstraint(fields=["wishlist", "product"], name="commerce_wishlistitem_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product}"
