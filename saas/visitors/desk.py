"""What the admin pages of tenant apps share: their forms call verbs and say what one refused. No page names an app."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import DataError, IntegrityError, router, transaction
from django.db.models import Model, Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold import admin as unfold

TERM_LENGTH = 200
BY_LENGTH = 100
FORMS = frozenset({"add", "change"})

if TYPE_CHECKING:
    from django.contrib import admin

    Pages = admin.ModelAdmin[Model]
else:
    Pages = unfold.ModelAdmin


class Form(forms.ModelForm):  # type: ignore[type-arg]
    """Leaves constraints to the verb or the database, whose refusal is an error of the app and says how to repair."""

    def _post_clean(self) -> None:
        self.instance.validate_constraints = lambda exclude=None: None  # noqa: ARG005  Django's signature
        super()._post_clean()  # type: ignore[misc]
        del self.instance.validate_constraints


class Page(Pages):
    """Pages of one model. They show rows, and do what `may` says: "add", "change", "delete"; not so actions.

    An app's own page names its errors and what makes a violated constraint one of them, and overrides `make` and
    `alter` where the app has verbs for it.
    """

    may: ClassVar[frozenset[str]] = frozenset()
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    translated: ClassVar[Callable[[], AbstractContextManager[Any]]] = nullcontext
    form = Form
    list_per_page = 50
    show_full_result_count = False

    # What may be done

    def has_add_permission(self, request: HttpRequest) -> bool:
        return "add" in self.may and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "change" in self.may and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "delete" in self.may and super().has_delete_permission(request, obj)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may call the verbs of the list's actions, also where no form changes a row."""
        return super().has_change_permission(request)

    # Forms

    def make(self, obj: Any, form: Any) -> Any:
        """Store a new row and return it."""
        obj.save(force_insert=True)
        return obj

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        """Store what a form changed in a row, and nothing that others have changed meanwhile."""
        if given:
            obj.save(update_fields=list(given))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        if change:
            own = {field.name for field in obj._meta.concrete_fields}
            self.alter(obj, {name: getattr(obj, name) for name in form.changed_data if name in own}, form)
            return
        made = self.make(obj, form)
        if made is not obj:
            obj.pk = made.pk
            obj._state.adding = False
            obj.refresh_from_db()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Return the form, with what its last try was refused for."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        refused = getattr(request, "refused", None)
        return form if refused is None else type(form)("Refused", (Refused, form), {"refused": refused})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Also what no form has, where there is none."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if self.may & FORMS else (*fixed, *(self.fields or ()))

    # What is refused, is said

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show a form again with what the app or the database refused; nothing of it was stored then."""
        given = (object_id, form_url, extra_context)
        try:
            with self._tried():
                return super().changeform_view(request, *given)
        except self._refusals() as error:
            if request.method != "POST" or hasattr(request, "refused"):
                raise
            request.refused = error  # type: ignore[attr-defined]
        return super().changeform_view(request, *given)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return self._said(request, lambda: super(Page, self).delete_view(request, object_id, extra_context))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return self._said(request, lambda: super(Page, self).changelist_view(request, extra_context))

    def each(self, request: HttpRequest, rows: Iterable[Any], verb: Callable[[Any], Any], done: str) -> None:
        """Call verb for each row by itself, note it as done where it was, and say what was refused where it was not."""
        number = 0
        for row in rows:
            try:
                with self._tried():
                    verb(row)
                    self.log_change(request, row, done)
            except self._refusals() as error:
                self.message_user(request, f"{row}: {text_of(error)}", messages.ERROR)
            else:
                number += 1
        if number:
            self.message_user(request, f"{number} {done}.", messages.SUCCESS)

    def _refusals(self) -> tuple[type[Exception], ...]:
        return (*self.refusals, IntegrityError, DataError)

    @contextmanager
    def _tried(self) -> Iterator[None]:
        """A savepoint in which a violated constraint is the app's error."""
        with transaction.atomic(using=router.db_for_write(self.model)), type(self).translated():
            yield

    def _said(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            with self._tried():
                return view()
        except self._refusals() as error:
            if request.method != "POST":
                raise
            self.message_user(request, text_of(error), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    # Finding

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Filter by `find`, which asks an index, or a table that is small by its nature."""
        term = search_term.replace("\x00", "").strip()[:TERM_LENGTH]
        return (queryset.filter(self.find(term)) if term else queryset), False

    def find(self, term: str) -> Q:
        """Return what rows are meant by a term: the one with this id."""
        return of_id(term, "pk")


class Refused:
    """Stands before a form whose last try was refused: the error is of the field that it names, if the form has it."""

    refused: Exception
    fields: dict[str, Any]
    add_error: Callable[[str | None, str], None]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        field = getattr(self.refused, "field", None)
        self.add_error(field if field in self.fields else None, text_of(self.refused))


class Rows(BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows below another one. They are stored by `make`, `alter` and `remove`, for which an app puts its verbs."""

    def make(self, form: Any) -> Any:
        form.instance.save(force_insert=True)
        return form.instance

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        obj.save(update_fields=list(given))

    def remove(self, obj: Any) -> None:
        obj.delete()

    def save_new(self, form: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002
        setattr(form.instance, self.fk.name, self.instance)
        with of_no_field():
            return self.make(form)

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002
        own = {field.name for field in obj._meta.concrete_fields}
        given = {name: getattr(obj, name) for name in form.changed_data if name in own}
        with of_no_field():
            self.alter(obj, given, form)
        return obj

    def delete_existing(self, obj: Any, commit: bool = True) -> None:  # noqa: FBT001, FBT002
        with of_no_field():
            self.remove(obj)


class Inline(unfold.TabularInline):  # type: ignore[misc]
    """Rows below another one on its page, none of which is empty until somebody asks for one."""

    form = Form
    formset = Rows
    extra = 0
    hide_title = True
    may: ClassVar[frozenset[str]] = frozenset()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "add" in self.may and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "change" in self.may and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "delete" in self.may and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Also what no form has, where there is none."""
        return super().get_readonly_fields(request, obj) if self.may & FORMS else self.fields


class AfterwardsPage(Page):
    """A page whose rows below come once the row itself is stored."""

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if obj is not None else ()


@contextmanager
def of_no_field() -> Iterator[None]:
    """What is refused of a row below is of no field of the row above, whatever their names."""
    try:
        yield
    except Exception as error:
        error.field = None  # type: ignore[attr-defined]
        raise


def of_id(term: str, *fields: str) -> Q:
    """Return the rows of which one of fields has this id."""
    found = Q(pk__in=[])
    try:
        wanted = UUID(term)
    except ValueError:
        return found
    for field in fields:
        found |= Q(**{field: wanted})
    return found


def text_of(error: Exception) -> str:
    """Return what an error says to people; what the database says is not for them."""
    if isinstance(error, IntegrityError | DataError):
        return "The database refused this. Correct what you changed, and try again."
    return str(error)


def name_of(request: HttpRequest) -> str:
    """Return how whoever does this is written into a log of the app."""
    return str(request.user)[:BY_LENGTH]
