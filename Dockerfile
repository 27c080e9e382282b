# docker build -t invoicegraph .
# docker run --rm -p 8000:8000 -e INVOICEGRAPH_ACCESS=none invoicegraph serve --sandbox --host 0.0.0.0
# That serves simulated accounts to everyone. For real ones mount a configuration, set INVOICEGRAPH_CONFIG to its path,
# and pass keys as variables or files: docs/deployment.md. Without a configuration, or a method of authentication in it,
# the container does not start and says what to write. The image contains no secrets.
# Requests name the container by an address or localhost; for other names set
# INVOICEGRAPH_SERVER__ALLOWED_HOSTS.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

# Build dependencies stay in /src. The second stage copies only /app.
WORKDIR /src
COPY requirements requirements
RUN python -m venv .venv \
 && .venv/bin/pip install --require-hashes -r requirements/build.txt
RUN python -m venv --without-pip /app/.venv \
 && .venv/bin/pip --python /app/.venv/bin/python install --require-hashes -r requirements/run.txt
COPY graphiql graphiql
RUN graphiql/build.sh \
 && mkdir /app/graphiql \
 && mv graphiql/dist /app/graphiql/dist
# The types of the console's queries come from the schema.
COPY schema/client.graphql schema/client.graphql
COPY console console
RUN console/build.sh \
 && mkdir /app/console \
 && mv console/dist /app/console/dist

# An editable install: the packages run from /app, beside the built pages. hatchling is used from /src.
WORKDIR /app
COPY LICENSE README.md pyproject.toml ./
COPY execution execution
COPY schema schema
COPY resolvers resolvers
COPY providers providers
COPY server server
RUN PYTHONPATH=$(echo /src/.venv/lib/python*/site-packages) \
    /src/.venv/bin/pip --python .venv/bin/python install --no-deps --no-build-isolation -e . \
 && .venv/bin/python -m compileall -q execution schema resolvers providers server

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Invoicegraph" \
      org.opencontainers.image.description="One GraphQL endpoint over the invoices of Fastly, Spectro Cloud Palette and Archera" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /app --shell /usr/sbin/nologin invoicegraph
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8000
# http.client, not urlopen: a proxy for the providers must not receive this request.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["python", "-c", "import http.client; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=2); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["invoicegraph"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
