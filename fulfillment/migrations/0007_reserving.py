from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

TYPES = """
-- What a stock row has for sale in itself: safety stock is never offered, and units that are owed
-- to those who bought ahead are theirs.
CREATE FUNCTION own_stock(
    on_hand integer, reserved integer, safety integer, preordered integer
) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT greatest(0, on_hand - reserved - safety - preordered) $$;

-- A stock row that can serve a line of an order, and what it has for it: `own` units in the row
-- itself, `laid` units in its buckets. Preference 1 is the warehouse with the cheapest lane.
CREATE TYPE stock_offer AS (
    level_id bigint, variant_id bigint, warehouse_id bigint, preference integer,
    wanted integer, own integer, laid integer, buckets integer
);

-- What an order gets of an offer: units that are here (out of the row, or out of one bucket of
-- it) and units ahead.
CREATE TYPE stock_take AS (
    level_id bigint, variant_id bigint, warehouse_id bigint,
    units integer, ahead integer, is_bucket boolean
);
"""

ALLOCATE = """
-- Share out units that are here: a warehouse that has all lines comes first, then the cheapest
-- lane; a line that no warehouse has in full is split in that order.
CREATE FUNCTION allocate_stock(offers stock_offer[], lines integer)
RETURNS SETOF stock_take LANGUAGE sql IMMUTABLE AS $$
    WITH offer AS (
        SELECT *, own + laid AS units FROM unnest(offers)
    ), ranked AS (
        SELECT offer.*, coalesce(sum(units) OVER (
            PARTITION BY variant_id
            ORDER BY warehouse_id IN (
                SELECT warehouse_id FROM offer WHERE units >= wanted
                GROUP BY warehouse_id HAVING count(*) = lines
            ) DESC, preference
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)::integer AS before
        FROM offer
    )
    SELECT level_id, variant_id, warehouse_id, least(units, wanted - before), 0, false
    FROM ranked WHERE before < wanted AND units > 0
$$;

-- Share out units that are to come, the cheapest lane first: of deliveries that are expected today
-- or later, as far as they are not sold ahead yet and the merchant lets them be.
CREATE FUNCTION allocate_stock_ahead(
    offers stock_offer[], short_variants bigint[], missing integer[], today date
) RETURNS SETOF stock_take LANGUAGE sql STABLE AS $$
    WITH coming AS (
        SELECT offer.*, delivery.id AS delivery_id, delivery.expected_on, gap.missing,
               delivery.quantity - delivery.received AS units,
               sum(delivery.quantity - delivery.received) OVER (
                   PARTITION BY offer.level_id ORDER BY delivery.expected_on, delivery.id
               ) AS up_to,
               level.preordered, level.preorder_limit
        FROM unnest(short_variants, missing) AS gap (variant_id, missing)
        JOIN unnest(offers) AS offer USING (variant_id)
        JOIN fulfillment_stocklevel AS level ON level.id = offer.level_id
        JOIN fulfillment_incomingstock AS delivery
            ON delivery.variant_id = offer.variant_id
            AND delivery.warehouse_id = offer.warehouse_id
        WHERE delivery.closed_at IS NULL AND delivery.quantity > delivery.received
            AND delivery.expected_on >= today AND level.preorder_limit > level.preordered
    ), unsold AS (
        -- Those who bought before have the first `preordered` units of the row of deliveries.
        SELECT coming.*, greatest(
            0, least(up_to, preorder_limit) - greatest(up_to - units, preordered)
        ) AS sellable
        FROM coming
    ), ranked AS (
        SELECT unsold.*, coalesce(sum(sellable) OVER (
            PARTITION BY variant_id ORDER BY preference, expected_on, delivery_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS before
        FROM unsold
    )
    SELECT level_id, variant_id, warehouse_id, 0,
           sum(least(sellable, missing - before))::integer, false
    FROM ranked WHERE before < missing AND sellable > 0
    GROUP BY level_id, variant_id, warehouse_id
$$;
"""

