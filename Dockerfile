# A swap for the Kafka images: same environment variables, same ports, same data directories.
FROM python:3.13-slim AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# What is locked comes first: a change of the source alone fetches nothing again. Wheels alone: to build one, pip would
# fetch what no lock has.
COPY locks ./locks
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: --requirement locks/build.txt \
    && python -m venv /opt/kbroker \
    && /opt/kbroker/bin/pip install --require-hashes --only-binary :all: --requirement locks/security.txt
COPY pyproject.toml README.md LICENSE ./
COPY kbroker ./kbroker
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/kbroker/bin/pip install --no-deps --no-index dist/kbroker-*.whl

FROM python:3.13-slim
COPY --from=build /opt/kbroker /opt/kbroker
# The images' own places for data: volumes that are mounted there belong to the user that runs the broker.
RUN useradd --system --uid 1000 --create-home kbroker \
    && mkdir -p /var/lib/kafka/data /bitnami/kafka/data /mnt/shared/config \
    && chown -R kbroker:kbroker /var/lib/kafka /bitnami/kafka
ENV PATH=/opt/kbroker/bin:$PATH PYTHONUNBUFFERED=1
USER kbroker
WORKDIR /home/kbroker
EXPOSE 9092
VOLUME ["/var/lib/kafka/data"]
HEALTHCHECK --interval=5s --timeout=6s --start-period=2s CMD ["kbroker", "ready"]
STOPSIGNAL SIGTERM
# No entry point: `command: kafka-topics …` works as it does with the other images.
CMD ["kbroker", "serve", "--container"]
