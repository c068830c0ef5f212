"""The mock's image as a container of testcontainers, which the extra `testcontainers` brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

from mockserver.testing.access import KeyPair
from mockserver.testing.client import MockClient

PORT = 8670
_SEED = "/seed"


class FaceFusionContainer(DockerContainer, MockClient):
    """A mock in a container that runs while its `with` block does, driven as any other mock.

    Settings go by their variables: `.with_env("FACEFUSION_MOCK_WORKERS", "1")`.
    """

    def __init__(
        self,
        image: str = "facefusion-mock",
        *,
        seed: str | Path | None = None,
        key: KeyPair | None = None,
        admin_token: str | None = None,
        **options: Any,
    ) -> None:
        """`seed` is a seed file or its folder on this machine, `key` a pair that it has.

        The other options are DockerContainer's. Raises docker.errors.DockerException without a
        Docker engine.
        """
        super().__init__(image, **options)
        self.with_exposed_ports(PORT)
        self.waiting_for(HttpWaitStrategy(PORT, "/_mock/health/ready").for_status_code(200))
        self._own_key, self._admin_token = key, admin_token
        if admin_token is not None:
            self.with_env("FACEFUSION_MOCK_ADMIN_TOKEN", admin_token)
        if seed is not None:
            self._mount(Path(seed).resolve())

    def start(self) -> Self:
        """Start it, and return when calls can be answered."""
        super().start()
        self._join()
        return self

    def _join(self) -> None:
        host, port = self.get_container_host_ip(), self.get_exposed_port(PORT)
        self._connect(f"http://{host}:{port}", self._own_key, self._admin_token)

    def _mount(self, seed: Path) -> None:
        """Mount a seed's folder, for its pictures lie beside it."""
        folder = seed if seed.is_dir() else seed.parent
        inside = _SEED if seed.is_dir() else f"{_SEED}/{seed.name}"
        self.with_volume_mapping(folder, _SEED, "ro").with_env("FACEFUSION_MOCK_SEED", inside)
