from django.db import migrations


class Migration(migrations.Migration):
    """A price is in its market's currency, or the database refuses it."""

    dependencies = [("markets", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE markets_price ADD CONSTRAINT price_in_market_currency
            FOREIGN KEY (market_id, amount_currency) REFERENCES markets_market (id, currency)
            DEFERRABLE INITIALLY DEFERRED
            """,
            "ALTER TABLE markets_price DROP CONSTRAINT price_in_market_currency",
        )
    ]
