from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    """Where a parcel is sent from decides its taxes; a return tells what duties it brings back."""

    dependencies = [("fulfillment", "0003_return_amounts")]

    operations = [
        migrations.AddField(
            model_name="warehouse",
            name="region",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Its code without the country's, where taxes depend on it: NJ.",
                max_length=10,
                verbose_name="state or province",
            ),
        ),
        migrations.AddField(
            model_name="warehouse",
            name="postal_code",
            field=models.CharField(
                blank=True, db_default="", max_length=20, verbose_name="postal code"
            ),
        ),
        migrations.AddField(
            model_name="returnline",
            name="duties",
            field=models.DecimalField(
                db_default=Decimal(0),
                decimal_places=3,
                default=Decimal(0),
                help_text="What was charged for the units at a border and comes back with them.",
                max_digits=14,
                verbose_name="duties and fees",
            ),
        ),
    ]
