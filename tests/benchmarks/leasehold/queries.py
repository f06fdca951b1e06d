"""The queries of the two apps as a benchmark asks for them: by Django's ORM, and the same SQL sent by hand."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from saas import seeding
from saas.commerce import catalog, orders, products, reports, reviews, search, stock
from saas.commerce.models import Brand, Category, Customer, Product
from saas.social import comments, conversations, feed, hashtags, notifications, pages, posts, profiles
from saas.social.models import Hashtag, Notification, Post, Profile
from tenants import context, directory, lifecycle
from tests.benchmarks.leasehold.verbs import create, migrate

__all__ = ["create", "explained", "fill", "migrate", "names", "schema", "timed"]

PAGE = 20
DEEP = 0.5  # of the published products stand before the page
Query = Callable[[], Any]


@lru_cache
def _tenant(name: str) -> directory.Entry:
    with context.public():
        return directory.entry_of(lifecycle.find(name))


def schema(name: str) -> str:
    return _tenant(name).schema_name


def names() -> list[str]:
    return list(QUERIES)


def fill(name: str, app: str, rows: int, parts: dict[str, int]) -> dict[str, int]:
    """Fill an app of a tenant; return the rows of each table."""
    with context.owner():
        tenant = lifecycle.find(name)
    return seeding.seed(tenant, app, rows, seed=1, parts=parts).tables


def timed(name: str, query: str, times: int) -> dict[str, Any]:
    """Return the seconds of each run by the ORM and by hand, by turns, all of them in one open context."""
    found: dict[str, Any] = {"orm": [], "hand": []}
    rows: list[Any] = []
    with context.use(_tenant(name)):
        run = QUERIES[query]()
        statements = _sent(run)
        for _ in range(times):
            for way, work in (("orm", run), ("hand", lambda: _by_hand(statements))):
                began = time.perf_counter()
                rows = work()
                found[way].append(time.perf_counter() - began)
        return {**found, "rows": len(rows), "statements": len(statements)}


def explained(name: str, query: str) -> list[str]:
    """Return the statements with their values in them, for EXPLAIN, which a tenant's role may not send."""
    with context.use(_tenant(name)):
        statements = _sent(QUERIES[query]())
        cursor = psycopg.ClientCursor(connection.connection)
        return [cursor.mogrify(sql.encode(), params) for sql, params in statements]


def _sent(run: Query) -> list[tuple[str, Any]]:
    statements: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        run()
    return statements


def _by_hand(statements: list[tuple[str, Any]]) -> list[Any]:
    rows: list[Any] = []
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            rows = cursor.fetchall()
    return rows


# Each returns what to run; what it needs to know is asked before.


def _reader() -> Profile:
    """The one who follows 500."""
    return Profile.objects.order_by("-following", "visitor_id")[0]


def _deep(found: Any) -> int:
    return int(found.count() * DEEP)


def _page(found: Any) -> Query:
    return lambda: list(found.all()[:PAGE])


def _newest() -> Query:
    return _page(products.published())


def _keyset() -> Query:
    found = products.published()
    last = found[_deep(found) - 1]
    return _page(products.older_than(found, last.created_at, last.id))


def _offset() -> Query:
    found = products.published()
    first = _deep(found)
    return lambda: list(found.all()[first : first + PAGE])


def _in_category() -> Query:
    deepest = Category.objects.annotate(n=Count("products")).order_by("-n", "id")[0]
    return _page(catalog.newest(category=deepest))


def _of_brand() -> Query:
    brand = Brand.objects.annotate(n=Count("products")).order_by("-n", "id")[0]
    return _page(catalog.newest(brand=brand))


def _cheapest() -> Query:
    return _page(catalog.cheapest(catalog.newest(price_from=2_000, price_to=4_000)))


def _search_shop() -> Query:
    word = Product.objects.order_by("id")[0].name.split()[0]
    return _page(search.published(word))


def _low_stock() -> Query:
    return _page(stock.low())


def _orders_of_customer() -> Query:
    customer = Customer.objects.annotate(n=Count("orders")).order_by("-n", "pk")[0]
    return _page(orders.listing(customer_id=customer.pk))


def _reviews() -> Query:
    product = Product.objects.order_by("-rating_count", "id")[0]
    return _page(reviews.most_helpful(product))


def _sales() -> Query:
    today = timezone.now().date()
    currency = Product.objects.values_list("currency", flat=True)[0]
    return lambda: reports.sales(today - timedelta(days=30), today, currency=currency)


def _feed() -> Query:
    reader = _reader()
    return lambda: list(feed.home(reader))


def _feed_later() -> Query:
    reader = _reader()
    shown = list(feed.home(reader, limit=200))[-1]
    return lambda: list(feed.home(reader, after=(shown.created_at, shown.id)))


def _thread() -> Query:
    root = Post.objects.order_by("-replies", "id")[0]
    return _page(posts.thread(root, _reader()))


def _hashtag() -> Query:
    tag = Hashtag.objects.order_by("-posts", "id")[0]
    return _page(hashtags.posts(tag.name, _reader()))


def _trending() -> Query:
    return _page(hashtags.trending())


def _search_posts() -> Query:
    word = Post.objects.exclude(text="").order_by("id")[0].text.split()[0]
    return _page(posts.search(word, _reader()))


def _of_author() -> Query:
    author = Profile.objects.order_by("-posts", "visitor_id")[0]
    return _page(pages.older_than(posts.of_author(author, _reader()), timezone.now(), author.pk))


def _comments() -> Query:
    post = Post.objects.order_by("-comments", "id")[0]
    return _page(comments.listing(post, _reader()))


def _notifications() -> Query:
    most = Notification.objects.values("recipient").annotate(n=Count("id")).order_by("-n", "recipient")[0]
    return _page(notifications.listing(Profile.objects.get(pk=most["recipient"])))


def _conversations() -> Query:
    return _page(conversations.listing(_reader()))


def _handles() -> Query:
    start = _reader().handle[:3]
    return _page(profiles.beginning_with(start, _reader()))


QUERIES: dict[str, Callable[[], Query]] = {
    "newest products": _newest,
    "the same half way, by key": _keyset,
    "the same half way, by offset": _offset,
    "of a category": _in_category,
    "of a brand": _of_brand,
    "by price in a range": _cheapest,
    "search in the shop": _search_shop,
    "stock that is low": _low_stock,
    "orders of a customer": _orders_of_customer,
    "reviews, most helpful": _reviews,
    "sales per day, 31 days": _sales,
    "feed of who follows 500": _feed,
    "the same, after 200": _feed_later,
    "posts of an author": _of_author,
    "a thread": _thread,
    "posts of a hashtag": _hashtag,
    "hashtags that trend": _trending,
    "search in posts": _search_posts,
    "comments of a post": _comments,
    "notifications": _notifications,
    "conversations": _conversations,
    "handles that begin so": _handles,
}