BUCKETS = """
-- Take units out of one bucket that has enough and that nobody is at; never waits.
CREATE FUNCTION take_from_stock_bucket(the_level bigint, units integer, buckets integer)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    -- Each begins somewhere else, so that they seldom meet.
    start CONSTANT integer := floor(random() * buckets);
BEGIN
    UPDATE fulfillment_stockbucket SET free = free - units WHERE id = (
        SELECT id FROM fulfillment_stockbucket
        WHERE level_id = the_level AND position >= start AND free >= units
        ORDER BY position LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    );
    IF NOT FOUND THEN
        UPDATE fulfillment_stockbucket SET free = free - units WHERE id = (
            SELECT id FROM fulfillment_stockbucket
            WHERE level_id = the_level AND position < start AND free >= units
            ORDER BY position LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
        );
    END IF;
    RETURN FOUND;
END $$;

-- Empty all buckets of a level and give how many units were in them. Waits for each bucket: the
-- caller holds the level, and takes the units off its `reserved`.
CREATE FUNCTION empty_stock_buckets(the_level bigint)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    units integer;
BEGIN
    PERFORM FROM fulfillment_stockbucket WHERE level_id = the_level
    ORDER BY position FOR NO KEY UPDATE;
    SELECT coalesce(sum(free), 0) INTO units
    FROM fulfillment_stockbucket WHERE level_id = the_level;
    UPDATE fulfillment_stockbucket SET free = 0 WHERE level_id = the_level AND free > 0;
    RETURN units;
END $$;

-- Bring all that lies in a level's buckets back into the level. The caller holds the level.
CREATE FUNCTION fold_stock_level(the_level bigint)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    units CONSTANT integer := empty_stock_buckets(the_level);
BEGIN
    UPDATE fulfillment_stocklevel SET reserved = reserved - units
    WHERE id = the_level AND units > 0;
    RETURN units;
END $$;

-- Bring units that lie in a level's buckets back into the level: those that are wanted out of one
-- bucket, or else all there are. Gives how many came. The caller holds the level.
CREATE FUNCTION draw_from_stock_buckets(the_level bigint, wanted integer)
RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    UPDATE fulfillment_stockbucket SET free = free - wanted WHERE id = (
        SELECT id FROM fulfillment_stockbucket WHERE level_id = the_level AND free >= wanted
        ORDER BY position LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    );
    IF NOT FOUND THEN
        -- To wait for one is better than to stop all: others go on at the rest of them.
        UPDATE fulfillment_stockbucket SET free = free - wanted WHERE id = (
            SELECT id FROM fulfillment_stockbucket WHERE level_id = the_level AND free >= wanted
            ORDER BY random() LIMIT 1 FOR NO KEY UPDATE
        );
    END IF;
    IF NOT FOUND THEN
        RETURN fold_stock_level(the_level);
    END IF;
    UPDATE fulfillment_stocklevel SET reserved = reserved - wanted WHERE id = the_level;
    RETURN wanted;
END $$;

-- Lay what a hot level has for sale out in its buckets, if that is worth it: four units in each,
-- at least. The caller holds the level, and its buckets are empty.
CREATE FUNCTION lay_out_stock_level(the_level bigint)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    units integer;
    rows integer;
BEGIN
    SELECT own_stock(level.on_hand, level.reserved, level.safety, level.preordered), level.buckets
    INTO units, rows
    FROM fulfillment_stocklevel AS level WHERE level.id = the_level;
    IF rows = 0 OR units < 4 * rows THEN
        RETURN 0;
    END IF;
    INSERT INTO fulfillment_stockbucket (level_id, position, free)
    SELECT the_level, n, units / rows + (n < units % rows)::integer
    FROM generate_series(0, rows - 1) AS n
    ON CONFLICT (level_id, position) DO UPDATE SET free = EXCLUDED.free;
    UPDATE fulfillment_stocklevel SET reserved = reserved + units WHERE id = the_level;
    RETURN units;
END $$;

-- Another number of buckets: what lies in the old ones goes back into the level.
CREATE FUNCTION refold_stock_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.reserved := NEW.reserved - empty_stock_buckets(OLD.id);
    DELETE FROM fulfillment_stockbucket WHERE level_id = OLD.id;
    RETURN NEW;
END $$;
CREATE TRIGGER stock_buckets_refold BEFORE UPDATE OF buckets ON fulfillment_stocklevel
FOR EACH ROW WHEN (OLD.buckets IS DISTINCT FROM NEW.buckets)
EXECUTE FUNCTION refold_stock_level();
"""

