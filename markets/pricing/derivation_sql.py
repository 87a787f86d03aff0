"""The statements that derive a market's prices; all run under its price lock, in this order.

Decisions are put into a table that the session keeps for itself, and only of prices that do not
stay as they are. Its rows go with the transaction.
"""

PREPARE = """
CREATE TEMPORARY TABLE IF NOT EXISTS markets_price_work (
    variant_id bigint, price_id bigint, begins_now boolean, planned timestamptz,
    action text, reason text, amount numeric, target numeric,
    old_amount numeric, cost numeric, floor numeric, asked numeric,
    base_price_id bigint, rate_id bigint, conversion numeric, buffer numeric
) ON COMMIT DELETE ROWS
"""
# Several markets may be derived in one transaction.
EMPTY = "TRUNCATE markets_price_work"

# In two parts, for two indexes: hardly a row has an end that is still to come.
_CURRENT = """
current AS (
    SELECT id, variant_id, kind, amount, asked, target, base_price_id, valid_from
    FROM markets_price
    WHERE market_id = %(market)s AND valid_to IS NULL AND valid_from <= %(now)s
        AND group_id IS NULL AND min_quantity = 1
        AND (%(variants)s::bigint[] IS NULL OR variant_id = ANY (%(variants)s))
    UNION ALL
    SELECT id, variant_id, kind, amount, asked, target, base_price_id, valid_from
    FROM markets_price
    WHERE market_id = %(market)s AND valid_to > %(now)s AND valid_from <= %(now)s
        AND group_id IS NULL AND min_quantity = 1
        AND (%(variants)s::bigint[] IS NULL OR variant_id = ANY (%(variants)s))
),
later AS (
    SELECT DISTINCT ON (variant_id) variant_id, kind, valid_from
    FROM markets_price
    WHERE market_id = %(market)s AND valid_from > %(now)s
        AND group_id IS NULL AND min_quantity = 1
        AND (%(variants)s::bigint[] IS NULL OR variant_id = ANY (%(variants)s))
    ORDER BY variant_id, valid_from
)
"""

_AIMED = """
aimed AS (
    SELECT
        base.variant_id, base.id AS base_price_id, base.cost,
        way.conversion, way.rate_id, way.buffer, way.standing,
        base.amount * way.conversion * (1 + %(fx_margin)s + way.buffer)
            * (1 + %(price_adjustment)s) AS target,
        base.cost * way.conversion * (1 + %(minimum_margin)s::numeric) AS floor,
        base.amount * (1 + %(fx_margin)s) * (1 + %(price_adjustment)s) AS asked,
        base.amount_currency
    FROM markets_baseprice base
    JOIN unnest(
        %(currencies)s::text[], %(conversions)s::numeric[], %(rates)s::bigint[],
        %(buffers)s::numeric[], %(standings)s::text[]
    ) AS way (currency, conversion, rate_id, buffer, standing)
        ON way.currency = base.amount_currency
    WHERE base.valid_from <= %(now)s AND (base.valid_to IS NULL OR base.valid_to > %(now)s)
        AND (%(variants)s::bigint[] IS NULL OR base.variant_id = ANY (%(variants)s))
)
"""

# Of a variant with a derived row in force the next one is set by hand: where it is derived, a run
# with a later clock has been here.
CLOSE_WITHOUT_BASE = f"""
WITH {_CURRENT}
UPDATE markets_price price SET valid_to = %(now)s, changed_at = statement_timestamp()
FROM current
WHERE price.id = current.id AND (current.kind = 'derived' OR %(over_manual)s)
    AND NOT EXISTS (
        SELECT FROM markets_baseprice base
        WHERE base.variant_id = current.variant_id AND base.valid_from <= %(now)s
            AND (base.valid_to IS NULL OR base.valid_to > %(now)s)
    )
    AND NOT EXISTS (
        SELECT FROM later WHERE later.variant_id = current.variant_id AND later.kind = 'derived'
    )
"""  # noqa: S608  # The parts are the ones above.

