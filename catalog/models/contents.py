from django.db import models
from django.utils.translation import gettext_lazy as _


class Hazard(models.TextChoices):
    """What makes a good dangerous to carry or not for everybody."""

    FLAMMABLE = "flammable", _("flammable")
    AEROSOL = "aerosol", _("aerosol or gas under pressure")
    LITHIUM_BATTERY = "lithium_battery", _("lithium battery")
    CORROSIVE = "corrosive", _("corrosive")
    OXIDISING = "oxidising", _("oxidising")
    TOXIC = "toxic", _("toxic")
    ENVIRONMENT = "environment", _("harmful to the environment")
    MAGNETIC = "magnetic", _("strong magnet")
    BLADE = "blade", _("knife or blade")


class ContentUnit(models.TextChoices):
    """The unit that a content is stated in."""

    GRAM = "g", _("g")
    KILOGRAM = "kg", _("kg")
    MILLILITRE = "ml", _("ml")
    LITRE = "l", _("l")
    CENTIMETRE = "cm", _("cm")
    METRE = "m", _("m")
    SQUARE_METRE = "m2", _("m²")
    PIECE = "piece", _("pieces")
