"""A draft's JSON while it is being written: its materials and tracks, with the fields that a reader looks for."""

from __future__ import annotations

from typing import Any

CANVAS_PX = (640, 360)
FPS = 30
SECOND_US = 1_000_000

Raw = dict[str, Any]


class RawDraft:
    """Collects materials and tracks; every id is the name of its list and a number."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.materials: dict[str, list[Raw]] = {}
        self.tracks: list[Raw] = []
        self._count = 0

    def material(self, bucket: str, **values: Any) -> str:
        """Add a material; returns its id."""
        self._count += 1
        id_ = f"{self._name}-{bucket}-{self._count}"
        self.materials.setdefault(bucket, []).append({"id": id_, **values})
        return id_

    def video(self, path: str, kind: str = "video", size_px: tuple[int, int] = (320, 180), **values: Any) -> str:
        """Add a video of ten seconds, or a photo."""
        width, height = size_px
        seconds = 10 if kind == "video" else 10_800
        values = {"duration": seconds * SECOND_US, "has_audio": kind == "video", **values}
        return self.material("videos", type=kind, path=path, width=width, height=height, **values)

    def track(self, kind: str, segments: list[Raw], **values: Any) -> None:
        """Add a track, on top of those before."""
        number = len(self.tracks)
        for segment in segments:
            segment["track_render_index"] = number
        self.tracks.append({"id": f"{self._name}-track-{number}", "type": kind, "segments": segments, **values})

    def segment(
        self,
        material: str,
        start_s: float,
        length_s: float,
        *refs: str,
        source_s: float | None = None,
        source_length_s: float | None = None,
        **values: Any,
    ) -> Raw:
        """A segment that shows or plays a material; it stands on no track yet."""
        self._count += 1
        raw: Raw = {
            "id": f"{self._name}-segment-{self._count}",
            "material_id": material,
            "extra_material_refs": list(refs),
            "target_timerange": _span(start_s, length_s),
            "volume": 1.0,
            "visible": True,
            **values,
        }
        if source_s is not None:
            raw["source_timerange"] = _span(source_s, source_length_s or length_s)
        return raw

    def whole(self, seconds: float) -> Raw:
        """The draft."""
        return {
            "id": self._name,
            "canvas_config": {"width": CANVAS_PX[0], "height": CANVAS_PX[1], "ratio": "16:9"},
            "fps": float(FPS),
            "duration": round(seconds * SECOND_US),
            "render_index_track_mode_on": True,
            "materials": self.materials,
            "tracks": self.tracks,
        }


def _span(start_s: float, length_s: float) -> Raw:
    return {"start": round(start_s * SECOND_US), "duration": round(length_s * SECOND_US)}
