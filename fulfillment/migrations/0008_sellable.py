from django.db import migrations, models


class Migration(migrations.Migration):
    """What can be sold, defined once: for the shop's lists, its cart, its checks and its people."""

    dependencies = [("fulfillment", "0007_reserving")]
    operations = [
        migrations.RunSQL(
            """
            CREATE VIEW fulfillment_sellable AS
            SELECT level.id, level.variant_id, level.warehouse_id,
                   own_stock(level.on_hand, level.reserved, level.safety, level.preordered)
                   + CASE WHEN level.buckets > 0 THEN (
                       SELECT coalesce(sum(bucket.free), 0)::int
                       FROM fulfillment_stockbucket AS bucket WHERE bucket.level_id = level.id
                   ) ELSE 0 END AS units,
                   level.preorder_limit, level.preordered,
                   (
                       SELECT jsonb_agg(
                           jsonb_build_array(coming.expected_on, coming.quantity - coming.received)
                           ORDER BY coming.expected_on, coming.id
                       )
                       FROM fulfillment_incomingstock AS coming
                       WHERE coming.variant_id = level.variant_id
                           AND coming.warehouse_id = level.warehouse_id
                           AND coming.closed_at IS NULL AND coming.quantity > coming.received
                   ) AS incoming
            FROM fulfillment_stocklevel AS level
            """,
            "DROP VIEW fulfillment_sellable",
        ),
        migrations.CreateModel(
            name="Sellable",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("units", models.IntegerField()),
                ("preorder_limit", models.IntegerField()),
                ("preordered", models.IntegerField()),
                ("incoming", models.JSONField(null=True)),
            ],
            options={
                "db_table": "fulfillment_sellable",
                "managed": False,
                "ordering": ["variant", "warehouse"],
            },
        ),
    ]
