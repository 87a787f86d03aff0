from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import markets.ranges


class Migration(migrations.Migration):
    """Duties, import rules and fees as dated rows, and the headings of the Harmonized System."""

    dependencies = [
        ("markets", "0015_tax_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomsTerritory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The first day without it.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
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
                    "territory",
                    models.CharField(
                        help_text="EU, GB, CH",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="customs territory",
                    ),
                ),
            ],
            options={
                "verbose_name": "customs territory",
                "verbose_name_plural": "customs territories",
                "ordering": ["territory", "country", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("country", "="),
                            (
                                markets.ranges.DateRange(
                                    "valid_from",
                                    "valid_to",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(),
                                ),
                                "&&",
                            ),
                        ],
                        name="customs_territory_one_in_force",
                        violation_error_message="Another row is in force for a part of this time.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DutyRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The first day without it.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "destination",
                    models.CharField(
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="destination",
                    ),
                ),
                (
                    "hs_prefix",
                    models.CharField(
                        blank=True,
                        help_text="Its beginning; empty is all goods. The longest that fits counts.",
                        max_length=12,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(\\d{2,12})?\\Z", "Write 2 to 12 digits, or none for all goods."
                            )
                        ],
                        verbose_name="HS code",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        help_text="Where the goods were made; empty is anywhere.",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^([A-Z]{2})?\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="origin",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="As on a receipt.", max_length=80, verbose_name="label"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ad_valorem", "of the value"),
                            ("per_unit", "for each unit"),
                            ("per_heading", "for each six-digit heading in a parcel"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=4,
                        default=Decimal(0),
                        max_digits=7,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                        verbose_name="percent",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3,
                        default=Decimal(0),
                        help_text="For each unit or heading; of a percentage the least duty on a line.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
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
                                "^([A-Z]{3})?\\Z", "Write a three-letter currency code."
                            )
                        ],
                        verbose_name="currency",
                    ),
                ),
                (
                    "stack_group",
                    models.SlugField(
                        default="tariff",
                        help_text="“tariff” is the ordinary one; of one layer the nearest row counts.",
                        max_length=30,
                        verbose_name="layer",
                    ),
                ),
                (
                    "no_stack_with",
                    models.CharField(
                        blank=True,
                        help_text="Layers, parted by spaces, beside which this one is not taken.",
                        max_length=120,
                        verbose_name="not on top of",
                    ),
                ),
                (
                    "stands_alone",
                    models.BooleanField(
                        default=False,
                        help_text="In place of all other layers.",
                        verbose_name="stands alone",
                    ),
                ),
                (
                    "value_to",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="Only for parcels whose goods are worth no more.",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                        verbose_name="up to a value of",
                    ),
                ),
                (
                    "scheme",
                    models.CharField(
                        blank=True,
                        help_text="Such as ioss; empty is every import.",
                        max_length=20,
                        verbose_name="only in the scheme",
                    ),
                ),
            ],
            options={
                "verbose_name": "duty rate",
                "verbose_name_plural": "duty rates",
                "ordering": ["destination", "stack_group", "hs_prefix", "origin", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("destination", "="),
                            ("hs_prefix", "="),
                            ("origin", "="),
                            ("stack_group", "="),
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
                        name="duty_rate_one_in_force",
                        violation_error_message="Another row is in force for a part of this time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0), ("percent__gte", 0)),
                        name="duty_rate_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("currency", ""), _negated=True),
                            models.Q(
                                ("amount", 0), ("kind", "ad_valorem"), ("value_to__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="duty_rate_has_currency",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HsCode",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=6, primary_key=True, serialize=False, verbose_name="code"
                    ),
                ),
                ("description", models.TextField(verbose_name="description")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[(2, "chapter"), (4, "heading"), (6, "subheading")],
                        verbose_name="level",
                    ),
                ),
            ],
            options={
                "verbose_name": "HS code",
                "verbose_name_plural": "HS codes",
                "ordering": ["code"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("description"),
                            name="gin_trgm_ops",
                        ),
                        name="hs_code_description",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportFee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The first day without it.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "destination",
                    models.CharField(
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="destination",
                    ),
                ),
                ("kind", models.SlugField(default="handling", max_length=30, verbose_name="kind")),
                (
                    "label",
                    models.CharField(
                        help_text="As on a receipt.", max_length=80, verbose_name="label"
                    ),
                ),
                (
                    "per",
                    models.CharField(
                        choices=[
                            ("parcel", "parcel"),
                            ("heading", "six-digit heading"),
                            ("line", "line"),
                        ],
                        max_length=10,
                        verbose_name="for each",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                        verbose_name="amount",
                    ),
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
                    "is_taxable",
                    models.BooleanField(default=False, verbose_name="import tax is due on it"),
                ),
                (
                    "value_to",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="Only for parcels whose goods are worth no more.",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                        verbose_name="up to a value of",
                    ),
                ),
                (
                    "value_currency",
                    models.CharField(
                        blank=True,
                        help_text="Empty is the fee's own.",
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^([A-Z]{3})?\\Z", "Write a three-letter currency code."
                            )
                        ],
                        verbose_name="currency of that value",
                    ),
                ),
                (
                    "is_refundable",
                    models.BooleanField(
                        default=False, verbose_name="refunded when goods come back"
                    ),
                ),
                (
                    "gives_way",
                    models.BooleanField(
                        default=False,
                        help_text="Ends where the customs union takes a fee of the same kind.",
                        verbose_name="gives way",
                    ),
                ),
                (
                    "is_in_use",
                    models.BooleanField(
                        default=True,
                        help_text="Off while its law is not in force yet.",
                        verbose_name="in use",
                    ),
                ),
            ],
            options={
                "verbose_name": "import fee",
                "verbose_name_plural": "import fees",
                "ordering": ["destination", "kind", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("destination", "="),
                            ("kind", "="),
                            (
                                markets.ranges.DateRange(
                                    "valid_from",
                                    "valid_to",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(),
                                ),
                                "&&",
                            ),
                        ],
                        name="import_fee_one_in_force",
                        violation_error_message="Another row is in force for a part of this time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)), name="import_fee_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The first day without it.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "destination",
                    models.CharField(
                        help_text="A country, or EU for the customs union.",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="destination",
                    ),
                ),
                (
                    "origin_group",
                    models.CharField(
                        blank=True,
                        help_text="Country codes parted by spaces; empty is everywhere else.",
                        max_length=120,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^([A-Z]{2}( [A-Z]{2})*)?\\Z",
                                "Write two-letter country codes, parted by spaces.",
                            )
                        ],
                        verbose_name="sent from",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("cif", "goods, freight and insurance (CIF)"),
                            ("fob", "the goods alone (FOB)"),
                        ],
                        max_length=3,
                        verbose_name="duty is on",
                    ),
                ),
                (
                    "tax_basis",
                    models.CharField(
                        choices=[
                            ("cif", "goods, freight and insurance (CIF)"),
                            ("fob", "the goods alone (FOB)"),
                        ],
                        help_text="And on duty and taxable fees.",
                        max_length=3,
                        verbose_name="import tax is on",
                    ),
                ),
                (
                    "formula",
                    models.CharField(
                        choices=[
                            ("standard", "by tariff"),
                            ("brazil", "Brazil"),
                            ("mexico", "Mexico"),
                            ("japan", "Japan"),
                            ("china", "China"),
                            ("canada", "Canada"),
                        ],
                        default="standard",
                        max_length=10,
                        verbose_name="formula",
                    ),
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
                    "duty_free_to",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="Empty frees nothing.",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                        verbose_name="free of duty up to",
                    ),
                ),
                (
                    "tax_free_to",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="Empty frees nothing.",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                        verbose_name="free of tax up to",
                    ),
                ),
                (
                    "limits_on_customs_value",
                    models.BooleanField(
                        default=False,
                        help_text="Else of the goods without freight.",
                        verbose_name="limits are of the customs value",
                    ),
                ),
                (
                    "never_free",
                    models.CharField(
                        blank=True,
                        help_text="Beginnings of HS codes that no limit frees, parted by spaces.",
                        max_length=300,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(\\d{2,12}( \\d{2,12})*)?\\Z",
                                "Write HS codes of 2 to 12 digits, parted by spaces.",
                            )
                        ],
                        verbose_name="never free",
                    ),
                ),
                (
                    "is_refundable",
                    models.BooleanField(
                        default=True,
                        help_text="To the shopper when goods come back.",
                        verbose_name="duty is refunded",
                    ),
                ),
                (
                    "factors",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="What the formula needs beside this; amounts in the rule's currency.",
                        verbose_name="factors",
                    ),
                ),
            ],
            options={
                "verbose_name": "import rule",
                "verbose_name_plural": "import rules",
                "ordering": ["destination", "origin_group", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("destination", "="),
                            ("origin_group", "="),
                            (
                                markets.ranges.DateRange(
                                    "valid_from",
                                    "valid_to",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(),
                                ),
                                "&&",
                            ),
                        ],
                        name="import_rule_one_in_force",
                        violation_error_message="Another row is in force for a part of this time.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IncotermRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The first day without it.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        help_text="Empty is everywhere.",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^([A-Z]{2})?\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="sent from",
                    ),
                ),
                (
                    "destination",
                    models.CharField(
                        blank=True,
                        help_text="Empty is every country of the market.",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^([A-Z]{2})?\\Z", "Write a two-letter country code."
                            )
                        ],
                        verbose_name="destination",
                    ),
                ),
                (
                    "terms",
                    models.CharField(
                        choices=[
                            ("ddp", "we pay: collected at checkout (DDP)"),
                            ("dap", "the buyer pays on delivery (DAP)"),
                        ],
                        max_length=3,
                        verbose_name="terms",
                    ),
                ),
                (
                    "clearance_fee",
                    models.DecimalField(
                        decimal_places=3,
                        default=Decimal(0),
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                        verbose_name="carrier's clearance fee",
                    ),
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
                    "is_clearance_taxable",
                    models.BooleanField(default=False, verbose_name="import tax is due on the fee"),
                ),
                (
                    "market",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incoterms",
                        to="markets.market",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery terms",
                "verbose_name_plural": "delivery terms",
                "ordering": ["market", "destination", "origin", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("market", "="),
                            ("origin", "="),
                            ("destination", "="),
                            (
                                markets.ranges.DateRange(
                                    "valid_from",
                                    "valid_to",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(),
                                ),
                                "&&",
                            ),
                        ],
                        name="incoterm_rule_one_in_force",
                        violation_error_message="Another row is in force for a part of this time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("terms__in", ["ddp", "dap"])),
                        name="incoterm_rule_terms_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("clearance_fee__gte", 0)),
                        name="incoterm_rule_fee_not_negative",
                    ),
                ],
            },
        ),
    ]
