"""Seeding as a benchmark asks for it: ours, and objects of factory-boy through bulk_create, in the same tenant."""

import time

import factory

from saas import seeding
from saas.commerce.models import Product, Variant
from saas.social.models import Post, Profile
from saas.visitors.models import Visitor
from tenants import context, lifecycle
from tests.benchmarks.leasehold.verbs import create, migrate
from tests.saas.commerce.factories import ProductFactory, VariantFactory
from tests.saas.social.factories import PostFactory, ProfileFactory, VisitorFactory

__all__ = ["bulk_community", "bulk_shop", "create", "migrate", "seed"]


def seed(name: str, app: str, rows: int) -> dict[str, float]:
    """Replace what an app of a tenant has; return the rows made, visitors with them, and the seconds."""
    with context.owner():
        tenant = lifecycle.find(name)
    began = time.perf_counter()
    made = seeding.seed(tenant, app, rows, seed=1, force=True)
    return {"rows": made.rows + made.visitors, "seconds": time.perf_counter() - began}


def bulk_shop(name: str, rows: int) -> dict[str, float]:
    """Make products with a variant each as tests make them, and store them in bulk."""
    with context.public():
        tenant = lifecycle.find(name)
    began = time.perf_counter()
    with context.use(tenant):
        products = ProductFactory.build_batch(rows // 2, description=factory.Faker("sentence", nb_words=14))
        Product.objects.bulk_create(products, batch_size=1_000)
        Variant.objects.bulk_create(
            (VariantFactory.build(product=product) for product in products), batch_size=1_000
        )
    return {"rows": rows // 2 * 2, "seconds": time.perf_counter() - began}


def bulk_community(name: str, rows: int) -> dict[str, float]:
    """Make people with a profile and eight posts each as tests make them, and store them in bulk."""
    with context.public():
        tenant = lifecycle.find(name)
    people = rows // 10
    began = time.perf_counter()
    with context.use(tenant):
        visitors = VisitorFactory.build_batch(people)
        Visitor.objects.bulk_create(visitors, batch_size=1_000)
        profiles = [ProfileFactory.build(visitor=visitor, name=factory.Faker("name")) for visitor in visitors]
        Profile.objects.bulk_create(profiles, batch_size=1_000)
        text = factory.Faker("sentence", nb_words=14)
        posts = (PostFactory.build(author=profile, text=text) for profile in profiles for _ in range(8))
        Post.objects.bulk_create(posts, batch_size=1_000)
    return {"rows": people * 10, "seconds": time.perf_counter() - began}
