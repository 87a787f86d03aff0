# One image for every service of docker-compose.yml; what a service does is its command.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ENTREPOT_ENV=production \
    ENTREPOT_VAR=/app/var
WORKDIR /app

# What WeasyPrint writes invoices with, and fonts for all of the shop's languages.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

# uv with the lock file's hash, then what the shop needs (no tests, no embedded servers), each
# package with the lock file's hash too.
COPY pyproject.toml requirements.lock ./
RUN awk '/^[a-zA-Z0-9]/ { found = /^uv==/ } found' requirements.lock > /tmp/uv.txt \
    && pip install --no-cache-dir --no-deps --require-hashes -r /tmp/uv.txt \
    && uv pip install --system --no-cache --compile-bytecode \
        --require-hashes -r pyproject.toml -c requirements.lock \
    && pip uninstall --yes --quiet uv \
    && rm /tmp/uv.txt

COPY manage.py ./
COPY locale ./locale
COPY catalog ./catalog
COPY markets ./markets
COPY orders ./orders
COPY payments ./payments
COPY fulfillment ./fulfillment
COPY storefront ./storefront

# The values are only for this step: the settings of production refuse to load without them.
RUN python -m storefront.run.messages \
    && DATABASE_URL=postgresql://nobody@127.0.0.1/none REDIS_URL=redis://127.0.0.1 \
        SECRET_KEY=only-for-build-0123456789-abcdefghijklmnopqrstuvwxyz \
        ALLOWED_HOSTS=shop.example PUBLIC_URL=https://shop.example \
        STRIPE_SECRET_KEY=sk_live_only_for_build STRIPE_WEBHOOK_SECRET=whsec_only_for_build \
        python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 --home-dir /app --no-create-home shop \
    && mkdir -p var/media \
    && chown -R shop var
USER shop

EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "storefront.wsgi:application"]
