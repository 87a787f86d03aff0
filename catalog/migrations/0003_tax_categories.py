from django.db import migrations

CATEGORIES = {"standard": "Standard", "food": "Food", "books": "Books"}


def add(apps, schema_editor):
    model = apps.get_model("catalog", "TaxCategory")
    for code, name in CATEGORIES.items():
        model.objects.get_or_create(code=code, defaults={"name": name})


class Migration(migrations.Migration):
    """Variants are of the standard category unless someone says otherwise, so it must exist."""

    dependencies = [("catalog", "0002_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
