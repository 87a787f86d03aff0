from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0010_closures")]
    operations = [
        migrations.AddField(
            model_name="stockmovement",
            name="entry_key",
            field=models.UUIDField(blank=True, editable=False, null=True, unique=True),
        ),
    ]
