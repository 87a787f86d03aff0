from decimal import Decimal

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

# Orders placed before components were kept get one for each line and charge: it says what the row
# said, and no regime, since none was decided.
OLD_ORDERS = """
INSERT INTO orders_ordertaxcomponent
    (order_id, line_id, charge_id, kind, label, quantity, net, tax, gross, percent, tax_name, row,
     parts, refundable, regime, jurisdiction, ship_from, hs_code, origin, terms)
SELECT line.order_id, line.id, NULL, 'goods', line.title, line.quantity, line.net, line.tax,
       line.gross, line.tax_percent, line.tax_name, coalesce('taxrate:' || line.tax_rate_id, ''),
       '[]'::jsonb, true, '', address.country, '', '', '', ''
FROM orders_orderline AS line
JOIN orders_order AS "order" ON "order".id = line.order_id
JOIN orders_address AS address ON address.id = "order".shipping_address_id
UNION ALL
SELECT charge.order_id, NULL, charge.id, CASE charge.kind WHEN 'shipping' THEN 'shipping'
       ELSE 'fee' END, charge.label, 0, charge.net, charge.tax, charge.gross, charge.tax_percent,
       coalesce(rate.name, ''), coalesce('taxrate:' || rate.id, ''), '[]'::jsonb, true, '',
       address.country, '', '', '', ''
FROM orders_ordercharge AS charge
JOIN orders_order AS "order" ON "order".id = charge.order_id
JOIN orders_address AS address ON address.id = "order".shipping_address_id
LEFT JOIN markets_taxrate AS rate ON rate.id = charge.tax_rate_id
"""

GUARDS = """
CREATE TRIGGER order_tax_component_append_only
BEFORE UPDATE OR DELETE ON orders_ordertaxcomponent
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER carrier_charge_append_only
BEFORE DELETE OR UPDATE OF order_id, parcel, kind, estimated, amount, reference, entered_at
ON orders_carriercharge
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The line or charge of each component, and the order, is the sum of its components.
CREATE FUNCTION check_tax_components() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.line_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM orders_orderline AS part
        WHERE part.id = NEW.line_id AND part.order_id = NEW.order_id
        AND (part.net, part.tax, part.gross) = (
            SELECT sum(net), sum(tax), sum(gross) FROM orders_ordertaxcomponent
            WHERE line_id = part.id)
    ) THEN
        RAISE EXCEPTION 'tax components of line % do not add up to it', NEW.line_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.charge_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM orders_ordercharge AS part
        WHERE part.id = NEW.charge_id AND part.order_id = NEW.order_id
        AND (part.net, part.tax, part.gross) = (
            SELECT sum(net), sum(tax), sum(gross) FROM orders_ordertaxcomponent
            WHERE charge_id = part.id)
    ) THEN
        RAISE EXCEPTION 'tax components of charge % do not add up to it', NEW.charge_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM orders_order AS whole
        WHERE whole.id = NEW.order_id
        AND (whole.net, whole.tax, whole.gross) = (
            SELECT sum(net), sum(tax), sum(gross) FROM orders_ordertaxcomponent
            WHERE order_id = whole.id)
    ) THEN
        RAISE EXCEPTION 'tax components of order % do not add up to it', NEW.order_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER order_tax_components_add_up
AFTER INSERT ON orders_ordertaxcomponent
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION check_tax_components();
"""
NO_GUARDS = """
DROP TRIGGER order_tax_components_add_up ON orders_ordertaxcomponent;
DROP FUNCTION check_tax_components();
DROP TRIGGER carrier_charge_append_only ON orders_carriercharge;
DROP TRIGGER order_tax_component_append_only ON orders_ordertaxcomponent;
"""


