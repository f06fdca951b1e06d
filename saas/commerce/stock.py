"""The stock: sell, take back, receive, adjust and transfer; each change is an entry of a log that sets the quantity.

Whoever changes several variants locks them in the order of their ids, so that nobody waits in a circle.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from saas.commerce import constraints, exceptions, ids, values
from saas.commerce.models import StockEntry, Variant

Kind = StockEntry.Kind


def sell(wanted: Mapping[UUID, int], *, order_id: UUID, by: str = "") -> list[StockEntry]:
    """Take quantities by variant id off the stock, all of them or none.

    Locks the variants until the transaction ends: of several buyers of the last items each is served or refused.
    Raises OutOfStock for the first variant that has too few, InvalidQuantity, Variant.DoesNotExist.
    """
    checked = _quantities(wanted)
    with transaction.atomic(using=router.db_for_write(Variant)):
        there = _locked(checked)
        for variant_id, quantity in checked.items():
            if there[variant_id] < quantity:
                raise exceptions.OutOfStock(variant_id, wanted=quantity, left=there[variant_id])
        changes = {variant_id: -quantity for variant_id, quantity in checked.items()}
        return _write(Kind.SALE, changes, order_id=order_id, by=by)


def put_back(
    wanted: Mapping[UUID, int], *, order_id: UUID, reason: str = "", by: str = ""
) -> list[StockEntry]:
    """Take quantities by variant id, which were sold by an order, back into the stock, all of them or none.

    Raises ReturnedTooMany beyond what that order took and did not return yet, InvalidQuantity, Variant.DoesNotExist.
    """
    checked = _quantities(wanted)
    with transaction.atomic(using=router.db_for_write(Variant)):
        _locked(checked)
        out = sold(order_id)
        for variant_id, quantity in checked.items():
            if out.get(variant_id, 0) < quantity:
                raise exceptions.ReturnedTooMany(variant_id, wanted=quantity, left=out.get(variant_id, 0))
        return _write(Kind.RETURN, checked, order_id=order_id, reason=reason, by=by)


def receive(
    wanted: Mapping[UUID, int], *, reference: str = "", reason: str = "", by: str = ""
) -> list[StockEntry]:
    """Add quantities that were bought from a supplier. Raises AboveMaximum, InvalidQuantity, Variant.DoesNotExist."""
    checked = _quantities(wanted)
    with transaction.atomic(using=router.db_for_write(Variant)):
        _locked(checked)
        return _write(Kind.PURCHASE, checked, reference=reference, reason=reason, by=by)


def adjust(variant: Variant, *, to: int, reason: str, by: str = "") -> StockEntry | None:
    """Correct the stock of variant to what was counted; None when it was right. Raises InvalidStock, InvalidReason."""
    to, reason = values.quantity(to), values.reason(reason, needed=True)
    with transaction.atomic(using=router.db_for_write(Variant)):
        there = _locked({variant.pk: to})[variant.pk]
        entries = (
            [] if there == to else _write(Kind.ADJUSTMENT, {variant.pk: to - there}, reason=reason, by=by)
        )
    variant.quantity = to
    return entries[0] if entries else None


def transfer(
    source: Variant, target: Variant, quantity: int, *, reason: str = "", by: str = ""
) -> list[StockEntry]:
    """Move pieces from one variant to another, as when a bundle is opened. Raises OutOfStock, InvalidQuantity."""
    if source.pk == target.pk:
        raise exceptions.InvalidQuantity("A transfer needs two variants. Choose another target.")
    (moved,) = _quantities({source.pk: quantity}).values()
    with transaction.atomic(using=router.db_for_write(Variant)):
        there = _locked({source.pk: moved, target.pk: moved})
        if there[source.pk] < moved:
            raise exceptions.OutOfStock(source.pk, wanted=moved, left=there[source.pk])
        changes = {source.pk: -moved, target.pk: moved}
        return _write(Kind.TRANSFER, changes, transfer_id=ids.new(), reason=reason, by=by)


def sold(order_id: UUID) -> dict[UUID, int]:
    """Return what an order took and did not return, by variant id."""
    rows = StockEntry.objects.filter(order_id=order_id).order_by().values("variant_id")
    out = rows.annotate(out=-Sum("change")).values_list("variant_id", "out")
    return {variant_id: quantity for variant_id, quantity in out if quantity}


def history(variant: Variant) -> QuerySet[StockEntry]:
    """Return the log of variant, newest first."""
    return StockEntry.objects.filter(variant=variant).order_by("-number")


def before(entries: QuerySet[StockEntry], number: int) -> QuerySet[StockEntry]:
    """Return those older than an entry of the same variant: the next page of its history."""
    return entries.filter(number__lt=number)


def limit(variant: Variant, *, minimum: int | None, maximum: int | None) -> Variant:
    """Say at which quantity stock is low and how far a purchase may fill it; None is no limit. Raises InvalidStock."""
    values.stock_limits(minimum, maximum)
    with constraints.translated():
        Variant.objects.filter(pk=variant.pk).update(stock_minimum=minimum, stock_maximum=maximum)
    variant.refresh_from_db()
    return variant


def low() -> QuerySet[Variant]:
    """Return variants whose stock is at their minimum or below, the longest so first."""
    return (
        Variant.objects.filter(low_since__isnull=False).select_related("product").order_by("low_since", "id")
    )


def alerts() -> QuerySet[Variant]:
    """Return those of `low` that nobody was told of since they became so. A task reads them, then calls `told`."""
    return low().filter(low_told_at=None)


def told(variants: list[UUID]) -> int:
    """Note that somebody knows of these; returns how many of them were still low and new."""
    found = Variant.objects.filter(pk__in=variants, low_since__isnull=False, low_told_at=None)
    return found.update(low_told_at=timezone.now())


def wrong() -> QuerySet[Any]:
    """Return variants whose quantity is not what their log says; of each the `expected` quantity. None without a log.

    Expected is what was there before the first entry, and every change since.
    """
    log = StockEntry.objects.filter(variant=OuterRef("pk")).order_by()
    first = log.filter(number=1).values("previous_quantity")
    total = log.values("variant").annotate(total=Sum("change")).values("total")
    counted = Variant.objects.annotate(expected=Subquery(first) + Subquery(total))
    return counted.filter(~Q(quantity=F("expected")), expected__isnull=False).order_by("id")


def recount() -> int:
    """Set every quantity to what the log says; returns how many were wrong. Locks those, in the order of ids."""
    with transaction.atomic(using=router.db_for_write(Variant)):
        suspects = list(wrong().select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
        again = wrong().filter(pk__in=suspects)  # now that nobody changes them
        found = list(again.values_list("pk", "expected"))
        for variant_id, expected in found:
            Variant.objects.filter(pk=variant_id).update(quantity=expected)
        return len(found)


def _quantities(wanted: Mapping[UUID, int]) -> dict[UUID, int]:
    """Return wanted in the order of ids, each quantity at least 1."""
    return {variant_id: values.pieces(wanted[variant_id]) for variant_id in sorted(wanted)}


def _locked(wanted: Mapping[UUID, int]) -> dict[UUID, int]:
    """Lock the variants in the order of ids and return what is there of each. Raises Variant.DoesNotExist."""
    rows = Variant.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
    there = dict(rows.values_list("pk", "quantity"))
    for variant_id in wanted:
        if variant_id not in there:
            raise Variant.DoesNotExist(f"There is no variant {variant_id}.")
    return there


def _write(kind: Kind, changes: Mapping[UUID, int], **facts: Any) -> list[StockEntry]:
    """Add entries in the order of variant ids and return them as the trigger filled them in."""
    reasons = {"reason": values.reason(facts.pop("reason", ""))}
    texts = {name: values.reference(facts.pop(name, ""), field=name) for name in ("reference", "by")}
    entries = [
        StockEntry(variant_id=variant_id, kind=kind, change=changes[variant_id], **facts, **reasons, **texts)
        for variant_id in sorted(changes)
    ]
    with constraints.translated():
        StockEntry.objects.bulk_create(entries)
    filled = StockEntry.objects.in_bulk([entry.pk for entry in entries])
    return [filled[entry.pk] for entry in entries]
