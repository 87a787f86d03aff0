from django.db import migrations

# Language to PostgreSQL's dictionary and to its list of stop words, where it has one.
LANGUAGES = {
    "en": ("english_stem", "english"),
    "de": ("german_stem", "german"),
    "fr": ("french_stem", "french"),
    "es": ("spanish_stem", "spanish"),
    "pt_br": ("portuguese_stem", "portuguese"),
    "ja": ("simple", None),
    "zh_hans": ("simple", None),
    "ar": ("arabic_stem", None),
}
ASCII = "asciiword, hword_asciipart, asciihword"
OTHER = "word, hword_part, hword"


def configurations():
    """One configuration per language: stop words first (they have accents), then unaccent."""
    for language, (stem, stop) in LANGUAGES.items():
        name = f"catalog_{language}"
        yield f"CREATE TEXT SEARCH CONFIGURATION {name} (COPY = simple)"
        if stop:
            yield (
                f"CREATE TEXT SEARCH DICTIONARY {name}_stop "
                f"(TEMPLATE = simple, STOPWORDS = {stop}, ACCEPT = false)"
            )
            yield (
                f"ALTER TEXT SEARCH CONFIGURATION {name} "
                f"ALTER MAPPING FOR {ASCII}, {OTHER} WITH {name}_stop, unaccent, {stem}"
            )
        else:
            # Latin words between Arabic, Chinese and Japanese ones are mostly English.
            yield (
                f"ALTER TEXT SEARCH CONFIGURATION {name} "
                f"ALTER MAPPING FOR {ASCII} WITH english_stem"
            )
            yield (
                f"ALTER TEXT SEARCH CONFIGURATION {name} "
                f"ALTER MAPPING FOR {OTHER} WITH unaccent, {stem}"
            )


def drop_configurations():
    for language, (_stem, stop) in LANGUAGES.items():
        yield f"DROP TEXT SEARCH CONFIGURATION catalog_{language}"
        if stop:
            yield f"DROP TEXT SEARCH DICTIONARY catalog_{language}_stop"


# PostgreSQL's parser takes a run of Chinese or Japanese for one word; pairs of neighbours find
# what stands inside it.
CJK = "぀-ヿㇰ-ㇿ㐀-䶿一-鿿々〆豈-﫿"
BIGRAMS = """
CREATE FUNCTION catalog_bigrams(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN value !~ '[CJK]' THEN value ELSE (
        SELECT string_agg(
            CASE WHEN part[1] IS NOT NULL AND length(part[1]) > 1 THEN (
                SELECT string_agg(substr(part[1], place, 2), ' ' ORDER BY place)
                FROM generate_series(1, length(part[1]) - 1) place
            ) ELSE coalesce(part[1], part[2]) END,
            ' ' ORDER BY number
        )
        FROM regexp_matches(value, '([CJK]+)|([^CJK]+)', 'g')
            WITH ORDINALITY AS parts(part, number)
    ) END
$$
""".replace("CJK", CJK)

# Without tags, entities, what the parser would read as addresses and paths, and Arabic's vowel
# marks and stretching, which few people type.
PLAIN = r"""
CREATE FUNCTION catalog_plain(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT catalog_bigrams(translate(
        regexp_replace(
            regexp_replace(
                lower(normalize(value, NFKC)), '<[^>]*>|&#?\w+;|[/@&_:]', ' ', 'g'
            ),
            '[ً-ْٰـ]', '', 'g'
        ),
        'أإآٱ', 'اااا'
    ))
$$
"""
FOLD = r"""
CREATE FUNCTION catalog_fold(value text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT unaccent(translate(
        regexp_replace(lower(normalize(value, NFKC)), '[ً-ْٰـ]', '', 'g'),
        'أإآٱ', 'اااا'
    ))
$$
"""

# A word as it is, quoted as tsvector and tsquery want it: article numbers are not split.
QUOTE = r"""
CREATE FUNCTION catalog_quote(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT '''' || replace(replace(lower(value), '\', '\\'), '''', '''''') || ''''
$$
"""

# All words must be there, the last one may be a beginning. A word is looked for by its stem and
# as an article number; stop words are left out. NULL when nothing is left.
QUERY = """
CREATE FUNCTION catalog_query(config regconfig, words text[]) RETURNS tsquery
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    whole tsquery;
    plain text;
    one tsquery;
BEGIN
    FOR i IN 1 .. cardinality(words) LOOP
        plain := catalog_plain(words[i]);
        one := phraseto_tsquery(config, plain);
        CONTINUE WHEN numnode(one) = 0;
        IF i = cardinality(words) THEN
            one := one
                || to_tsquery(config, catalog_quote(plain) || ':*')
                || to_tsquery('simple', catalog_quote(unaccent(plain)) || ':*')
                || (catalog_quote(words[i]) || ':*')::tsquery;
        ELSE
            one := one || catalog_quote(words[i])::tsquery;
        END IF;
        whole := CASE WHEN whole IS NULL THEN one ELSE whole && one END;
    END LOOP;
    RETURN whole;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_change_stamps")]
    operations = [
        *[migrations.RunSQL(create, migrations.RunSQL.noop) for create in configurations()],
        migrations.RunSQL(migrations.RunSQL.noop, list(drop_configurations())),
        migrations.RunSQL(BIGRAMS, "DROP FUNCTION catalog_bigrams(text)"),
        migrations.RunSQL(PLAIN, "DROP FUNCTION catalog_plain(text)"),
        migrations.RunSQL(FOLD, "DROP FUNCTION catalog_fold(text)"),
        migrations.RunSQL(QUOTE, "DROP FUNCTION catalog_quote(text)"),
        migrations.RunSQL(QUERY, "DROP FUNCTION catalog_query(regconfig, text[])"),
    ]
