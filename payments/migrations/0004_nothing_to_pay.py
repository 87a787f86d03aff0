from decimal import Decimal

from django.db import migrations, models
from django.db.models.lookups import Exact


class Migration(migrations.Migration):
    """Orders that cost nothing are paid, at once, with the method for that and with no other."""

    dependencies = [("payments", "0003_what_tries_need")]
    operations = [
        migrations.RemoveConstraint(model_name="payment", name="payment_positive"),
        migrations.AddField(
            model_name="payment",
            name="is_nothing",
            field=models.GeneratedField(
                db_persist=True,
                expression=Exact(models.F("amount"), models.Value(Decimal(0))),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddField(
            model_name="paymentmethod",
            name="for_nothing",
            field=models.GeneratedField(
                db_persist=True,
                expression=Exact(models.F("gateway"), models.Value("nothing")),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="gateway",
            field=models.CharField(
                choices=[
                    ("stripe", "Stripe"),
                    ("bank_transfer", "bank transfer"),
                    ("cash_on_delivery", "cash on delivery"),
                    ("nothing", "nothing to pay"),
                ],
                max_length=20,
                verbose_name="gateway",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    models.Q(
                        ("amount", 0),
                        ("capture_requested_at__isnull", True),
                        ("gateway_payment", ""),
                        ("gateway_session", ""),
                        ("redirect_url", ""),
                        ("status", "captured"),
                        ("void_requested_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="payment_positive_or_of_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentmethod",
            constraint=models.UniqueConstraint(
                condition=models.Q(("gateway", "nothing")),
                fields=("gateway",),
                name="payment_method_one_for_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentmethod",
            constraint=models.UniqueConstraint(
                fields=("id", "for_nothing"), name="payment_method_kind_key"
            ),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE payments_payment ADD CONSTRAINT payment_of_nothing_by_its_method
            FOREIGN KEY (method_id, is_nothing)
            REFERENCES payments_paymentmethod (id, for_nothing)
            DEFERRABLE INITIALLY DEFERRED;
            """,
            "ALTER TABLE payments_payment DROP CONSTRAINT payment_of_nothing_by_its_method;",
        ),
    ]
