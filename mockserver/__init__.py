"""A local server that answers as Tencent Cloud's FaceFusion API does."""

__version__ = "0.1.0"
