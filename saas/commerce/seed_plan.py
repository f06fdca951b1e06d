"""What hangs together in a believable shop, drawn before any row: who bought what, and what is left."""

import tomllib
from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.text import slugify

from saas.visitors import chance
from saas.visitors import seed as visitors
from saas.visitors.chance import Chance

SHOPS = Path(__file__).resolve().parent / "shops"
FLAVOURS = ("outdoor", "books", "kitchen")
HOUR_MS = 3_600_000
# Parts of all rows. The number of variants, lines and changes follows; what is left over are looks at products.
PARTS = {
    "customers": 0.02,
    "orders": 0.03,
    "carts": 0.004,
    "wishes": 0.015,
    "reviews": 0.02,
    "votes": 0.01,
    "view_days": 0.03,
    "past_prices": 0.003,
}
CATALOGUE = 0.3  # of all rows: products, and what hangs on them without being bought
LEAST = {"customers": 10, "orders": 10}
LEAST_PRODUCTS = 10
TAGS = 20
STOCK_MINIMUM = 5  # at this quantity or below, the stock of every third variant is low
TOO_FEW = "A shop needs more rows than that: give at least 1000."
# How an order goes on: hours after it was placed, of what, to what.
BEGIN = ((0.0, "status", "pending"), (0.1, "payment_status", "authorized"))
ON_ITS_WAY = (
    *BEGIN,
    *((1.0, "status", "confirmed"), (8.0, "status", "processing"), (24.0, "status", "shipped")),
    *((24.1, "payment_status", "paid"), (72.0, "status", "delivered")),
)
SENT_BACK = (*ON_ITS_WAY, (240.0, "status", "returned"), (241.0, "payment_status", "refunded"))
CANCELLED = (*BEGIN, (2.0, "status", "cancelled"), (2.1, "payment_status", "unpaid"))
UNPAID = (BEGIN[0], (0.1, "payment_status", "failed"))


def plan(rows: int) -> dict[str, int]:
    """Return how many rows of each kind there are among so many."""
    return {kind: max(LEAST.get(kind, 1), int(rows * part)) for kind, part in PARTS.items()}


def flavour_of(seed: int, flavour: str | None) -> dict[str, Any]:
    name = flavour or FLAVOURS[seed % len(FLAVOURS)]
    if name not in FLAVOURS:
        raise ValueError(f"{name!r} is no flavour. Flavours are {', '.join(FLAVOURS)}.")
    return tomllib.loads((SHOPS / f"{name}.toml").read_text(encoding="utf-8"))


class Line(NamedTuple):
    variant: int
    quantity: int


class Order(NamedTuple):
    id: str
    at: int
    customer: int
    lines: tuple[Line, ...]
    changes: tuple[tuple[int, str, str, str], ...]  # when, of what, from what, to what

    def state(self, field: str) -> str:
        return next((after for _, of, _, after in reversed(self.changes) if of == field), "unpaid")

    def when(self, field: str, state: str) -> int | None:
        return next((at for at, of, _, after in self.changes if (of, after) == (field, state)), None)


