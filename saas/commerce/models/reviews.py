"""The rows of reviews, and of who found them helpful."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saas.commerce import ids, values
from saas.commerce.models.catalog import Product
from saas.commerce.models.people import Customer


class Review(models.Model):
    """What a customer thinks of a product, once. Triggers keep the product's rating and this row's votes."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    rating = models.SmallIntegerField(help_text="1 to 5.")
    title = models.CharField(max_length=values.TITLE_LENGTH, blank=True, default="")
    body = models.TextField(blank=True, default="")
    verified_order_id = models.UUIDField(
        null=True, blank=True, editable=False, help_text="The order by which this customer bought it."
    )
    hidden_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    helpful_count = models.IntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["product", "-created_at", "-id"],
                condition=Q(hidden_at__isnull=True),
                name="commerce_review_newest",
            ),
            models.Index(
                fields=["product", "-helpful_count", "-id"],
                condition=Q(hidden_at__isnull=True),
                name="commerce_review_most_helpful",
            ),
            models.Index(fields=["customer", "-created_at", "-id"], name="commerce_review_of_customer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__gte=1, rating__lte=values.RATING_MAX), name="commerce_review_rating_range"
            ),
            models.CheckConstraint(
                condition=Q(helpful_count__gte=0), name="commerce_review_helpful_not_negative"
            ),
            models.UniqueConstraint(fields=["product", "customer"], name="commerce_review_once"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.rating} of {values.RATING_MAX}"


class ReviewVote(models.Model):
    """That a customer found somebody else's review helpful."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["customer"], name="commerce_reviewvote_of")]
        constraints = [
            models.UniqueConstraint(fields=["review", "customer"], name="commerce_reviewvote_once"),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.review}"
