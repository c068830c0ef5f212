"""CelebrityIdentify: the review of a user's picture."""

from typing import Any

from mockserver.state.models import Material, Review
from mockserver.world import World


def review(world: World, picture_sha256: str, material: Material) -> dict[str, Any]:
    """Return one entry of ReviewResultSet in the documented shape.

    The seed decides, by the picture's hash before the material; nothing said means PASS.
    """
    found = world.accounts.review(picture_sha256) or material.review or Review()
    suggestion = _suggestion(found.confidence)
    detail = {
        "Field": "",
        "Label": found.label,
        "Confidence": found.confidence,
        "Suggestion": suggestion,
    }
    return {
        "Category": found.category,
        "Code": "0",
        "CodeDescription": "OK",
        "Confidence": found.confidence,
        "Suggestion": suggestion,
        "DetailSet": [detail],
    }


def _suggestion(confidence: float) -> str:
    """Return the documented verdict: 0-70 PASS, 70-80 REVIEW, 80-100 BLOCK."""
    if confidence < 70:
        return "PASS"
    return "REVIEW" if confidence < 80 else "BLOCK"
