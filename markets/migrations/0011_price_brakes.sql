-- Derived prices in SQL: the same as markets/price_endings.py and markets/price_brakes.py, for all
-- prices of a market at once. Frozen with its migration; a change needs a new one.

-- The nearest number of steps, from here up or down, free of avoided digits.
CREATE FUNCTION markets_allowed_steps(steps numeric, avoid text, up boolean) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    allowed CONSTANT text := translate('0123456789', avoid, '');
    bad integer;
    place numeric;
BEGIN
    WHILE steps > 0 LOOP
        bad := length(ltrim(trunc(steps)::text, allowed));
        IF bad = 0 THEN
            RETURN steps;
        END IF;
        place := (10::numeric) ^ (bad - 1);
        place := trunc(place);
        steps := CASE WHEN up THEN (div(steps, place) + 1) * place
                      ELSE div(steps, place) * place - 1 END;
    END LOOP;
    RETURN CASE WHEN steps = 0 THEN steps END;
END $$;

-- The highest price in form at or below a limit, or the lowest at or above it.
CREATE FUNCTION markets_nearest_ending(
    bound numeric, up boolean,
    unit numeric, step numeric, endings numeric[], grid numeric, avoid text
) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    ending numeric;
    steps numeric;
    price numeric;
    best numeric;
BEGIN
    IF endings IS NULL THEN
        price := div(bound, unit) * unit;
        RETURN CASE WHEN up AND price < bound THEN price + unit ELSE price END;
    END IF;
    IF bound < step THEN
        grid := coalesce(grid, unit);
        price := div(bound, grid) * grid;
        IF NOT up THEN
            RETURN CASE WHEN price > 0 THEN price END;
        END IF;
        IF price < bound THEN
            price := price + grid;
        END IF;
        IF price < step THEN
            RETURN price;
        END IF;
    END IF;
    FOREACH ending IN ARRAY endings LOOP
        IF up THEN
            steps := CASE WHEN bound <= ending THEN 0 ELSE div(bound - ending, step) END;
            IF steps * step + ending < bound THEN
                steps := steps + 1;
            END IF;
        ELSE
            CONTINUE WHEN bound < ending;
            steps := div(bound - ending, step);
        END IF;
        IF avoid <> '' THEN
            steps := markets_allowed_steps(steps, avoid, up);
        END IF;
        price := steps * step + ending;
        IF price > 0 THEN
            best := CASE WHEN up THEN least(best, price) ELSE greatest(best, price) END;
        END IF;
    END LOOP;
    RETURN best;
END $$;

-- The price nearest to a target that has a fitting ending and is not below the floor.
CREATE FUNCTION markets_fit_price(
    target numeric, floor numeric,
    unit numeric, step numeric, endings numeric[], grid numeric, avoid text
) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    lowest numeric := unit;
    digits CONSTANT integer := scale(unit);
    ending numeric;
    steps numeric;
    price numeric;
    best numeric;
BEGIN
    IF floor > unit THEN
        lowest := div(floor, unit) * unit;
        IF lowest < floor THEN
            lowest := lowest + unit;
        END IF;
    END IF;
    IF endings IS NULL THEN
        RETURN greatest(round(target, digits), lowest);
    END IF;
    IF target < step AND lowest < step THEN
        price := greatest(target, lowest);
        grid := coalesce(grid, unit);
        best := div(2 * price + grid, 2 * grid) * grid;
        IF best < lowest OR best <= 0 THEN
            best := div(price, grid) * grid;
            IF best < price THEN
                best := best + grid;
            END IF;
        END IF;
        IF best < step THEN
            RETURN round(best, digits);
        END IF;
        best := NULL;  -- Rounded up to a whole step it needs an ending after all.
    END IF;
    FOREACH ending IN ARRAY endings LOOP
        IF target >= ending THEN
            steps := div(target - ending, step);
            IF avoid <> '' THEN
                steps := markets_allowed_steps(steps, avoid, false);
            END IF;
            price := steps * step + ending;
            IF price >= lowest AND (
                best IS NULL OR (abs(price - target), price) < (abs(best - target), best)
            ) THEN
                best := price;
            END IF;
        END IF;
        price := greatest(target, lowest);
        steps := div(price - ending, step);
        IF steps * step + ending < price THEN
            steps := steps + 1;
        END IF;
        IF avoid <> '' THEN
            steps := markets_allowed_steps(steps, avoid, true);
        END IF;
        price := steps * step + ending;
        IF best IS NULL OR (abs(price - target), price) < (abs(best - target), best) THEN
            best := price;
        END IF;
    END LOOP;
    RETURN round(best, digits);
