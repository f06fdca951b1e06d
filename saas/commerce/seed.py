"""Rows of a believable shop: pure, no database. Counters and histories come with the rows; no trigger runs."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from django.utils.text import slugify

from saas.commerce.seed_columns import (
    ADDRESS,
    CHANGE,
    ITEM,
    ORDER,
    PAST,
    PAYMENT,
    PRODUCT,
    REVIEW,
    STEP,
    STOCK,
    VARIANT,
    WISH,
)
from saas.commerce.seed_plan import Order, Plan, plan, slug_of
from saas.visitors.chance import DAY_MS, Batch, moment

Rows = Iterator[tuple[object, ...]]
BY = "seed"
DRAFTS, ARCHIVED, REDUCED, FEATURED = 0.1, 0.05, 0.2, 0.02
SHIPPING = 490  # minor units
CITIES = ("Springfield", "Riverton", "Lakeside", "Fairview", "Milton")


def people(rows: int) -> int:
    """Return how many visitors so many rows need."""
    return plan(rows)["customers"]


def batches(
    rows: int,
    *,
    seed: int,
    until: datetime,
    flavour: str | None = None,
    parts: Mapping[str, int] | None = None,
) -> Iterator[Batch]:
    """Yield the tables of a shop in an order in which each stands on those before, exactly so many rows.

    Without a flavour the seed chooses one in turn; parts says otherwise for some kinds of `plan`. Raises ValueError
    for a flavour that there is not, and for too few rows.
    """
    return _Shop(rows, seed, until, {**plan(rows), **(parts or {})}, flavour).batches()


class _Shop(Plan):
    """Yields the rows of a plan table by table."""

    def batches(self) -> Iterator[Batch]:
        yield "commerce_category", ("id", "parent_id", "name", "slug", "position"), self._categories()
        yield "commerce_brand", ("id", "name", "slug", "description", "website"), self._brands()
        yield "commerce_tag", ("id", "name", "slug"), self._tags()
        yield "commerce_product", PRODUCT, self._products()
        yield "commerce_producttag", ("id", "product_id", "tag_id"), self._product_tags()
        yield "commerce_image", ("id", "product_id", "key", "alt", "position", "created_at"), self._images()
        yield "commerce_variant", VARIANT, self._variants()
        yield "commerce_option", ("id", "product_id", "name", "position"), self._options()
        yield (
            "commerce_optionvalue",
            ("id", "option_id", "name", "price_modifier", "position"),
            self._values(),
        )
        yield "commerce_choice", ("id", "product_id", "variant_id", "option_id", "value_id"), self._choices()
        yield "commerce_pastprice", PAST, self._past_prices()
        yield "commerce_customer", ("visitor_id", "name", "created_at"), self._customers()
        yield (
            "commerce_phone",
            ("id", "customer_id", "number", "label", "is_primary", "created_at"),
            self._phones(),
        )
        yield "commerce_address", ADDRESS, self._addresses()
        yield "commerce_wishlist", ("id", "customer_id", "name", "created_at"), self._wishlists()
        yield "commerce_wishlistitem", WISH, self._wishes()
        yield "commerce_cart", ("id", "customer_id", "currency", "created_at"), self._carts()
        yield "commerce_cartline", ("id", "cart_id", "variant_id", "quantity", "added_at"), self._cart_lines()
        yield "commerce_ordercounter", ("id", "position", "last"), self._counter()
        yield "commerce_order", ORDER, self._orders()
        yield "commerce_orderitem", ITEM, self._items()
        yield "commerce_orderchange", CHANGE, self._order_changes()
        yield "commerce_payment", PAYMENT, self._payments()
        yield "commerce_paymentstep", STEP, self._steps()
        yield "commerce_stockentry", STOCK, self._stock()
        yield "commerce_review", REVIEW, self._reviews()
        yield "commerce_reviewvote", ("id", "review_id", "customer_id", "created_at"), self._votes()
        yield "commerce_productview", ("id", "product_id", "customer_id", "at"), self._views()
        yield "commerce_productviewday", ("id", "product_id", "day", "count"), self._view_days()

    # The catalogue

    def _categories(self) -> Rows:
        siblings: dict[tuple[str, ...], int] = {}
        for path, id_ in self.tree.items():
            place = siblings[path[:-1]] = siblings.get(path[:-1], -1) + 1
            yield id_, self.tree.get(path[:-1]), path[-1], slugify(path[-1]), place

    def _brands(self) -> Rows:
        for name, id_ in self.brands.items():
            yield id_, name, slugify(name), "", ""

    def _tags(self) -> Rows:
        for word, id_ in self.tags.items():
            yield id_, word, slugify(word)

    def _names(self, i: int) -> dict[str, str]:
        """Return what the names and descriptions of a product are made of."""
        makers, words, nouns = list(self.brands), self.shop["words"], self.shelf[i]["nouns"]
        n = i * 2_654_435_761 % 2**32
        return {
            "maker": makers[n % len(makers)],
            "word": words[n // 7 % len(words)],
            "noun": nouns[n // 101 % len(nouns)],
        }

    def _name(self, i: int) -> str:
        names: list[str] = self.shop["names"]
        return names[i % len(names)].format(**self._names(i))

    def _sku(self, v: int) -> str:
        i = self.variant_of[v]
        return f"{self._product_sku(i)}-{self.place[v] + 1}"

    def _product_sku(self, i: int) -> str:
        return f"{self.shop['prefix']}-{self.shelf[i]['code']}-{i + 1:06}"

    def _products(self) -> Rows:
        draw, sold = (
            self._chance("product rows"),
            {self.variant_of[v] for v in self.moves if len(self.moves[v]) > 1},
        )
        for i, id_ in enumerate(self.product):
            name, at, luck = self._name(i), self.made_at[i], draw.random.random()
            published = None if luck < DRAFTS and i not in sold else moment(at)
            archived = moment(draw.until) if published and luck > 1 - ARCHIVED else None
            featured = moment(at) if published and not archived and draw.random.random() < FEATURED else None
            reduced = draw.random.random() < REDUCED
            before = self.price[i] + max(100, self.price[i] // 500 * 100) if reduced else None
            text = draw.random.choice(self.shop["descriptions"]).format(**self._names(i))
            yield (
                *(id_, self.tree[tuple(self.shelf[i]["path"])], self.brands[self._names(i)["maker"]], name),
                *(slug_of(name, i + 1), self._product_sku(i), "", text, name, ""),
                *(self.price[i], before, self.price[i] * 6 // 10, self.shop["currency"]),
                *(draw.random.randrange(50, 5_000), featured, published, archived, moment(at), moment(at)),
                *(self.rated[i], self.stars[i]),
            )

    def _product_tags(self) -> Rows:
        draw = self._chance("product tags")
        for i, id_ in enumerate(self.product):
            yield draw.id(self.made_at[i]), id_, draw.random.choice(list(self.tags.values()))

    def _images(self) -> Rows:
        draw = self._chance("images")
        for i, id_ in enumerate(self.product):
            key = f"products/{id_}/1.jpg"
            yield draw.id(self.made_at[i]), id_, key, self._name(i), 0, moment(self.made_at[i])

    def _variants(self) -> Rows:
        for v, id_ in enumerate(self.variant):
            i, place, left, minimum = self.variant_of[v], self.place[v], self.quantity[v], self.minimum[v]
            low = moment(self.end) if minimum is not None and left <= minimum else None
            name, more = self.shelf[i]["options"][place], place * self.shelf[i].get("step", 0)
            yield id_, self.product[i], name, self._sku(v), more, "", left, minimum, low, place

    def _option_ids(self) -> Iterator[tuple[int, str, list[str]]]:
        draw = self._chance("options")
        for i, at in enumerate(self.made_at):
            if names := self.options(i):
                yield i, draw.id(at), [draw.id(at) for _ in names]

    def _options(self) -> Rows:
        for i, id_, _ in self._option_ids():
            yield id_, self.product[i], "Form", 0

    def _values(self) -> Rows:
        for i, option, value_ids in self._option_ids():
            for place, (id_, name) in enumerate(zip(value_ids, self.options(i), strict=True)):
                yield id_, option, name, place * self.shelf[i].get("step", 0), place

    def _choices(self) -> Rows:
        draw = self._chance("choices")
        for i, option, value_ids in self._option_ids():
            for place, value in enumerate(value_ids):
                variant = self.variant[self.first[i] + place]
                yield draw.id(self.made_at[i]), self.product[i], variant, option, value

    def _past_prices(self) -> Rows:
        draw, number = self._chance("past prices"), len(self.product)
        for k in range(self.wanted["past_prices"]):
            i, turn = k % number, k // number
            begin = self.made_at[i] + turn * DAY_MS
            costs = self.price[i] + 100 * (turn + 1), self.shop["currency"]
            yield draw.id(begin), self.product[i], *costs, moment(begin), moment(begin + DAY_MS)

    # People

    def _customers(self) -> Rows:
        for person in self.who:
            yield person.id, person.name, moment(person.came)

    def _phones(self) -> Rows:
        draw = self._chance("phones")
        for person in self.who:
            number = f"+1555{draw.random.randrange(10**7):07}"
            yield draw.id(person.came), person.id, number, "", True, moment(person.came)

    def _address(self, customer: int) -> dict[str, str]:
        street = f"{customer % 300 + 1} {self.who[customer * 7 % len(self.who)].name.split()[-1]} Street"
        place = {
            "city": CITIES[customer % len(CITIES)],
            "country": "US",
            "postal_code": f"{customer % 90_000 + 10_000}",
        }
        return {"name": self.who[customer].name, "line1": street, **place}

    def _addresses(self) -> Rows:
        draw = self._chance("addresses")
        for c, person in enumerate(self.who):
            at, it = moment(person.came), self._address(c)
            where = it["name"], "", it["line1"], "", it["postal_code"], it["city"], "", it["country"]
            yield draw.id(person.came), person.id, *where, True, True, at

    def _wishlist_ids(self) -> Iterator[tuple[int, str, int]]:
        draw = self._chance("wishlists")
        for c, count in enumerate(self.wishes):
            yield c, draw.id(self.who[c].came), count

    def _wishlists(self) -> Rows:
        for c, id_, _ in self._wishlist_ids():
            yield id_, self.who[c].id, "Wishes", moment(self.who[c].came)

    def _wishes(self) -> Rows:
        draw = self._chance("wishes")
        for _, list_id, count in self._wishlist_ids():
            for i in draw.some(count, len(self.product)):
                at = draw.after(self.made_at[i])
                yield draw.id(at), list_id, self.product[i], 1, "", moment(at)

    def _cart_ids(self) -> Iterator[tuple[int, str, int]]:
        draw = self._chance("carts")
        for c in range(self.carts):
            at = self.end - draw.random.randrange(14 * DAY_MS)
            yield c, draw.id(at), at

    def _carts(self) -> Rows:
        for c, id_, at in self._cart_ids():
            yield id_, self.who[c].id, self.shop["currency"], moment(at)

    def _cart_lines(self) -> Rows:
        draw = self._chance("cart lines")
        for c, id_, at in self._cart_ids():
            for v in draw.some(self.in_cart[c], len(self.variant)):
                yield draw.id(at), id_, self.variant[v], 1 + draw.random.randrange(2), moment(at)

    # Orders

    def _subtotal(self, order: Order) -> int:
        return sum(self.variant_price(v) * quantity for v, quantity in order.lines)

    def _orders(self) -> Rows:
        for number, order in enumerate(self.orders, 1):
            address, subtotal = json.dumps(self._address(order.customer)), self._subtotal(order)
            sent = f"1Z{number:010}" if order.when("status", "shipped") else ""
            yield (
                *(order.id, number, self.who[order.customer].id, order.state("status")),
                *(order.state("payment_status"), self.shop["currency"], subtotal, 0, SHIPPING, 0, False),
                *(subtotal + SHIPPING, self.who[order.customer].email or "", address, address, sent),
                *(moment(order.at), len(order.changes), BY, moment(order.changes[-1][0])),
            )

    def _counter(self) -> Rows:
        yield self._chance("counter").id(self.end), 1, len(self.orders)

    def _items(self) -> Rows:
        draw = self._chance("items")
        for order in self.orders:
            for position, (v, quantity) in enumerate(order.lines):
                i, price = self.variant_of[v], self.variant_price(v)
                named = self._name(i), self.shelf[i]["options"][self.place[v]], self._sku(v)
                costs = price, quantity, price * quantity, 0, price * quantity, 0, 0
                ids = draw.id(order.at), order.id, position, self.product[i], self.variant[v]
                yield *ids, *named, *costs

    def _order_changes(self) -> Rows:
        draw = self._chance("changes")
        for order in self.orders:
            for number, (at, field, before, after) in enumerate(order.changes, 1):
                yield draw.id(at), order.id, number, field, before, after, BY, moment(at)

    def _payment_ids(self) -> Iterator[tuple[Order, str]]:
        draw = self._chance("payments")
        for order in self.orders:
            yield order, draw.id(order.at)

    def _payments(self) -> Rows:
        for order, id_ in self._payment_ids():
            amount, done = (
                self._subtotal(order) + SHIPPING,
                {kind for _, kind, how in self.steps(order) if how == "succeeded"},
            )
            kept = (amount if kind in done else 0 for kind in ("authorize", "capture", "refund"))
            over = order.when("payment_status", "failed") or order.when("payment_status", "unpaid")
            known = "fake", amount, self.shop["currency"], id_
            yield id_, order.id, *known, *kept, moment(order.at), moment(over) if over else None

    def _steps(self) -> Rows:
        draw = self._chance("steps")
        for order, payment in self._payment_ids():
            amount = self._subtotal(order) + SHIPPING
            for at, kind, state in self.steps(order):
                key = f"{payment}-{kind}"
                yield draw.id(at), payment, kind, amount, key, state, "", key, "", moment(at), moment(at)

    def _stock(self) -> Rows:
        draw = self._chance("stock rows")
        for v, id_ in enumerate(self.variant):
            before = 0
            for number, (at, kind, change, order) in enumerate(self.moves[v], 1):
                after = before + change
                yield draw.id(at), id_, number, kind, change, before, after, order, "", "", BY, moment(at)
                before = after

    # What they say and look at

    def _reviews(self) -> Rows:
        draw = self._chance("review rows")
        for (id_, product, customer, order, at, stars), votes in zip(self.reviews, self.votes, strict=True):
            said = draw.random.choice(self.sentences)
            who = self.product[product], self.who[customer].id, stars
            yield id_, *who, said.split()[0], said, order, moment(at), moment(at), votes

    def _votes(self) -> Rows:
        draw = self._chance("votes")
        for (id_, _, customer, _, at, _), count in zip(self.reviews, self.votes, strict=True):
            for other in draw.some(count, len(self.who), without=customer):
                when = draw.after(at)
                yield draw.id(when), id_, self.who[other].id, moment(when)

    def _views(self) -> Rows:
        draw = self._chance("views")
        for _ in range(self.views):
            at = self.end - draw.random.randrange(7 * DAY_MS)
            known = self.who[draw.popular(len(self.who))].id if draw.random.random() < 0.4 else None
            yield draw.id(at), self.product[draw.popular(len(self.product))], known, moment(at)

    def _view_days(self) -> Rows:
        draw, number = self._chance("view days"), len(self.product)
        for k in range(self.wanted["view_days"]):
            at = self.end - DAY_MS * (8 + k // number)
            yield draw.id(at), self.product[k % number], _day(at), 1 + number // (1 + k % number)


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()