RESERVE = """
-- Write an order's reservation: the rows change, the lines are kept. There is one take of a level.
-- Units out of a bucket were counted as reserved in their level when they were laid out.
CREATE FUNCTION hold_stock(
    the_order bigint, takes stock_take[], expires timestamptz, moment timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    reservation bigint;
BEGIN
    UPDATE fulfillment_stocklevel AS level
    SET reserved = level.reserved + take.units, preordered = level.preordered + take.ahead,
        changed_at = moment
    FROM unnest(takes) AS take
    WHERE level.id = take.level_id AND NOT take.is_bucket;
    INSERT INTO fulfillment_reservation (order_id, status, expires_at, created_at)
    VALUES (the_order, 'active', expires, moment) RETURNING id INTO reservation;
    INSERT INTO fulfillment_reservationline
        (reservation_id, variant_id, warehouse_id, quantity, ahead)
    SELECT reservation, take.variant_id, take.warehouse_id, take.units, take.ahead
    FROM unnest(takes) AS take;
    RETURN reservation;
END $$;

-- Serve an order of one line out of a bucket; NULL, with nothing changed and nothing locked, where
-- that does not do.
CREATE FUNCTION take_line_from_stock_bucket(
    the_variant bigint, quantity integer, grams integer, warehouses bigint[], heaviest integer[]
) RETURNS stock_take LANGUAGE plpgsql AS $$
DECLARE
    level record;
BEGIN
    -- Nothing is locked here: what was read may have changed, and then the bucket is refused.
    FOR level IN
        SELECT id, warehouse_id, buckets, own_stock(on_hand, reserved, safety, preordered) AS own
        FROM fulfillment_stocklevel
        WHERE variant_id = the_variant AND warehouse_id = ANY (warehouses)
            AND heaviest[array_position(warehouses, warehouse_id)] >= grams
        ORDER BY array_position(warehouses, warehouse_id)
    LOOP
        IF level.buckets > 0 AND take_from_stock_bucket(level.id, quantity, level.buckets) THEN
            RETURN (level.id, the_variant, level.warehouse_id, quantity, 0, true)::stock_take;
        END IF;
        -- A warehouse with a cheaper lane may have the units after all.
        EXIT WHEN level.own >= quantity OR EXISTS (
            SELECT FROM fulfillment_stockbucket
            WHERE level_id = level.id AND level.buckets > 0 AND free > 0
        );
    END LOOP;
    RETURN NULL;
END $$;

-- Serve an order of several lines out of buckets where it can be, and out of locked levels for its
-- other lines. NULL, with nothing changed and nothing locked, where that does not do: the buckets
-- are drained, or others are at them.
CREATE FUNCTION take_cart_from_stock_buckets(
    variants bigint[], quantities integer[], weights integer[],
    warehouses bigint[], heaviest integer[]
) RETURNS stock_take[] LANGUAGE plpgsql AS $$
DECLARE
    offers stock_offer[];
    takes stock_take[];
    take stock_take;
    rows integer;
BEGIN
    -- What is read here is a plan; under the locks it either holds or is given up.
    offers := ARRAY(
        SELECT (level.id, level.variant_id, level.warehouse_id, lane.preference, line.quantity,
                own_stock(level.on_hand, level.reserved, level.safety, level.preordered), (
                    SELECT coalesce(sum(bucket.free), 0) FROM fulfillment_stockbucket AS bucket
                    WHERE bucket.level_id = level.id AND level.buckets > 0
                ), level.buckets)::stock_offer
        FROM unnest(variants, quantities, weights) AS line (variant_id, quantity, grams)
        JOIN fulfillment_stocklevel AS level USING (variant_id)
        JOIN unnest(warehouses, heaviest) WITH ORDINALITY
            AS lane (warehouse_id, heaviest, preference)
            ON lane.warehouse_id = level.warehouse_id AND lane.heaviest >= line.grams
    );
    takes := ARRAY(
        SELECT (plan.level_id, plan.variant_id, plan.warehouse_id, plan.units, 0,
                offer.buckets > 0 AND offer.laid >= plan.units)::stock_take
        FROM allocate_stock(offers, cardinality(variants)) AS plan
        JOIN unnest(offers) AS offer USING (level_id)
    );
    IF NOT EXISTS (SELECT FROM unnest(takes) WHERE is_bucket)
        OR (SELECT sum(units) FROM unnest(takes)) < (SELECT sum(wanted) FROM unnest(quantities)
                                                     AS line (wanted))
    THEN
        RETURN NULL;
    END IF;
    -- Levels first, in their order: whoever holds a bucket waits for no level.
    PERFORM FROM fulfillment_stocklevel AS level
    JOIN unnest(takes) AS plan ON plan.level_id = level.id AND NOT plan.is_bucket
    ORDER BY level.variant_id, level.warehouse_id FOR NO KEY UPDATE OF level;
    IF EXISTS (
        SELECT FROM fulfillment_stocklevel AS level
        JOIN unnest(takes) AS plan ON plan.level_id = level.id AND NOT plan.is_bucket
        WHERE plan.units > own_stock(
            level.on_hand, level.reserved, level.safety, level.preordered
        )
    ) THEN
        RAISE SQLSTATE 'ES001';
    END IF;
    FOREACH take IN ARRAY takes LOOP
        CONTINUE WHEN NOT take.is_bucket;
        rows := (SELECT buckets FROM unnest(offers) WHERE level_id = take.level_id);
        IF NOT take_from_stock_bucket(take.level_id, take.units, rows) THEN
            RAISE SQLSTATE 'ES001';
        END IF;
    END LOOP;
    RETURN takes;
EXCEPTION WHEN SQLSTATE 'ES001' THEN
    RETURN NULL;  -- The locks are given back too: those to come are taken in order again.
END $$;

-- Share out what an order wants of levels that the caller has locked; NULL, with the skus that
-- fell short, if there is too little. Draws units out of buckets where it has to.
CREATE FUNCTION take_from_stock_levels(
    the_order bigint, offers stock_offer[], variants bigint[], quantities integer[], today date,
    OUT takes stock_take[], OUT short text[]
) LANGUAGE plpgsql AS $$
DECLARE
    is_hot CONSTANT boolean := EXISTS (SELECT FROM unnest(offers) WHERE buckets > 0);
    aheads stock_take[];
    short_variants bigint[];
    missing integer[];
    needy bigint;
    lacking integer;
    drawn integer;
BEGIN
    IF is_hot THEN
        -- Nobody else lays out while we hold the level: there may be less in its buckets by now
        -- than is seen here, never more.
        offers := ARRAY(
            SELECT (offer.level_id, offer.variant_id, offer.warehouse_id, offer.preference,
                    offer.wanted, offer.own, (
                        SELECT coalesce(sum(bucket.free), 0) FROM fulfillment_stockbucket AS bucket
                        WHERE bucket.level_id = offer.level_id AND offer.buckets > 0
                    ), offer.buckets)::stock_offer
            FROM unnest(offers) AS offer
        );
    END IF;
    LOOP
        takes := ARRAY(SELECT plan FROM allocate_stock(offers, cardinality(variants)) AS plan);
        aheads := '{}';
        SELECT array_agg(gap.variant_id), array_agg(gap.missing)
        INTO short_variants, missing
        FROM (
            SELECT line.variant_id, line.quantity - coalesce(sum(plan.units), 0)::integer
                AS missing
            FROM unnest(variants, quantities) AS line (variant_id, quantity)
            LEFT JOIN unnest(takes) AS plan USING (variant_id)
            GROUP BY line.variant_id, line.quantity
        ) AS gap
        WHERE gap.missing > 0;
        IF short_variants IS NOT NULL THEN
            aheads := ARRAY(
                SELECT plan FROM allocate_stock_ahead(offers, short_variants, missing, today)
                    AS plan
            );
            SELECT array_agg(line.sku ORDER BY line.sku) INTO short
            FROM orders_orderline AS line
            JOIN unnest(short_variants, missing) AS gap (variant_id, missing) USING (variant_id)
            WHERE line.order_id = the_order AND gap.missing > (
                SELECT coalesce(sum(plan.ahead), 0) FROM unnest(aheads) AS plan
                WHERE plan.variant_id = gap.variant_id
            );
            IF short IS NOT NULL THEN
                takes := NULL;
                RETURN;
            END IF;
        END IF;
        EXIT WHEN NOT is_hot;
        -- Of the rows that should give more than is in them, one after the other gets it out of
        -- its buckets; if they had less than was seen, it is shared out anew.
        SELECT plan.level_id, plan.units - offer.own INTO needy, lacking
        FROM unnest(takes) AS plan JOIN unnest(offers) AS offer USING (level_id)
        WHERE plan.units > offer.own LIMIT 1;
        EXIT WHEN NOT FOUND;
        drawn := draw_from_stock_buckets(needy, lacking);
        offers := ARRAY(
            SELECT CASE WHEN offer.level_id = needy THEN (
                offer.level_id, offer.variant_id, offer.warehouse_id, offer.preference,
                offer.wanted, offer.own + drawn,
                CASE WHEN drawn = lacking THEN offer.laid - drawn ELSE 0 END, offer.buckets
            )::stock_offer ELSE offer END
            FROM unnest(offers) AS offer
        );
    END LOOP;
    takes := ARRAY(
        SELECT (level_id, variant_id, warehouse_id, sum(units), sum(ahead), false)::stock_take
        FROM unnest(takes || aheads) GROUP BY level_id, variant_id, warehouse_id
    );
END $$;

-- Set every line of an order aside, all or nothing. `lane_*` are the ways to the shopper, a row
-- each: what a load of more than `over` and up to `up_to` grams costs, and the heaviest parcel.
-- Gives the reservation, or the skus that fell short; then nothing is changed, but rows may stay
-- locked until the transaction ends. Locks levels in (variant, warehouse) order, then buckets.
CREATE FUNCTION reserve_stock(
    the_order bigint,
    lane_warehouses bigint[], lane_over integer[], lane_up_to integer[],
    lane_base numeric[], lane_per_kg numeric[], lane_heaviest integer[],
    expires timestamptz, moment timestamptz,
    OUT reservation_id bigint, OUT short text[]
)
LANGUAGE plpgsql
-- Arrays differ in length from call to call; to plan anew for each costs more than to execute.
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    variants bigint[];
    quantities integer[];
    weights integer[];
    load numeric;  -- grams
    warehouses bigint[] := lane_warehouses;
    heaviest integer[] := lane_heaviest;
    offer stock_offer;
    offers stock_offer[] := '{}';
    takes stock_take[];
    take stock_take;
    full_lines integer[];  -- how many lines each warehouse could serve, by preference
    whole integer;  -- the warehouse that serves all, by preference
    is_hot boolean;
BEGIN
    SELECT array_agg(line.variant_id ORDER BY line.variant_id),
           array_agg(line.quantity ORDER BY line.variant_id),
           array_agg(variant.weight_grams ORDER BY line.variant_id),
           sum(line.quantity::numeric * variant.weight_grams)
    INTO variants, quantities, weights, load
    FROM orders_orderline AS line
    JOIN catalog_variant AS variant ON variant.id = line.variant_id
    WHERE line.order_id = the_order;

    IF cardinality(lane_warehouses) > 1 THEN
        SELECT array_agg(lane.warehouse_id ORDER BY lane.cost, lane.warehouse_id),
               array_agg(lane.heaviest ORDER BY lane.cost, lane.warehouse_id)
        INTO warehouses, heaviest
        FROM (
            SELECT warehouse_id, max(piece.heaviest) AS heaviest,
                   min(base + per_kg * load / 1000)
                       FILTER (WHERE load > over AND (up_to IS NULL OR load <= up_to)) AS cost
            FROM unnest(
                lane_warehouses, lane_over, lane_up_to, lane_base, lane_per_kg, lane_heaviest
            ) AS piece (warehouse_id, over, up_to, base, per_kg, heaviest)
            GROUP BY warehouse_id
        ) AS lane;
    END IF;

    is_hot := EXISTS (
        SELECT FROM fulfillment_stocklevel
        WHERE variant_id = ANY (variants) AND warehouse_id = ANY (warehouses) AND buckets > 0
    );
    IF is_hot AND cardinality(variants) = 1 THEN
        take := take_line_from_stock_bucket(
            variants[1], quantities[1], weights[1], warehouses, heaviest
        );
        IF take.level_id IS NOT NULL THEN
            takes := ARRAY[take];
        END IF;
    ELSIF is_hot THEN
        takes := take_cart_from_stock_buckets(variants, quantities, weights, warehouses, heaviest);
    END IF;
    IF takes IS NOT NULL THEN
        reservation_id := hold_stock(the_order, takes, expires, moment);
        RETURN;
    END IF;

    -- The rows are locked in (variant, warehouse) order, and read as they are then.
    full_lines := array_fill(0, ARRAY[cardinality(warehouses)]);
    FOR offer IN
        SELECT level.id, level.variant_id, level.warehouse_id, lane.preference, line.quantity,
               own_stock(level.on_hand, level.reserved, level.safety, level.preordered), 0,
               level.buckets
        FROM unnest(variants, quantities, weights) AS line (variant_id, quantity, grams)
        JOIN fulfillment_stocklevel AS level USING (variant_id)
        JOIN unnest(warehouses, heaviest) WITH ORDINALITY
            AS lane (warehouse_id, heaviest, preference)
            ON lane.warehouse_id = level.warehouse_id AND lane.heaviest >= line.grams
        ORDER BY level.variant_id, level.warehouse_id
        FOR NO KEY UPDATE OF level
    LOOP
        offers := offers || offer;
        IF offer.own >= offer.wanted THEN
            full_lines[offer.preference] := full_lines[offer.preference] + 1;
        END IF;
    END LOOP;

    whole := array_position(full_lines, cardinality(variants));
    IF whole IS NOT NULL AND NOT is_hot THEN  -- As nearly always.
        takes := '{}';
        FOREACH offer IN ARRAY offers LOOP
            IF offer.preference = whole THEN
                takes := takes || (offer.level_id, offer.variant_id, offer.warehouse_id,
                                   offer.wanted, 0, false)::stock_take;
            END IF;
        END LOOP;
    ELSE
        SELECT plan.takes, plan.short INTO takes, short
        FROM take_from_stock_levels(
            -- The day is the market's: what its pages show as due today can be bought today.
            the_order, offers, variants, quantities, (
                SELECT (moment AT TIME ZONE market.time_zone)::date
                FROM orders_order AS placed
                JOIN markets_market AS market ON market.id = placed.market_id
                WHERE placed.id = the_order
            )
        ) AS plan;
        IF short IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    reservation_id := hold_stock(the_order, takes, expires, moment);
    IF is_hot THEN
        PERFORM lay_out_stock_level(hot.level_id) FROM unnest(offers) AS hot
        WHERE hot.buckets > 0 AND NOT EXISTS (
            SELECT FROM fulfillment_stockbucket WHERE level_id = hot.level_id AND free > 0
        );
    END IF;
END $$;
"""

