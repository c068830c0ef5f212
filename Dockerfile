# Where the default package index is far: --build-arg PIP_INDEX_URL=...
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS builder
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# Without pip of its own: the image's pip installs into it.
RUN python -m venv --without-pip /opt/venv
COPY requirements.lock ./
RUN pip --python /opt/venv/bin/python install --require-hashes -r requirements.lock
COPY . .
# The project from its wheel; then what only built it goes, what LiteRT has for converting models and
# for other chips, the packages' own tests, numpy's builders of extensions, Pillow's AVIF, and the
# symbols of the five largest modules that carry them.
# Libraries in *.libs must not be stripped: it breaks them.
RUN pip --python /opt/venv/bin/python wheel --no-deps --no-build-isolation -w dist . \
 && pip --python /opt/venv/bin/python install --no-deps --no-index dist/*.whl \
 && pip --python /opt/venv/bin/python uninstall --yes \
        editables hatchling packaging pathspec pluggy tomlkit trove-classifiers \
        backports-strenum ml-dtypes protobuf tqdm \
 && find /opt/venv -type d \( -name tests -o -name test -o -path '*/numpy/distutils' \
        -o -path '*/numpy/f2py' \) -prune -exec rm -rf {} + \
 && find /opt/venv \( -path '*/ai_edge_litert/vendors' -o -path '*/ai_edge_litert/tools' \
        -o -name 'libLiteRt*.so' \) -prune -exec rm -rf {} + \
 && find /opt/venv \( -path '*/PIL/_avif.*' -o -path '*/pillow.libs/libavif-*' -o -name '*.pyi' \) \
        -delete \
 && find /opt/venv -name '*.so' -type f \( -path '*/ai_edge_litert/*' -o -path '*/cryptography/*' \
        -o -path '*/httptools/*' -o -path '*/uvloop/*' -o -path '*/yaml/*' \) \
        -exec strip --strip-unneeded {} +
# Fails the build when a library is missing or damaged.
RUN /opt/venv/bin/facefusion-mock fuse -o /tmp/fused.jpg \
        fixtures/users/hopper.jpg fixtures/materials/qc_100646_154021_9.jpg

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="facefusion-mock" \
      org.opencontainers.image.description="Answers as Tencent Cloud's FaceFusion API does, and really fuses faces" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin mock \
 && install -d -o mock -g mock /data /data/results /data/tls \
 && install -d /etc/facefusion-mock/ready.d
COPY --from=builder /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FACEFUSION_MOCK_HOST=0.0.0.0 \
    FACEFUSION_MOCK_LOG_FORMAT=json \
    FACEFUSION_MOCK_RESULTS_FOLDER=/data/results \
    FACEFUSION_MOCK_TLS_FOLDER=/data/tls \
    FACEFUSION_MOCK_HOOKS=/etc/facefusion-mock/ready.d
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8670 8643
# To mount: a seed's folder at /seed, with FACEFUSION_MOCK_SEED=/seed; hooks, *.sh and *.py, at
# /etc/facefusion-mock/ready.d; a volume at /data/tls, to keep the authority for HTTPS.
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 \
    CMD ["facefusion-mock", "status"]
ENTRYPOINT ["facefusion-mock"]
CMD ["serve"]
