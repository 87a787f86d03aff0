"""What the catalogue of drawings knows about one good."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from .palette import Tones
from .shapes import Pen

Drawing = Callable[[Pen, Tones, str], None]


@dataclass(frozen=True)
class Good:
    """A drawing with how it stands in its frame.

    `colour` is the tone used when no variant is asked for (None: the good has one look),
    `scale` and `shift` place it in the frame, `sizes` says how large each size is drawn.
    """

    draw: Drawing
    stance: Literal["stands", "lies", "hangs"] = "stands"
    colour: str | None = None
    scale: float = 1
    shift: tuple[float, float] = (0, 0)
    sizes: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
