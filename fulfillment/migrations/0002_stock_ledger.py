from django.db import migrations


class Migration(migrations.Migration):
    """Stock on hand is the sum of its movements: only the ledger's trigger may change it."""

    dependencies = [("fulfillment", "0001_initial"), ("orders", "0002_append_only_events")]
    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION add_stock_movement() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO fulfillment_stocklevel
                    (variant_id, warehouse_id, on_hand, reserved, changed_at)
                VALUES (NEW.variant_id, NEW.warehouse_id, 0, 0, now())
                ON CONFLICT (variant_id, warehouse_id) DO NOTHING;
                UPDATE fulfillment_stocklevel
                SET on_hand = on_hand + NEW.quantity, changed_at = now()
                WHERE variant_id = NEW.variant_id AND warehouse_id = NEW.warehouse_id;
                RETURN NULL;
            END $$;
            CREATE TRIGGER stock_movement_counts
            AFTER INSERT ON fulfillment_stockmovement
            FOR EACH ROW EXECUTE FUNCTION add_stock_movement();

            CREATE TRIGGER stock_movement_append_only
            BEFORE UPDATE OF warehouse_id, variant_id, kind, quantity, reference, occurred_at
            OR DELETE ON fulfillment_stockmovement
            FOR EACH ROW EXECUTE FUNCTION refuse_change();

            CREATE FUNCTION guard_stock_on_hand() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                before integer := 0;
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    IF OLD.on_hand <> 0 THEN
                        RAISE EXCEPTION 'stock level % is not empty', OLD.id
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN OLD;
                END IF;
                IF TG_OP = 'UPDATE' THEN
                    before := OLD.on_hand;
                END IF;
                IF pg_trigger_depth() < 2 AND NEW.on_hand <> before THEN
                    RAISE EXCEPTION 'on_hand changes by stock movements only'
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER stock_on_hand_by_ledger
            BEFORE INSERT OR UPDATE OF on_hand OR DELETE ON fulfillment_stocklevel
            FOR EACH ROW EXECUTE FUNCTION guard_stock_on_hand();
            """,
            """
            DROP TRIGGER stock_movement_counts ON fulfillment_stockmovement;
            DROP TRIGGER stock_movement_append_only ON fulfillment_stockmovement;
            DROP TRIGGER stock_on_hand_by_ledger ON fulfillment_stocklevel;
            DROP FUNCTION add_stock_movement();
            DROP FUNCTION guard_stock_on_hand();
            """,
        ),
        migrations.RunSQL(
            """
            ALTER TABLE fulfillment_deliveryoption ADD CONSTRAINT delivery_in_market_currency
            FOREIGN KEY (market_id, price_currency) REFERENCES markets_market (id, currency)
            DEFERRABLE INITIALLY DEFERRED
            """,
            "ALTER TABLE fulfillment_deliveryoption DROP CONSTRAINT delivery_in_market_currency",
        ),
    ]
