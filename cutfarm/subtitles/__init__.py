"""Subtitle files, read and written: SubRip, WebVTT and SubStation Alpha."""
