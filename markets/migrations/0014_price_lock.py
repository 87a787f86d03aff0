import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("markets", "0013_promotions")]

    operations = [
        migrations.AddField(
            model_name="market",
            name="price_lock_minutes",
            field=models.PositiveSmallIntegerField(
                db_default=30,
                default=30,
                help_text="How long prices and rates stay as they were when checkout began. 0 is never.",
                validators=[django.core.validators.MaxValueValidator(1440)],
                verbose_name="price lock, minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="market",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_lock_minutes__lte", 1440)),
                name="market_price_lock_sensible",
            ),
        ),
    ]
