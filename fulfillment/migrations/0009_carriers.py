from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0008_sellable"),
    ]

    operations = [
        migrations.AddField(
            model_name="shipment",
            name="expected_on",
            field=models.DateField(
                blank=True,
                help_text="The day that the carrier names since it is late.",
                null=True,
                verbose_name="now expected on",
            ),
        ),
        migrations.AddField(
            model_name="shipmentlabel",
            name="is_refused",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The carrier said no: it is not asked again by itself.",
                verbose_name="refused",
            ),
        ),
        migrations.AddField(
            model_name="carrierevent",
            name="tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="tries"),
        ),
        migrations.AddField(
            model_name="carrierevent",
            name="next_try_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Empty: nothing more is to be done.",
                null=True,
                verbose_name="next try at",
            ),
        ),
        migrations.RemoveIndex(model_name="shipmentlabel", name="label_to_try"),
        migrations.AddIndex(
            model_name="shipmentlabel",
            index=models.Index(
                condition=models.Q(("next_try_at__isnull", False)),
                fields=["next_try_at"],
                name="label_to_try",
            ),
        ),
        migrations.AddIndex(
            model_name="shipmentlabel",
            index=models.Index(fields=["tracking_number"], name="label_by_number"),
        ),
        migrations.AddIndex(
            model_name="shipmentlabel",
            index=models.Index(
                condition=models.Q(("status__in", ["requested", "made"])),
                fields=["requested_at"],
                name="label_live",
            ),
        ),
        migrations.RemoveIndex(model_name="carrierevent", name="carrier_event_to_apply"),
        migrations.AddIndex(
            model_name="carrierevent",
            index=models.Index(
                condition=models.Q(("next_try_at__isnull", False)),
                fields=["next_try_at"],
                name="carrier_event_to_apply",
            ),
        ),
    ]
