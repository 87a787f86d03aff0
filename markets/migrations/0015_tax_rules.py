import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import markets.ranges


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_search_functions"),
        ("markets", "0014_price_lock"),
    ]

    operations = [
        migrations.CreateModel(
            name="CategoryRule",
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
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="country",
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=10, verbose_name="region")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("exempt", "exempt"),
                            ("exempt_below", "exempt below the amount"),
                            ("exempt_up_to", "exempt up to the amount"),
                            ("above_only", "taxed on what is above the amount"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=12,
                        null=True,
                        verbose_name="amount",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{3}\\Z", "Write a three-letter currency code."
                            )
                        ],
                        verbose_name="currency",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "exemption",
                "verbose_name_plural": "exemptions",
                "ordering": ["country", "region", "category", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="LegalEntity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                (
                    "address",
                    models.TextField(
                        help_text="As on an invoice, line by line.", verbose_name="address"
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="country",
                    ),
                ),
                (
                    "tax_id",
                    models.CharField(
                        blank=True,
                        help_text="That of its own country.",
                        max_length=30,
                        verbose_name="tax number",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "invoice_prefix",
                    models.CharField(
                        help_text="Begins each invoice number of this company.",
                        max_length=10,
                        unique=True,
                        verbose_name="invoice prefix",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal entity",
                "verbose_name_plural": "legal entities",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="SpecialTerritory",
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
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="country",
                    ),
                ),
                (
                    "postal_from",
                    models.CharField(
                        blank=True,
                        help_text="A postal code's beginning, without spaces: 35 is all that begin so, BT is Northern Ireland. Empty is the whole country.",
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Z]*\\Z",
                                "Write it in capitals and digits, without spaces.",
                            )
                        ],
                        verbose_name="postal code from",
                    ),
                ),
                (
                    "postal_to",
                    models.CharField(
                        blank=True,
                        help_text="Empty is “from” alone.",
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Z]*\\Z",
                                "Write it in capitals and digits, without spaces.",
                            )
                        ],
                        verbose_name="postal code to",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "treated_as",
                    models.CharField(
                        help_text="A country's code, or “outside” for no tax of the country.",
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^([A-Z]{2}|outside)\\Z", "Write a country's code, or “outside”."
                            )
                        ],
                        verbose_name="taxed as",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "special territory",
                "verbose_name_plural": "special territories",
                "ordering": ["country", "postal_from", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="TaxPlaceRule",
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
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="country",
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=10, verbose_name="region")),
                (
                    "area",
                    models.CharField(
                        blank=True,
                        help_text="Countries with common rules for sales among them: EU. Empty stands alone.",
                        max_length=10,
                        verbose_name="tax area",
                    ),
                ),
                (
                    "domestic_with",
                    models.CharField(
                        blank=True,
                        help_text="Sales from that country count as its own: GB for Northern Ireland (XI).",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="domestic with",
                    ),
                ),
                (
                    "is_sales_tax",
                    models.BooleanField(
                        default=False,
                        help_text="As sales tax in the United States: without a registration nothing is taken.",
                        verbose_name="collected only where registered",
                    ),
                ),
                (
                    "shipping_taxable",
                    models.BooleanField(default=True, verbose_name="delivery is taxed"),
                ),
                (
                    "shipping_follows_goods",
                    models.BooleanField(
                        default=True,
                        help_text="Taxed by the mix of the goods' rates; else at the standard rate.",
                        verbose_name="delivery follows the goods",
                    ),
                ),
                (
                    "origin_based",
                    models.BooleanField(
                        default=False,
                        help_text="For sales within the same state.",
                        verbose_name="taxed where it is sent from",
                    ),
                ),
                (
                    "reverse_charge",
                    models.BooleanField(
                        default=False,
                        help_text="A buyer with a valid number of the country pays the tax itself.",
                        verbose_name="businesses account for import schemes",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "tax rule of a place",
                "verbose_name_plural": "tax rules of places",
                "ordering": ["country", "region", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="TaxRegistration",
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
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="country",
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=10, verbose_name="region")),
                (
                    "scheme",
                    models.CharField(
                        choices=[
                            ("domestic", "domestic VAT or GST"),
                            ("union_oss", "EU One-Stop Shop (Union scheme)"),
                            ("ioss", "EU Import One-Stop Shop"),
                            ("uk_import", "UK low-value consignments"),
                            ("ch_mail_order", "Swiss mail order"),
                            ("no_voec", "Norwegian VOEC"),
                            ("au_vendor", "Australian vendor registration"),
                            ("sales_tax", "US sales tax"),
                            ("gst", "Canadian GST/HST"),
                            ("pst", "provincial sales tax"),
                        ],
                        max_length=20,
                        verbose_name="scheme",
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="number")),
                (
                    "is_voluntary",
                    models.BooleanField(
                        default=True,
                        help_text="Else the scheme is used only once its threshold is passed.",
                        verbose_name="below the threshold too",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "tax registration",
                "verbose_name_plural": "tax registrations",
                "ordering": ["legal_entity", "country", "region", "scheme", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="TaxThreshold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scheme",
                    models.CharField(
                        choices=[
                            ("domestic", "domestic VAT or GST"),
                            ("union_oss", "EU One-Stop Shop (Union scheme)"),
                            ("ioss", "EU Import One-Stop Shop"),
                            ("uk_import", "UK low-value consignments"),
                            ("ch_mail_order", "Swiss mail order"),
                            ("no_voec", "Norwegian VOEC"),
                            ("au_vendor", "Australian vendor registration"),
                            ("sales_tax", "US sales tax"),
                            ("gst", "Canadian GST/HST"),
                            ("pst", "provincial sales tax"),
                        ],
                        max_length=20,
                        verbose_name="scheme",
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="Empty where the scheme has one threshold for all its countries.",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="country",
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=10, verbose_name="region")),
                (
                    "amount",
                    models.DecimalField(decimal_places=3, max_digits=14, verbose_name="amount"),
                ),
                (
                    "currency",
                    models.CharField(
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{3}\\Z", "Write a three-letter currency code."
                            )
                        ],
                        verbose_name="currency",
                    ),
                ),
                (
                    "transactions",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="transactions"),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("amount", "the amount alone"),
                            ("either", "amount or transactions"),
                            ("both", "amount and transactions"),
                        ],
                        default="amount",
                        max_length=10,
                        verbose_name="rule",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[
                            ("consignment", "one consignment"),
                            ("item", "one item"),
                            ("calendar_year", "this calendar year"),
                            ("previous_year", "the calendar year before"),
                            ("current_or_previous_year", "this calendar year or the last"),
                            ("rolling_12_months", "the last twelve months"),
                        ],
                        max_length=30,
                        verbose_name="measured over",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "tax threshold",
                "verbose_name_plural": "tax thresholds",
                "ordering": ["scheme", "country", "region", "-valid_from"],
            },
        ),
        migrations.AddField(
            model_name="market",
            name="tax_mode",
            field=models.CharField(
                choices=[
                    ("gross_fixed", "the same with tax everywhere"),
                    ("net_fixed", "the same without tax everywhere"),
                ],
                db_default="gross_fixed",
                default="gross_fixed",
                help_text="Where prices include tax: keep what is shown, or take out the tax of the market's first country and add that of the destination.",
                max_length=15,
                verbose_name="prices abroad",
            ),
        ),
        migrations.AddField(
            model_name="taxrate",
            name="adds_to_country",
            field=models.BooleanField(
                default=False,
                help_text="A region's own tax beside the country's, as a provincial one beside GST.",
                verbose_name="on top of the country's",
            ),
        ),
        migrations.AlterField(
            model_name="market",
            name="tax_rounding",
            field=models.CharField(
                choices=[
                    ("line", "per line"),
                    ("rate_group", "once per rate"),
                    ("unit", "per unit"),
                ],
                default="line",
                max_length=10,
                verbose_name="tax rounding",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxrate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("adds_to_country", False),
                    models.Q(("region", ""), _negated=True),
                    _connector="OR",
                ),
                name="tax_rate_region_adds",
            ),
        ),
        migrations.AddField(
            model_name="categoryrule",
            name="category",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.taxcategory",
            ),
        ),
        migrations.AddField(
            model_name="market",
            name="legal_entity",
            field=models.ForeignKey(
                blank=True,
                help_text="Who sells. Without one, tax is taken as if it were registered everywhere.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="markets",
                to="markets.legalentity",
                verbose_name="legal entity",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialterritory",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("country", "="),
                    ("postal_from", "="),
                    (
                        markets.ranges.DateRange(
                            "valid_from",
                            "valid_to",
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                        ),
                        "&&",
                    ),
                ],
                name="special_territory_one_in_force",
                violation_error_message="Another row is in force for a part of this time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialterritory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("postal_to", ""), models.Q(("postal_from", ""), _negated=True), _connector="OR"
                ),
                name="special_territory_sensible",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxplacerule",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("country", "="),
                    ("region", "="),
                    (
                        markets.ranges.DateRange(
                            "valid_from",
                            "valid_to",
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                        ),
                        "&&",
                    ),
                ],
                name="tax_place_one_in_force",
                violation_error_message="Another row is in force for a part of this time.",
            ),
        ),
        migrations.AddField(
            model_name="taxregistration",
            name="legal_entity",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="registrations",
                to="markets.legalentity",
                verbose_name="legal entity",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxthreshold",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("scheme", "="),
                    ("country", "="),
                    ("region", "="),
                    ("period", "="),
                    (
                        markets.ranges.DateRange(
                            "valid_from",
                            "valid_to",
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                        ),
                        "&&",
                    ),
                ],
                name="tax_threshold_one_in_force",
                violation_error_message="Another row is in force for a part of this time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxthreshold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gte", 0),
                    models.Q(("rule", "amount"), ("transactions__isnull", False), _connector="OR"),
                ),
                name="tax_threshold_sensible",
            ),
        ),
        migrations.AddConstraint(
            model_name="categoryrule",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("country", "="),
                    ("region", "="),
                    ("category", "="),
                    (
                        markets.ranges.DateRange(
                            "valid_from",
                            "valid_to",
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                        ),
                        "&&",
                    ),
                ],
                name="category_rule_one_in_force",
                violation_error_message="Another row is in force for a part of this time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="categoryrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "exempt"),
                    models.Q(
                        ("amount__gt", 0),
                        ("amount__isnull", False),
                        models.Q(("currency", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="category_rule_sensible",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxregistration",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("legal_entity", "="),
                    ("country", "="),
                    ("region", "="),
                    ("scheme", "="),
                    (
                        markets.ranges.DateRange(
                            "valid_from",
                            "valid_to",
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                        ),
                        "&&",
                    ),
                ],
                name="tax_registration_one_in_force",
                violation_error_message="Another row is in force for a part of this time.",
            ),
        ),
    ]