UNDO = """
DROP FUNCTION reserve_stock;
DROP FUNCTION take_from_stock_levels;
DROP FUNCTION take_cart_from_stock_buckets;
DROP FUNCTION take_line_from_stock_bucket;
DROP FUNCTION hold_stock;
DROP TRIGGER stock_buckets_refold ON fulfillment_stocklevel;
DROP FUNCTION refold_stock_level;
DROP FUNCTION lay_out_stock_level;
DROP FUNCTION draw_from_stock_buckets;
DROP FUNCTION fold_stock_level;
DROP FUNCTION empty_stock_buckets;
DROP FUNCTION take_from_stock_bucket;
DROP FUNCTION allocate_stock_ahead;
DROP FUNCTION allocate_stock;
DROP TYPE stock_take;
DROP TYPE stock_offer;
DROP FUNCTION own_stock;
"""


class Migration(migrations.Migration):
    """Reserving is one statement, whose plans a connection keeps; see docs/algorithms/stock.md."""

    dependencies = [
        ("catalog", "0002_initial"),
        ("fulfillment", "0006_stock_and_lanes"),
        ("orders", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(TYPES + ALLOCATE + BUCKETS + RESERVE, UNDO),
        # A sale changes the moment too. An index that sums up pages lets it stay a change of the
        # row alone, and space in the page lets the row stay where it is.
        migrations.AlterField(
            model_name="stocklevel",
            name="changed_at",
            field=models.DateTimeField(auto_now=True),
        ),
        migrations.AddIndex(
            model_name="stocklevel",
            index=BrinIndex(fields=["changed_at"], name="stock_level_changed"),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE fulfillment_stocklevel SET (fillfactor = 70);
            ALTER TABLE fulfillment_stockbucket SET (fillfactor = 25);
            """,
            """
            ALTER TABLE fulfillment_stocklevel RESET (fillfactor);
            ALTER TABLE fulfillment_stockbucket RESET (fillfactor);
            """,
        ),
    ]
