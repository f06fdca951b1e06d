"""Fill an empty shop with a believable catalogue, in whatever context the caller has opened; it is not usage."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from django.db import router, transaction
from django.utils import timezone
from django.utils.text import slugify

from saas.commerce import exceptions, ids
from saas.commerce.models import Category, Product, Variant

SHOPS = Path(__file__).resolve().parent / "shops"
FLAVOURS = ("outdoor", "books", "kitchen")
ROWS = {"small": 500, "medium": 50_000, "large": 2_000_000}
BATCH_PRODUCTS = 1_000
SHOP_AGE = timedelta(days=540)
DRAFT_AT_MOST = timedelta(days=14)
DRAFTS = 0.10
ARCHIVED = 0.05  # of those that were published
REDUCED = 0.20
REDUCED_BY_PERCENT = (10, 40)
SOLD_OUT = 0.15
USUAL_STOCK = 25

Progress = Callable[[int, int], None]
Stocked = tuple[Product, list[Variant]]


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made, in rows."""

    flavour: str
    categories: int
    products: int
    variants: int

    @property
    def rows(self) -> int:
        return self.categories + self.products + self.variants


def seed(
    size: str | int, *, seed: int, flavour: str | None = None, progress: Progress | None = None
) -> Seeded:
    """Make exactly `size` rows ("small", "medium", "large" or a number), all of them or none.

    The same seed makes the same shop, except for ids, which no two shops share, and dates, which count back from
    now. Without a flavour the seed chooses one in turn. progress(done, all) is called after each batch. Raises
    ShopNotEmpty; ValueError for a size or flavour that there is not, or one smaller than the flavour's tree.
    """
    rows, name = _rows(size), flavour or FLAVOURS[seed % len(FLAVOURS)]
    maker = _Maker(_shop(name), Random(seed), timezone.now())  # noqa: S311 # believable, not secret
    if rows <= len(maker.tree):
        raise ValueError(
            f"A shop of {name} has {len(maker.tree)} categories; it needs more rows than {rows}."
        )
    with transaction.atomic(using=router.db_for_write(Product)):
        if Category.objects.exists() or Product.objects.exists():
            raise exceptions.ShopNotEmpty
        return _fill(maker, name, rows, progress or _silent)


def _rows(size: str | int) -> int:
    if isinstance(size, int):
        return size
    if size not in ROWS:
        raise ValueError(f"{size!r} is no size. Sizes are {', '.join(ROWS)}, or a number of rows.")
    return ROWS[size]


def _shop(flavour: str) -> dict[str, Any]:
    if flavour not in FLAVOURS:
        raise ValueError(f"{flavour!r} is no flavour. Flavours are {', '.join(FLAVOURS)}.")
    return tomllib.loads((SHOPS / f"{flavour}.toml").read_text(encoding="utf-8"))


def _silent(_done: int, _all: int) -> None: ...


def _fill(maker: "_Maker", flavour: str, rows: int, progress: Progress) -> Seeded:
    Category.objects.bulk_create(maker.tree.values())
    done, products, variants = len(maker.tree), 0, 0
    progress(done, rows)
    stock = maker.stock(rows - done)
    while batch := list(islice(stock, BATCH_PRODUCTS)):
        products += len(Product.objects.bulk_create(product for product, _ in batch))
        variants += len(Variant.objects.bulk_create(variant for _, several in batch for variant in several))
        progress(done + products + variants, rows)
    return Seeded(flavour, len(maker.tree), products, variants)


@dataclass(slots=True)
class _Maker:
    """Draws one shop from a flavour and a source of chance; touches no database."""

    shop: dict[str, Any]
    random: Random
    now: datetime
    tree: dict[tuple[str, ...], Category] = field(default_factory=dict)
    slugs: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for shelf in self.shop["shelves"]:
            for depth in range(1, len(shelf["path"]) + 1):
                self._grow(tuple(shelf["path"][:depth]))

    def _grow(self, path: tuple[str, ...]) -> None:
        if path not in self.tree:
            above = self.tree.get(path[:-1])
            siblings = sum(1 for other in self.tree if other[:-1] == path[:-1])
            self.tree[path] = Category(parent=above, name=path[-1], slug=slugify(path[-1]), position=siblings)

    def stock(self, rows: int) -> Iterator[Stocked]:
        """Draw products with their variants until they are exactly so many rows."""
        number = 0
        while rows:
            number += 1
            shelf = self.random.choice(self.shop["shelves"])
            product = self._product(number, shelf)
            variants = self._variants(product, shelf)[: rows - 1]
            rows -= 1 + len(variants)
            yield product, variants

    def _product(self, number: int, shelf: dict[str, Any]) -> Product:
        words = {
            "maker": self.random.choice(self.shop["makers"]),
            "word": self.random.choice(self.shop["words"]),
            "noun": self.random.choice(shelf["nouns"]),
        }
        name = self.random.choice(self.shop["names"]).format(**words)
        price = self.random.randrange(shelf["low"], shelf["high"], 100) + 99
        return Product(
            id=ids.new(),
            category=self.tree[tuple(shelf["path"])],
            name=name,
            slug=self._slug(name),
            sku=f"{self.shop['prefix']}-{shelf['code']}-{number:06}",
            description=self.random.choice(self.shop["descriptions"]).format(**words),
            price=price,
            compare_at_price=self._price_before(price),
            currency=self.shop["currency"],
            **self._dates(),
        )

    def _slug(self, name: str) -> str:
        stem = slugify(name)
        self.slugs[stem] += 1
        return stem if self.slugs[stem] == 1 else f"{stem}-{self.slugs[stem]}"

    def _price_before(self, price: int) -> int | None:
        """Those reduced are so by whole units of the currency."""
        if self.random.random() >= REDUCED:
            return None
        return price + max(100, price * self.random.randint(*REDUCED_BY_PERCENT) // 100 // 100 * 100)

    def _dates(self) -> dict[str, datetime | None]:
        created = self.now - self._some(SHOP_AGE)
        if self.random.random() < DRAFTS:
            return {"created_at": created, "published_at": None, "archived_at": None}
        published = min(created + self._some(DRAFT_AT_MOST), self.now)
        gone = self.random.random() < ARCHIVED
        archived = published + self._some(self.now - published) if gone else None
        return {"created_at": created, "published_at": published, "archived_at": archived}

    def _some(self, span: timedelta) -> timedelta:
        return timedelta(microseconds=self.random.randrange(span // timedelta(microseconds=1) + 1))

    def _variants(self, product: Product, shelf: dict[str, Any]) -> list[Variant]:
        return [
            Variant(
                product=product,
                name=option,
                sku=f"{product.sku}-{position + 1}",
                price_modifier=position * shelf.get("step", 0),
                quantity=self._quantity(),
                position=position,
            )
            for position, option in enumerate(shelf["options"])
        ]

    def _quantity(self) -> int:
        """Of most there are a few, of some many."""
        return 0 if self.random.random() < SOLD_OUT else 1 + int(self.random.expovariate(1 / USUAL_STOCK))
