"""Spectro Cloud Palette: get by uid; there is no list."""