DECIDE = f"""
WITH {_CURRENT},
{_AIMED},
decided AS (
    SELECT
        aimed.*, current.id AS price_id, current.valid_from = %(now)s AS begins_now,
        later.valid_from AS planned, later.kind AS planned_kind, derived.amount AS old_amount,
        markets_decide_price(
            derived.amount, coalesce(derived.target, derived.amount), current.valid_from,
            aimed.target, aimed.floor,
            derived.asked IS DISTINCT FROM aimed.asked
                OR coalesce(old_base.amount_currency <> aimed.amount_currency, false),
            aimed.standing, %(now)s,
            %(unit)s, %(step)s, %(endings)s::numeric[], %(grid)s, %(avoid)s,
            %(hold_up)s, %(hold_down)s, %(dwell)s, %(step_limit)s, %(approval_limit)s,
            %(freeze_until)s
        ) AS decision
    FROM aimed
    LEFT JOIN current ON current.variant_id = aimed.variant_id
    LEFT JOIN LATERAL (
        SELECT current.amount, current.target, current.asked WHERE current.kind = 'derived'
    ) AS derived ON true
    LEFT JOIN markets_baseprice old_base
        ON old_base.id = current.base_price_id AND old_base.id <> aimed.base_price_id
    LEFT JOIN later ON later.variant_id = aimed.variant_id
    WHERE current.kind IS NULL OR current.kind = 'derived' OR %(over_manual)s
    OFFSET 0  -- Else the decision would be made once for each of its fields.
)
INSERT INTO markets_price_work
SELECT
    variant_id, price_id, begins_now, planned,
    -- Else one slipped point would keep the whole market from its prices.
    CASE WHEN (decision).amount < 1e11 AND (decision).target < 1e14
        THEN (decision).action ELSE 'beyond' END,
    (decision).reason, (decision).amount, (decision).target,
    old_amount, cost, ceil(floor * 1000) / 1000, asked, base_price_id, rate_id, conversion, buffer
FROM decided
-- Not within the fence: nearly all prices are derived, so the planner would expect no row there,
-- and join accordingly.
WHERE (decision).action <> 'keep' AND planned_kind IS DISTINCT FROM 'derived'
"""  # noqa: S608

BEYOND = "SELECT count(*) FROM markets_price_work WHERE action = 'beyond'"

CLOSE = """
UPDATE markets_price price SET valid_to = %(now)s, changed_at = statement_timestamp()
FROM markets_price_work work
WHERE price.id = work.price_id AND work.action = 'change' AND NOT work.begins_now
"""

# A row that began at this very moment was never in force.
REWRITE = """
UPDATE markets_price price SET
    kind = 'derived', is_reduction = false, rule_id = %(rule)s,
    amount = work.amount, reason = work.reason,
    base_price_id = work.base_price_id, rate_id = work.rate_id, conversion = work.conversion,
    buffer = work.buffer, asked = work.asked, target = work.target, floor = work.floor,
    valid_to = work.planned, changed_at = statement_timestamp()
FROM markets_price_work work
WHERE price.id = work.price_id AND work.action = 'change' AND work.begins_now
"""

OPEN = """
INSERT INTO markets_price (
    variant_id, market_id, kind, rule_id, amount_currency, amount, reason,
    base_price_id, rate_id, conversion, buffer, asked, target, floor,
    valid_from, valid_to, changed_at
)
SELECT
    variant_id, %(market)s, 'derived', %(rule)s, %(market_currency)s, amount, reason,
    base_price_id, rate_id, conversion, buffer, asked, target, floor,
    %(now)s, planned, statement_timestamp()
FROM markets_price_work
WHERE action = 'change' AND begins_now IS NOT TRUE
"""

# The amount stays, and the row goes on telling of the rate that it was made with.
SETTLE = """
UPDATE markets_price price SET asked = work.asked, target = work.target
FROM markets_price_work work
WHERE price.id = work.price_id AND work.action = 'settle'
"""