class Migration(migrations.Migration):
    """An order keeps each tax, duty and fee with the rule that made it, and never changes them."""

    dependencies = [
        ("markets", "0015_tax_rules"),
        ("markets", "0017_tax_ids"),
        ("orders", "0005_discounts_and_price_lock"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="cart",
            name="company",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=120, verbose_name="company"
            ),
        ),
        migrations.AddField(
            model_name="cart",
            name="tax_id",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="As it is written on documents, with its prefix; empty is a consumer.",
                max_length=20,
                verbose_name="VAT id",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="buyer_company",
            field=models.CharField(
                blank=True, db_default="", max_length=120, verbose_name="company"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="buyer_tax_id",
            field=models.CharField(blank=True, db_default="", max_length=20, verbose_name="VAT id"),
        ),
        migrations.AddField(
            model_name="order",
            name="due_on_delivery",
            field=models.JSONField(
                blank=True,
                db_default=[],
                default=list,
                encoder=django.core.serializers.json.DjangoJSONEncoder,
                help_text="What the carrier was estimated to ask of the buyer; in no total.",
                verbose_name="due on delivery",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="legal_entity",
            field=models.ForeignKey(
                blank=True,
                help_text="Who sold: the name on the invoice.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="markets.legalentity",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_id_check",
            field=models.ForeignKey(
                blank=True,
                help_text="The evidence that the VAT id was valid when the order was placed.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="markets.taxidcheck",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_notes",
            field=models.JSONField(
                blank=True,
                db_default=[],
                default=list,
                encoder=django.core.serializers.json.DjangoJSONEncoder,
                help_text="What the invoice has to say, by code.",
                verbose_name="tax notes",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_parcels",
            field=models.JSONField(
                blank=True,
                db_default=[],
                default=list,
                encoder=django.core.serializers.json.DjangoJSONEncoder,
                help_text="Where each parcel comes from, its regime and how that was decided.",
                verbose_name="parcels",
            ),
        ),
        migrations.AlterField(
            model_name="ordercharge",
            name="kind",
            field=models.CharField(
                choices=[
                    ("shipping", "delivery"),
                    ("payment_fee", "payment fee"),
                    ("duty", "import duty"),
                    ("import_fee", "import fees"),
                    ("clearance", "customs clearance"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="CarrierCharge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "parcel",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="parcel"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("duty", "import duty"), ("tax", "import tax"), ("fee", "fees")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "estimated",
                    models.DecimalField(
                        decimal_places=3,
                        help_text="What the order was quoted of this kind, in its currency.",
                        max_digits=14,
                        verbose_name="estimated",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3,
                        help_text="In the order's currency; below zero corrects an earlier row.",
                        max_digits=14,
                        verbose_name="charged",
                    ),
                ),
                ("reference", models.CharField(max_length=80, verbose_name="carrier's invoice")),
                ("entered_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carrier_charges",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "carrier's charge",
                "verbose_name_plural": "carrier's charges",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order", "parcel", "kind", "reference"),
                        name="carrier_charge_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderTaxComponent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "parcel",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Counted from 0. Empty is the whole order.",
                        null=True,
                        verbose_name="parcel",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("goods", "goods"),
                            ("shipping", "delivery"),
                            ("duty", "import duty"),
                            ("fee", "import fee"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=200, verbose_name="label")),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Units of the goods in the parcel; 0 is no goods.",
                        verbose_name="quantity",
                    ),
                ),
                ("net", models.DecimalField(decimal_places=3, max_digits=14, verbose_name="net")),
                ("tax", models.DecimalField(decimal_places=3, max_digits=14, verbose_name="tax")),
                (
                    "gross",
                    models.DecimalField(decimal_places=3, max_digits=14, verbose_name="gross"),
                ),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=4, default=Decimal(0), max_digits=7, verbose_name="tax, %"
                    ),
                ),
                ("tax_name", models.CharField(blank=True, max_length=80, verbose_name="tax name")),
                (
                    "row",
                    models.CharField(
                        blank=True,
                        help_text="The dated row that made it, such as taxrate:12.",
                        max_length=120,
                        verbose_name="made by",
                    ),
                ),
                (
                    "parts",
                    models.JSONField(
                        blank=True,
                        default=list,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        help_text="Several taxes on one component, such as GST beside PST.",
                        verbose_name="taxes",
                    ),
                ),
                ("refundable", models.BooleanField(default=True, verbose_name="refundable")),
                ("regime", models.CharField(blank=True, max_length=20, verbose_name="regime")),
                (
                    "jurisdiction",
                    models.CharField(
                        blank=True,
                        help_text="Whose tax it is: a country, or a state as in US-NY.",
                        max_length=13,
                        verbose_name="jurisdiction",
                    ),
                ),
                (
                    "ship_from",
                    models.CharField(blank=True, max_length=13, verbose_name="sent from"),
                ),
                ("hs_code", models.CharField(blank=True, max_length=12, verbose_name="HS code")),
                (
                    "origin",
                    models.CharField(blank=True, max_length=2, verbose_name="country of origin"),
                ),
                (
                    "terms",
                    models.CharField(
                        blank=True,
                        choices=[("ddp", "delivered duty paid"), ("dap", "delivered at place")],
                        max_length=3,
                        verbose_name="terms",
                    ),
                ),
                (
                    "charge",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tax_components",
                        to="orders.ordercharge",
                    ),
                ),
                (
                    "goods_line",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose goods a duty or fee was charged for: they may come back alone.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="border_components",
                        to="orders.orderline",
                    ),
                ),
                (
                    "exchange_rate",
                    models.ForeignKey(
                        blank=True,
                        help_text="The rate that customs values and fixed amounts were converted by.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="markets.exchangerate",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tax_components",
                        to="orders.orderline",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tax_components",
                        to="orders.order",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="markets.taxregistration",
                    ),
                ),
            ],
            options={
                "verbose_name": "tax component",
                "verbose_name_plural": "tax components",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "gross",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net"), "+", models.F("tax")
                                ),
                            )
                        ),
                        name="tax_component_net_plus_tax_is_gross",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("net__gte", 0), ("tax__gte", 0)),
                        name="tax_component_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("charge__isnull", True), ("kind", "goods"), ("line__isnull", False)
                            ),
                            models.Q(
                                ("charge__isnull", False),
                                ("kind__in", ["shipping", "duty", "fee"]),
                                ("line__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="tax_component_of_line_or_charge",
                    ),
                ],
            },
        ),
        # Before the guards: constraint triggers of rows here would be pending at the next change.
        migrations.RunSQL(OLD_ORDERS, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