class Plan:
    """A shop of exactly so many rows; the attributes are lists by the number of a product, variant or customer."""

    def __init__(
        self, rows: int, seed: int, until: datetime, wanted: dict[str, int], flavour: str | None
    ) -> None:
        self.rows, self.seed, self.until, self.wanted = rows, seed, until, wanted
        self.shop = flavour_of(seed, flavour)
        self.who = list(visitors.persons(wanted["customers"], seed=seed, until=until))
        self.sentences = chance.sentences(seed, 200)
        self.end = round(until.timestamp() * 1000)
        self._plan_shelves()
        self._plan_products()
        self._plan_orders()
        self._plan_stock()
        self._plan_reviews()
        self._plan_rest()

    def _plan_shelves(self) -> None:
        draw = self._chance("shelves")
        self.tree: dict[tuple[str, ...], str] = {}
        for shelf in self.shop["shelves"]:
            for depth in range(1, len(shelf["path"]) + 1):
                self.tree.setdefault(tuple(shelf["path"][:depth]), draw.id(draw.begin))
        self.brands = {name: draw.id(draw.begin) for name in self.shop["makers"]}
        self.tags = {word: draw.id(draw.begin) for word in self.shop["words"][:TAGS]}

    def _plan_products(self) -> None:
        draw, shelves = self._chance("products"), self.shop["shelves"]
        forms = sum(len(shelf["options"]) for shelf in shelves) / len(shelves)
        # A product is four rows with its option, and each form four more.
        number = self.wanted.get("products") or max(
            LEAST_PRODUCTS, int(self.rows * CATALOGUE / (4 + 4 * forms))
        )
        self.made_at = [at - (at - draw.begin) // 2 for at in draw.timeline(number)]
        self.product = [draw.id(at) for at in self.made_at]
        self.shelf = [draw.random.choice(shelves) for _ in range(number)]
        self.price = [draw.random.randrange(shelf["low"], shelf["high"], 100) + 99 for shelf in self.shelf]
        self.variant: list[str] = []
        self.variant_of: list[int] = []
        self.place: list[int] = []
        self.first = []
        for i, shelf in enumerate(self.shelf):
            self.first.append(len(self.variant))
            for place, _ in enumerate(shelf["options"]):
                self.variant.append(draw.id(self.made_at[i]))
                self.variant_of.append(i)
                self.place.append(place)

    def options(self, i: int) -> list[str]:
        """Return what a product varies in: nothing where there is one form of it."""
        found: list[str] = self.shelf[i]["options"]
        return found if len(found) > 1 else []

    def variant_price(self, v: int) -> int:
        i = self.variant_of[v]
        price: int = self.price[i] + self.place[v] * self.shelf[i].get("step", 0)
        return price

    def _plan_orders(self) -> None:
        draw, people = self._chance("orders"), len(self.who)
        self.orders = []
        for at in draw.timeline(self.wanted["orders"]):
            offered = bisect_right(self.made_at, at)
            wanted = draw.some(min(offered, 1 + int(draw.random.expovariate(1))), offered) if offered else [0]
            lines = tuple(
                Line(self.first[i] + draw.random.randrange(len(self.shelf[i]["options"])), self._pieces(draw))
                for i in wanted
            )
            changes = self._changes(draw, at)
            self.orders.append(Order(draw.id(at), at, draw.popular(people), lines, changes))

    def _pieces(self, draw: Chance) -> int:
        return 1 + int(draw.random.expovariate(2))

    def _changes(self, draw: Chance, at: int) -> tuple[tuple[int, str, str, str], ...]:
        luck = draw.random.random()
        path = (
            SENT_BACK if luck < 0.03 else CANCELLED if luck < 0.08 else UNPAID if luck < 0.1 else ON_ITS_WAY
        )
        now = {"status": "", "payment_status": "unpaid"}
        found: list[tuple[int, str, str, str]] = []
        for hours, field, after in path:
            when = at + int(hours * HOUR_MS)
            if when > self.end and found:
                break
            found.append((when, field, now[field], after))
            now[field] = after
        return tuple(found)

    def _plan_stock(self) -> None:
        """What was sold was bought before, and what came back lies there again."""
        draw = self._chance("stock")
        self.moves: dict[int, list[tuple[int, str, int, str | None]]] = defaultdict(list)
        for order in self.orders:
            back = order.when("status", "cancelled") or order.when("status", "returned")
            for variant, quantity in order.lines:
                self.moves[variant].append((order.at, "sale", -quantity, order.id))
                if back:
                    self.moves[variant].append((back, "return", quantity, order.id))
        self.quantity = []
        for v in range(len(self.variant)):
            self.moves[v].sort()
            left = 0 if draw.random.random() < 0.15 else 1 + int(draw.random.expovariate(1 / 25))
            needed = sum(-change for _, kind, change, _ in self.moves[v] if kind == "sale")
            if left + needed:
                self.moves[v].insert(0, (self.made_at[self.variant_of[v]], "purchase", left + needed, None))
            self.quantity.append(sum(change for _, _, change, _ in self.moves[v]))
        self.minimum = [STOCK_MINIMUM if v % 3 == 0 else None for v in range(len(self.variant))]

    def _plan_reviews(self) -> None:
        """Each is of somebody who got the thing."""
        draw = self._chance("reviews")
        got: dict[tuple[int, int], tuple[str, int]] = {}
        for order in self.orders:
            if delivered := order.when("status", "delivered"):
                for variant, _ in order.lines:
                    got.setdefault((self.variant_of[variant], order.customer), (order.id, delivered))
        found = list(got.items())
        number = min(self.wanted["reviews"], len(found))
        self.reviews = []
        self.rated, self.stars = Counter[int](), Counter[int]()
        for k in range(number):
            (product, customer), (bought_by, delivered) = found[k * len(found) // number]
            at, stars = draw.after(delivered), draw.random.choice((5, 5, 5, 5, 4, 4, 4, 3, 2, 1))
            self.reviews.append((draw.id(at), product, customer, bought_by, at, stars))
            self.rated[product] += 1
            self.stars[product] += stars
        most = len(self.who) - 1
        self.votes = chance.shares(self.wanted["votes"], number, most=most) if number else []

    def _plan_rest(self) -> None:
        draw = self._chance("rest")
        self.wishes = chance.shares(
            self.wanted["wishes"], 1 + len(self.who) // 5, most=max(1, len(self.product) // 2)
        )
        self.carts = min(self.wanted["carts"], len(self.who))
        self.in_cart = [1 + draw.random.randrange(3) for _ in range(self.carts)]
        self.views = self.rows - self._other_rows()
        if self.views < 0:
            raise ValueError(TOO_FEW)

    def _other_rows(self) -> int:
        """All rows but those of looks."""
        several = [i for i in range(len(self.product)) if self.options(i)]
        catalogue = (
            len(self.tree) + len(self.brands) + len(self.tags) + 3 * len(self.product) + len(self.variant)
        )
        options = sum(1 + 2 * len(self.options(i)) for i in several)
        stock = sum(map(len, self.moves.values()))
        orders = sum(
            2 + len(order.lines) + len(order.changes) + len(self.steps(order)) for order in self.orders
        )
        people = 3 * len(self.who) + len(self.wishes) + sum(self.wishes) + self.carts + sum(self.in_cart)
        said = len(self.reviews) + sum(self.votes) + self.wanted["view_days"] + self.wanted["past_prices"]
        return catalogue + options + stock + orders + people + said + 1  # the counter of orders

    def steps(self, order: Order) -> list[tuple[int, str, str]]:
        """Return what a provider was asked: when, what, how it went."""
        kinds = {
            "authorized": ("authorize", "succeeded"),
            "failed": ("authorize", "failed"),
            "paid": ("capture", "succeeded"),
            "refunded": ("refund", "succeeded"),
            "unpaid": ("release", "succeeded"),
        }
        return [(at, *kinds[after]) for at, field, _, after in order.changes if field == "payment_status"]

    def _chance(self, name: str) -> Chance:
        return Chance(self.seed, f"commerce {name}", self.until)


def slug_of(name: str, number: int) -> str:
    return f"{slugify(name)}-{number}"
