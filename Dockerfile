# A swap for the Kafka images: same environment variables, same ports, same data directories.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY kbroker ./kbroker
RUN python -m venv /opt/kbroker && /opt/kbroker/bin/pip install --no-cache-dir '.[security]'

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
