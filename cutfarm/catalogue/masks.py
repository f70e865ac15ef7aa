"""Which mask of the catalogue has which shape, in both generations of resources."""

from __future__ import annotations

from typing import Literal

MaskShape = Literal["line", "mirror", "circle", "rectangle", "heart", "star", "text"]

#: Masks that are drawn by hand; their numbers are those of other masks.
_FREEHAND_TYPES = frozenset({"brush", "contour", "custom", "pen"})
_RESOURCE_IDS: dict[str, MaskShape] = {
    "6791652175668843016": "line",
    "6791699060140020232": "mirror",
    "6791700663249146381": "circle",
    "6791700809454195207": "rectangle",
    "6794051276482023949": "heart",
    "6794051169434997255": "star",
    "7374020197990011409": "line",
    "7374021024985125377": "mirror",
    "7374021188315517456": "circle",
    "7374021450748924432": "rectangle",
    "7350964630979613186": "heart",
    "7374021798087627265": "star",
    "7439320146876830225": "text",
}
_TYPES: dict[str, MaskShape] = {
    "line": "line",
    "mirror": "mirror",
    "circle": "circle",
    "rectangle": "rectangle",
    "heart": "heart",
    "pentagram": "star",
    "text": "text",
}
_NAMES: dict[str, MaskShape] = {
    **_TYPES,
    "线性": "line",
    "split": "line",
    "linear": "line",
    "镜面": "mirror",
    "filmstrip": "mirror",
    "圆形": "circle",
    "矩形": "rectangle",
    "爱心": "heart",
    "星形": "star",
    "star": "star",
    "stars": "star",
    "文字": "text",
}


def mask_shape(*, resource_id: str = "", resource_type: str = "", name: str = "") -> MaskShape | None:
    """The shape that these mean, or None: the number decides, then the type, then the name, which is translated."""
    kind = resource_type.strip().lower()
    if kind in _FREEHAND_TYPES:
        return None
    return _RESOURCE_IDS.get(resource_id) or _TYPES.get(kind) or _NAMES.get(name.strip().lower())
