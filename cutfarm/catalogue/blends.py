"""Which blend mode of the catalogue is which."""

from __future__ import annotations

from typing import Literal

BlendMode = Literal[
    "multiply",
    "color_dodge",
    "color_burn",
    "linear_burn",
    "soft_light",
    "hard_light",
    "screen",
    "overlay",
    "lighten",
    "darken",
]

_EFFECT_IDS: dict[str, BlendMode] = {
    "871333": "multiply",
    "871334": "color_dodge",
    "871335": "color_burn",
    "871336": "linear_burn",
    "871337": "soft_light",
    "871338": "hard_light",
    "871339": "screen",
    "871340": "overlay",
    "871341": "lighten",
    "871342": "darken",
}
_RESOURCE_IDS: dict[str, BlendMode] = {
    "6758325895519277582": "multiply",
    "6758325800031752712": "color_dodge",
    "6758325724848853518": "color_burn",
    "6758325619253056013": "linear_burn",
    "6758325439212556814": "soft_light",
    "6758325264670790152": "hard_light",
    "6758325170760323597": "screen",
    "6758324989931295240": "overlay",
    "6758324919789949453": "lighten",
    "6758324839670354445": "darken",
}
#: Names without spaces, hyphens and underscores: Chinese, English, and those of CapCut's shaders.
_NAMES: dict[str, BlendMode] = {
    "正片叠底": "multiply",
    "multiply": "multiply",
    "multiplyblendmode": "multiply",
    "颜色减淡": "color_dodge",
    "colordodge": "color_dodge",
    "颜色加深": "color_burn",
    "colorburn": "color_burn",
    "darkencolor": "color_burn",
    "线性加深": "linear_burn",
    "linearburn": "linear_burn",
    "柔光": "soft_light",
    "softlight": "soft_light",
    "强光": "hard_light",
    "hardlight": "hard_light",
    "glarepc": "hard_light",
    "滤色": "screen",
    "screen": "screen",
    "colorfilter": "screen",
    "叠加": "overlay",
    "overlay": "overlay",
    "变亮": "lighten",
    "lighten": "lighten",
    "brighten": "lighten",
    "变暗": "darken",
    "darken": "darken",
}
_PLAIN_NAMES = frozenset({"正常", "normal", "none"})


def blend_mode(*, resource_id: str = "", effect_id: str = "", name: str = "") -> BlendMode | None:
    """The mode that these mean, or None; numbers decide before the name, and stand in either field."""
    for number in (effect_id, resource_id):
        if (mode := _EFFECT_IDS.get(number) or _RESOURCE_IDS.get(number)) is not None:
            return mode
    return _NAMES.get(_plain(name))


def is_normal(name: str) -> bool:
    """Whether a mode's name means that a layer is just laid over."""
    return _plain(name) in _PLAIN_NAMES


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character not in " -_")
