from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0011_movement_entry_key")]

    operations = [
        migrations.AddField(
            model_name="routingdecision",
            name="network",
            field=models.CharField(
                blank=True,
                db_default="",
                editable=False,
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="routingdecision",
            name="reviewed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When it was last compared with what else there is.",
                null=True,
                verbose_name="looked at again at",
            ),
        ),
        migrations.AddField(
            model_name="shipment",
            name="resolution",
            field=models.CharField(
                blank=True,
                choices=[("resent", "sent again"), ("refunded", "paid back")],
                db_default="",
                max_length=10,
                verbose_name="resolution",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.CheckConstraint(
                condition=models.Q(resolution="")
                | models.Q(status="exception", resolution__in=["resent", "refunded"]),
                name="shipment_resolution_of_exception",
            ),
        ),
        migrations.AddIndex(
            model_name="routingdecision",
            index=models.Index(
                condition=models.Q(("is_current", True)),
                fields=["decided_at"],
                name="routing_decision_in_force",
            ),
        ),
    ]
