from django.db import migrations


class Migration(migrations.Migration):
    """Events can be added and never changed; an order is in its market's currency."""

    dependencies = [("orders", "0001_initial"), ("markets", "0002_price_in_market_currency")]
    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
                    USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER order_event_append_only
            BEFORE UPDATE OR DELETE ON orders_orderevent
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
            """,
            """
            DROP TRIGGER order_event_append_only ON orders_orderevent;
            DROP FUNCTION refuse_change();
            """,
        ),
        migrations.RunSQL(
            """
            ALTER TABLE orders_order ADD CONSTRAINT order_in_market_currency
            FOREIGN KEY (market_id, currency) REFERENCES markets_market (id, currency)
            DEFERRABLE INITIALLY DEFERRED
            """,
            "ALTER TABLE orders_order DROP CONSTRAINT order_in_market_currency",
        ),
    ]
