from django.db import migrations, models


class Migration(migrations.Migration):
    """What registers answered about VAT ids: rows that may be forgotten but never changed."""

    dependencies = [("markets", "0016_duties")]

    operations = [
        migrations.CreateModel(
            name="TaxIdCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        help_text="With its prefix.", max_length=20, verbose_name="VAT id"
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        help_text="As in the id: EL is Greece, XI Northern Ireland.",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("eu_vat", "VAT id of the EU"),
                            ("gb_vat", "VAT number of the United Kingdom"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("valid", "valid"),
                            ("invalid", "invalid"),
                            ("unavailable", "could not be checked"),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="The register's code of an error.",
                        max_length=60,
                        verbose_name="reason",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=300, verbose_name="name")),
                ("address", models.CharField(blank=True, max_length=500, verbose_name="address")),
                (
                    "requester",
                    models.CharField(
                        blank=True,
                        help_text="The VAT id we asked with.",
                        max_length=20,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "consultation_number",
                    models.CharField(blank=True, max_length=60, verbose_name="consultation number"),
                ),
                ("checked_at", models.DateTimeField(verbose_name="checked at")),
                ("source", models.CharField(max_length=20, verbose_name="source")),
            ],
            options={
                "verbose_name": "VAT id check",
                "verbose_name_plural": "VAT id checks",
                "ordering": ["-checked_at", "-id"],
                "indexes": [
                    models.Index(fields=["number", "-checked_at"], name="tax_id_check_latest"),
                    models.Index(fields=["checked_at"], name="tax_id_check_age"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", ""), _negated=True),
                            models.Q(("country", ""), _negated=True),
                        ),
                        name="tax_id_check_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["valid", "invalid", "unavailable"])),
                        name="tax_id_check_outcome_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION keep_tax_id_check() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'what a register answered is never changed'
                    USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER tax_id_check_kept
            BEFORE UPDATE ON markets_taxidcheck
            FOR EACH ROW EXECUTE FUNCTION keep_tax_id_check();
            """,
            """
            DROP TRIGGER tax_id_check_kept ON markets_taxidcheck;
            DROP FUNCTION keep_tax_id_check();
            """,
        ),
    ]
