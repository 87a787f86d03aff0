from django.db import migrations


class Migration(migrations.Migration):
    """Payments are in their order's currency and refunds in their payment's."""

    dependencies = [("payments", "0001_initial"), ("orders", "0002_append_only_events")]
    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE payments_payment ADD CONSTRAINT payment_in_order_currency
            FOREIGN KEY (order_id, amount_currency) REFERENCES orders_order (id, currency)
            DEFERRABLE INITIALLY DEFERRED;
            ALTER TABLE payments_refund ADD CONSTRAINT refund_in_payment_currency
            FOREIGN KEY (payment_id, amount_currency)
            REFERENCES payments_payment (id, amount_currency)
            DEFERRABLE INITIALLY DEFERRED;
            """,
            """
            ALTER TABLE payments_payment DROP CONSTRAINT payment_in_order_currency;
            ALTER TABLE payments_refund DROP CONSTRAINT refund_in_payment_currency;
            """,
        )
    ]