# Derived prices that follow on one set by hand for a time: kept fresh until the hour before, and
# written over, for they were never in force. That hour is longer than any run takes.
_AHEAD = """
price.market_id = %(market)s AND price.kind = 'derived'
    AND price.valid_from > %(now)s + interval '1 hour'
    AND (%(variants)s::bigint[] IS NULL OR price.variant_id = ANY (%(variants)s))
"""
DROP_AHEAD = f"""
DELETE FROM markets_price price
WHERE {_AHEAD} AND NOT EXISTS (
    SELECT FROM markets_baseprice base
    WHERE base.variant_id = price.variant_id AND base.valid_from <= price.valid_from
        AND (base.valid_to IS NULL OR base.valid_to > price.valid_from)
)
"""  # noqa: S608
REFRESH_AHEAD = f"""
WITH {_AIMED},
fresh AS (
    SELECT price.id AS price_id, aimed.*, markets_fit_price(
        aimed.target, aimed.floor,
        %(unit)s, %(step)s, %(endings)s::numeric[], %(grid)s, %(avoid)s
    ) AS amount
    FROM aimed JOIN markets_price price ON price.variant_id = aimed.variant_id
    WHERE {_AHEAD} AND aimed.standing = 'usable'
        AND (%(freeze_until)s::timestamptz IS NULL OR %(freeze_until)s <= %(now)s)
    OFFSET 0
)
UPDATE markets_price price SET
    amount = fresh.amount, reason = 'new', rule_id = %(rule)s,
    base_price_id = fresh.base_price_id, rate_id = fresh.rate_id, conversion = fresh.conversion,
    buffer = fresh.buffer, asked = fresh.asked, target = round(fresh.target, 10),
    floor = ceil(fresh.floor * 1000) / 1000, changed_at = statement_timestamp()
FROM fresh
WHERE price.id = fresh.price_id AND fresh.amount < 1e11 AND price.amount <> fresh.amount
"""  # noqa: S608

# Of the variants looked at: what waits and would not be proposed again as it is.
SUPERSEDE = """
UPDATE markets_priceproposal proposal SET status = 'superseded', decided_at = %(now)s
WHERE proposal.market_id = %(market)s AND proposal.status = 'pending'
    AND (%(variants)s::bigint[] IS NULL OR proposal.variant_id = ANY (%(variants)s))
    AND NOT EXISTS (
        SELECT FROM markets_price_work work
        WHERE work.action = 'propose' AND work.variant_id = proposal.variant_id
            AND work.price_id = proposal.price_id AND work.amount = proposal.new_amount
            AND work.asked = proposal.asked
    )
"""

# What was rejected is not proposed again until the target has moved beyond the band once more.
PROPOSE = """
INSERT INTO markets_priceproposal (
    variant_id, market_id, price_id, old_amount, new_amount, old_margin, new_margin, reason,
    base_price_id, rate_id, conversion, buffer, asked, target, floor, status, created_at
)
SELECT
    variant_id, %(market)s, price_id, old_amount, amount,
    greatest(1 - cost * conversion / old_amount, -9999),
    greatest(1 - cost * conversion / amount, -9999), reason,
    base_price_id, rate_id, conversion, buffer, asked, target, floor, 'pending', %(now)s
FROM markets_price_work work
WHERE action = 'propose' AND NOT EXISTS (
    SELECT FROM markets_priceproposal known
    WHERE known.market_id = %(market)s AND known.variant_id = work.variant_id
        AND known.price_id = work.price_id AND known.asked = work.asked
        AND (
            known.status = 'pending'
            OR known.status = 'rejected'
            AND (
                round(work.target, 10) = known.target
                OR work.target > known.target * (1 - %(hold_down)s)
                AND work.target < known.target * (1 + %(hold_up)s)
            )
        )
)
"""
