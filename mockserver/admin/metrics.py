"""Prometheus metrics, where they are switched on."""

from fastapi import APIRouter, HTTPException, Response

from mockserver.admin.world import TheWorld

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(world: TheWorld) -> Response:
    """Return the metrics in Prometheus' text format."""
    if world.metrics is None:
        raise HTTPException(404, "there are no metrics; set FACEFUSION_MOCK_METRICS=true")
    return Response(world.metrics.text(), media_type=world.metrics.content_type)
