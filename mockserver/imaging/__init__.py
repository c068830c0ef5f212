"""Pictures: decode, find the face, warp, match colour, blend, encode."""
