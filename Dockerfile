# The service in a container: one image for web, worker, webhooks and release. docs/operations.md tells how.
# The tests run on this version of Python; 3.12 and 3.13 are supported too.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
# What changes seldom comes first, so that a change of the code downloads nothing.
COPY requirements.lock ./
RUN python -m venv /opt/tagger \
    && /opt/tagger/bin/pip install --no-deps --require-hashes --only-binary :all: -r requirements.lock
COPY setup.cfg pyproject.toml README.md LICENSE ./
COPY tagger tagger
COPY models models
COPY api api
RUN /opt/tagger/bin/pip install --no-deps --no-build-isolation .

FROM python:${PYTHON}
RUN groupadd --system --gid 10001 tagger \
    && useradd --system --uid 10001 --gid tagger --no-create-home --home-dir /nonexistent \
       --shell /usr/sbin/nologin tagger \
    && install --directory --owner tagger --group tagger /var/lib/tagger
COPY --from=build /opt/tagger /opt/tagger
ENV PATH=/opt/tagger/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
# Without DATABASE_URL the store is an SQLite file under this folder: give it a volume.
WORKDIR /var/lib/tagger
EXPOSE 8000
CMD ["gunicorn", "--config", "python:api.gunicorn_conf", "api.app:create_app()"]
