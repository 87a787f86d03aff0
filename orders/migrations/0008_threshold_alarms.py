import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("markets", "0015_tax_rules"),
        ("orders", "0007_invoices"),
    ]

    operations = [
        migrations.CreateModel(
            name="ThresholdAlarm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[(80, "near"), (100, "passed")], verbose_name="level"
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3,
                        help_text="In the threshold's currency, without tax.",
                        max_digits=16,
                        verbose_name="sold",
                    ),
                ),
                ("orders", models.PositiveIntegerField(verbose_name="orders")),
                ("raised_at", models.DateTimeField(verbose_name="raised at")),
                (
                    "cleared_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="cleared at"),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="markets.legalentity",
                        verbose_name="legal entity",
                    ),
                ),
                (
                    "threshold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="markets.taxthreshold",
                        verbose_name="threshold",
                    ),
                ),
            ],
            options={
                "verbose_name": "threshold alarm",
                "verbose_name_plural": "threshold alarms",
                "ordering": [
                    models.OrderBy(models.F("cleared_at"), descending=True, nulls_first=True),
                    "-level",
                    "-raised_at",
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=("legal_entity", "threshold", "level"),
                        name="threshold_alarm_one_open",
                    )
                ],
            },
        ),
    ]
