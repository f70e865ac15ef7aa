"""Drafts as the applications write them, a few lines each: plain JSON, with the fields that real drafts have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SECOND = 1_000_000
FOREVER_US = 10_800_000_000  #: what the applications write as the length of a photo

Raw = dict[str, Any]


class Draft:
    """A draft that is being written; `raw` is its JSON, to be changed at will."""

    def __init__(self, canvas_px: tuple[int, int] = (640, 360), *, by_track: bool = False, fps: float = 30.0) -> None:
        self._count = 0
        self.raw: Raw = {
            "canvas_config": {"width": canvas_px[0], "height": canvas_px[1], "ratio": "original", "background": None},
            "color_space": 0,
            "config": {"maintrack_adsorb": True, "video_mute": False, "export_range": None},
            "duration": 0,
            "fps": fps,
            "free_render_index_mode_on": False,
            "id": self._id(),
            "keyframe_graph_list": [],
            "keyframes": {
                kind: [] for kind in ("adjusts", "audios", "effects", "filters", "stickers", "texts", "videos")
            },
            "materials": {},
            "new_version": "110.0.0",
            "platform": {"app_id": 359289, "app_source": "cc", "app_version": "5.8.0", "os": "windows"},
            "relationships": [],
            "render_index_track_mode_on": by_track,
            "tracks": [],
            "version": 360000,
        }

    def add(self, bucket: str, **item: Any) -> str:
        """A material; its id."""
        made = {"id": self._id(), **item}
        self.raw["materials"].setdefault(bucket, []).append(made)
        return str(made["id"])

    def photo(self, path: Path, size_px: tuple[int, int], **more: Any) -> str:
        """A photo of the file `path`."""
        return self.film(path, size_px, FOREVER_US, type="photo", has_audio=False, **more)

    def film(self, path: Path | str, size_px: tuple[int, int], length_us: int = 10 * SECOND, **more: Any) -> str:
        """A video of the file `path`; `size_px` as it is displayed."""
        return self.add(
            "videos",
            **{
                "type": "video",
                "path": str(path),
                "material_name": Path(path).name,
                "width": size_px[0],
                "height": size_px[1],
                "duration": length_us,
                "has_audio": False,
                "check_flag": 63487,
                "crop": crop((0, 0), (1, 0), (0, 1), (1, 1)),
                "crop_ratio": "free",
                "crop_scale": 1.0,
                "reverse_path": "",
                **more,
            },
        )

    def compound(self, inner: Draft, **more: Any) -> tuple[str, str]:
        """A draft within this one: the ids of its stub among the videos and of the draft."""
        canvas = inner.raw["canvas_config"]
        stub = self.film("", (canvas["width"], canvas["height"]), inner.end_us, **more)
        return stub, self.add("drafts", type="combination", name="Compound clip1", draft=inner.raw)

    def track(self, kind: str = "video", *, flag: int = 0, attribute: int = 0) -> list[Raw]:
        """A track on top of those before; the list of its segments."""
        segments: list[Raw] = []
        track = {"id": self._id(), "type": kind, "flag": flag, "attribute": attribute, "segments": segments}
        self.raw["tracks"].append(track)
        return segments

    def clip(
        self,
        track: list[Raw],
        material_id: str,
        start_us: int = 0,
        length_us: int = SECOND,
        *,
        source_us: int = 0,
        speed: float = 1.0,
        refs: Sequence[str] = (),
        **more: Any,
    ) -> Raw:
        """A segment with a source range."""
        speed_id = self.add("speeds", type="speed", mode=0, speed=speed, curve_speed=None)
        source = {"start": source_us, "duration": round(length_us * speed)}
        further = {"source_timerange": source, "speed": speed, "volume": 1.0, "last_nonzero_volume": 1.0, **more}
        return self._segment(track, material_id, start_us, length_us, [speed_id, *refs], further)

    def still(
        self,
        track: list[Raw],
        material_id: str,
        start_us: int = 0,
        length_us: int = SECOND,
        *,
        refs: Sequence[str] = (),
        **more: Any,
    ) -> Raw:
        """A segment without a source range: a caption, a sticker, a shape."""
        return self._segment(track, material_id, start_us, length_us, list(refs), {"source_timerange": None, **more})

    @property
    def end_us(self) -> int:
        """The largest end of all segments."""
        return max(end_of(segment) for track in self.raw["tracks"] for segment in track["segments"])

    def _segment(
        self, track: list[Raw], material_id: str, start_us: int, length_us: int, refs: list[str], more: Raw
    ) -> Raw:
        made = {
            "id": self._id(),
            "material_id": material_id,
            "target_timerange": {"start": start_us, "duration": length_us},
            "extra_material_refs": refs,
            "clip": clip(),
            "common_keyframes": [],
            "keyframe_refs": [],
            "uniform_scale": {"on": True, "value": 1.0},
            "visible": True,
            "reverse": False,
            "render_index": 0,
            "track_render_index": 0,
            "track_attribute": 0,
            "enable_video_mask": True,
            "enable_adjust": True,
            "enable_lut": True,
            "group_id": "",
            "hdr_settings": {"intensity": 1.0, "mode": 1, "nits": 1000},
            **more,
        }
        track.append(made)
        self.raw["duration"] = max(self.raw["duration"], start_us + length_us)
        return made

    def _id(self) -> str:
        self._count += 1
        return f"{self._count:08X}-{id(self) % 0xFFFF:04X}-4F48-85B7-197575651E3F"


def end_of(segment: Raw) -> int:
    """Where a segment ends on the timeline, microseconds."""
    span = segment["target_timerange"]
    return int(span["start"] + span["duration"])


def clip(
    *,
    scale: tuple[float, float] = (1.0, 1.0),
    rotation: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    flip: tuple[bool, bool] = (False, False),
    alpha: float = 1.0,
) -> Raw:
    """The placement of a segment."""
    return {
        "alpha": alpha,
        "flip": {"horizontal": flip[0], "vertical": flip[1]},
        "rotation": rotation,
        "scale": {"x": scale[0], "y": scale[1]},
        "transform": {"x": shift[0], "y": shift[1]},
    }


def crop(
    upper_left: tuple[float, float],
    upper_right: tuple[float, float],
    lower_left: tuple[float, float],
    lower_right: tuple[float, float],
) -> Raw:
    """A material's crop."""
    corners = {
        "upper_left": upper_left,
        "upper_right": upper_right,
        "lower_left": lower_left,
        "lower_right": lower_right,
    }
    return {
        f"{name}_{axis}": float(at) for name, corner in corners.items() for axis, at in zip("xy", corner, strict=True)
    }


