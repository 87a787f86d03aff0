import os

from django.core.wsgi import get_wsgi_application

from fulfillment.holidays import load_calendars

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")

application = get_wsgi_application()
# Nobody's first page waits for the calendars of the world.
load_calendars()
