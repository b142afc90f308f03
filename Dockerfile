# Serves on 0.0.0.0:4010 as a user without rights; works with a read-only root and without a network.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE openapi.yaml fixtures.yaml ./
COPY mock_sent mock_sent
COPY clients/python/mock_sent_client clients/python/mock_sent_client
COPY scenarios scenarios
COPY editions editions
COPY scripts/build_hook.py scripts/build_hook.py
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
RUN python -m venv --without-pip /opt/mock-sent
RUN python -m pip --python /opt/mock-sent/bin/python install --no-cache-dir --compile -c constraints.txt /wheels/mock_sent-*.whl

FROM python:3.13-slim
ARG VERSION=unknown
LABEL org.opencontainers.image.title="mock-sent" \
      org.opencontainers.image.description="A local server that answers as Sent's messaging API, for the tests of its clients." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION"
COPY --from=build /opt/mock-sent /opt/mock-sent
ENV PATH=/opt/mock-sent/bin:$PATH MOCK_SENT_HOST=0.0.0.0 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 4010
STOPSIGNAL SIGTERM
# GitHub's runner looks for the first time after 2 s. No --start-interval: Docker 24 and the buildah of Debian 12 lack it.
HEALTHCHECK --interval=1s --timeout=2s --start-period=10s --retries=5 CMD ["mock-sent", "healthcheck"]
ENTRYPOINT ["mock-sent"]
CMD ["serve"]
