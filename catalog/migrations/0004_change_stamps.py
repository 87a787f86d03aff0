import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """What search documents are made from tells when it changed, and they remember it."""

    dependencies = [("catalog", "0003_tax_categories")]
    operations = [
        migrations.AddField(
            model_name="attributechoice",
            name="changed_at",
            field=models.DateTimeField(auto_now=True, default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="optionvalue",
            name="changed_at",
            field=models.DateTimeField(auto_now=True, default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="searchdocument",
            name="source",
            field=models.CharField(
                default="",
                help_text="Digest of the change stamps that the document was made from.",
                max_length=32,
            ),
            preserve_default=False,
        ),
    ]