def keys(
    name: str,
    *points: tuple[int, float],
    kinds: Sequence[str | int] = (),
    handles: Sequence[tuple[tuple[float, float], tuple[float, float]]] = (),
    material_id: str = "",
) -> Raw:
    """An entry of `common_keyframes`: (time_offset, value) of its keys; `handles` left and right of each."""
    listed = [
        {
            "id": f"{name}-{number}",
            "curveType": kinds[number] if kinds else "Line",
            "graphID": "",
            "left_control": _point(handles[number][0] if handles else (0.0, 0.0)),
            "right_control": _point(handles[number][1] if handles else (0.0, 0.0)),
            "time_offset": at_us,
            "values": [value],
        }
        for number, (at_us, value) in enumerate(points)
    ]
    return {"id": f"keys of {name}", "property_type": name, "material_id": material_id, "keyframe_list": listed}


def words(content: str, size: float, **more: Any) -> Raw:
    """A text material without its id, white."""
    fill = {"alpha": 1.0, "content": {"render_type": "solid", "solid": {"alpha": 1.0, "color": [1.0, 1.0, 1.0]}}}
    font = {"id": "", "path": ""}
    style = {"range": [0, len(content)], "size": size, "fill": fill, "font": font}
    written = json.dumps({"text": content, "styles": [style]}, ensure_ascii=False)
    return {"type": "text", "content": written, "check_flag": 7, "alignment": 1, **more}


def _point(at: tuple[float, float]) -> Raw:
    return {"x": at[0], "y": at[1]}