END $$;

CREATE TYPE markets_price_decision AS (
    action text, reason text, amount numeric, target numeric
);

-- Whether a price follows its target; see markets.price_brakes.decide for the rules.
CREATE FUNCTION markets_decide_price(
    current_amount numeric, current_target numeric, current_since timestamptz,
    target numeric, floor numeric, is_wish boolean, standing text, now timestamptz,
    unit numeric, step numeric, endings numeric[], grid numeric, avoid text,
    hold_up numeric, hold_down numeric, dwell interval,
    step_limit numeric, approval_limit numeric, freeze_until timestamptz
) RETURNS markets_price_decision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    amount numeric;
    aim numeric;
    action text := 'keep';
    reason text;
    stepped numeric;
    passes boolean;
BEGIN
    IF standing = 'blocked' THEN
        RETURN ('keep', 'blocked', NULL, NULL)::markets_price_decision;
    END IF;
    IF current_amount IS NULL THEN
        amount := markets_fit_price(target, floor, unit, step, endings, grid, avoid);
        RETURN ('change', 'new', amount, round(target, 10))::markets_price_decision;
    END IF;
    IF now < freeze_until THEN
        reason := 'frozen';
    ELSE
        passes := is_wish OR CASE
            WHEN endings IS NULL THEN current_amount % unit <> 0
            WHEN current_amount < step THEN current_amount % coalesce(grid, unit) <> 0
            ELSE current_amount % step <> ALL (endings) OR avoid <> ''
                AND translate(div(current_amount, step)::text, avoid, '')
                    <> div(current_amount, step)::text
        END;
        IF NOT passes AND standing = 'frozen' THEN
            reason := 'stale';
        ELSIF NOT passes
            AND target > current_target * (1 - hold_down)
            AND target < current_target * (1 + hold_up)
        THEN
            reason := 'band';
        ELSIF NOT passes AND now - current_since < dwell THEN
            reason := 'dwell';
        ELSE
            amount := markets_fit_price(target, floor, unit, step, endings, grid, avoid);
            aim := round(target, 10);
            IF amount = current_amount THEN
                action := CASE WHEN is_wish THEN 'settle' ELSE 'keep' END;
                reason := 'same';
            ELSE
                action := 'change';
                reason := CASE WHEN passes THEN 'wish' ELSE 'rate' END;
                IF NOT passes AND abs(amount - current_amount) > current_amount * step_limit THEN
                    IF amount > current_amount THEN
                        stepped := markets_nearest_ending(
                            current_amount * (1 + step_limit), false,
                            unit, step, endings, grid, avoid
                        );
                        IF stepped <= current_amount THEN
                            stepped := NULL;
                        END IF;
                    ELSE
                        stepped := markets_nearest_ending(
                            current_amount * (1 - step_limit), true,
                            unit, step, endings, grid, avoid
                        );
                        IF stepped >= current_amount THEN
                            stepped := NULL;
                        END IF;
                    END IF;
                    IF stepped IS NULL THEN
                        action := 'propose';
                        reason := 'coarse';
                    ELSE
                        amount := stepped;
                        aim := stepped;
                        reason := 'step';
                    END IF;
                END IF;
                IF action = 'change'
                    AND abs(amount - current_amount) > current_amount * approval_limit
                THEN
                    action := 'propose';
                    reason := 'large';
                END IF;
            END IF;
        END IF;
    END IF;
    IF current_amount < floor AND NOT (action = 'change' AND amount >= floor) THEN
        amount := markets_fit_price(
            greatest(floor, unit), floor, unit, step, endings, grid, avoid
        );
        RETURN ('change', 'floor', amount, amount)::markets_price_decision;
    END IF;
    RETURN (action, reason, amount, aim)::markets_price_decision;
END $$;
