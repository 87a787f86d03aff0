import pytest

from catalog.lineage import list_lineage
from catalog.models import Category
from tests.factories import make_category

pytestmark = pytest.mark.django_db


def test_lineage_goes_from_a_category_to_the_topmost() -> None:
    top = make_category()
    middle = make_category(parent=top, is_active=False)
    bottom = make_category(parent=middle)
    make_category(parent=top)

    assert list_lineage(bottom.pk) == {bottom.pk, middle.pk, top.pk}
    assert list_lineage(top.pk) == {top.pk}
    assert list_lineage(None) == frozenset()


def test_lineage_ends_in_a_circle() -> None:
    one, other = make_category(), make_category()
    Category.objects.filter(pk=one.pk).update(parent=other)
    Category.objects.filter(pk=other.pk).update(parent=one)

    assert list_lineage(one.pk) == {one.pk, other.pk}
