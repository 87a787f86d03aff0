import django.db.models.deletion
from django.db import migrations, models

import markets.models


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0009_carriers"),
        ("markets", "0020_dated_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="Closure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="Nothing is collected or delivered there. Either this or a warehouse.",
                        max_length=2,
                        validators=[markets.models.country_code],
                        verbose_name="country",
                    ),
                ),
                ("first_on", models.DateField(verbose_name="first day")),
                ("last_on", models.DateField(verbose_name="last day")),
                ("reason", models.CharField(max_length=120, verbose_name="reason")),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Who says so, and where.",
                        max_length=200,
                        verbose_name="source",
                    ),
                ),
                (
                    "carrier",
                    models.ForeignKey(
                        blank=True,
                        help_text="In that country; empty: every carrier.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closures",
                        to="fulfillment.carrier",
                        verbose_name="carrier",
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        blank=True,
                        help_text="Nothing is picked there: stock-taking, a move.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closures",
                        to="fulfillment.warehouse",
                        verbose_name="warehouse",
                    ),
                ),
            ],
            options={
                "verbose_name": "closure",
                "verbose_name_plural": "closures",
                "ordering": ["first_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_on__gte", models.F("first_on"))),
                        name="closure_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("carrier__isnull", True),
                                ("country", ""),
                                ("warehouse__isnull", False),
                            ),
                            models.Q(
                                ("warehouse__isnull", True),
                                models.Q(("country", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="closure_of_a_warehouse_or_a_country",
                        violation_error_message="Choose a warehouse, or a country and where you like one of its carriers.",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="lanescore",
            name="recent_on_time",
            field=models.PositiveIntegerField(
                db_default=0, default=0, verbose_name="on time, last month"
            ),
        ),
        migrations.AddField(
            model_name="lanescore",
            name="recent_parcels",
            field=models.PositiveIntegerField(
                db_default=0, default=0, verbose_name="parcels, last month"
            ),
        ),
        migrations.RemoveConstraint(model_name="routingpolicy", name="routing_policy_not_negative"),
        migrations.AddField(
            model_name="routingpolicy",
            name="day_penalty",
            field=models.DecimalField(
                db_default=0,
                decimal_places=2,
                default=0,
                help_text="What a day is worth where services of one delivery option differ in days.",
                max_digits=8,
                verbose_name="each day on the way, EUR",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("day_penalty__gte", 0),
                    ("late_penalty__gte", 0),
                    ("line_cost__gte", 0),
                    ("saving__gte", 0),
                    ("scarcity__gte", 0),
                    ("split_penalty__gte", 0),
                ),
                name="routing_policy_not_negative",
            ),
        ),
    ]
