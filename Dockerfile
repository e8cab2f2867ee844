# Oriel as a container: `docker build -t oriel .`
# docs/containers.md says how to run it.

ARG NODE=22-bookworm-slim

FROM node:${NODE} AS build
WORKDIR /src
# sqlite3 is compiled where there is no binary for the machine.
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# What is installed is what `npm pack` ships, with the dependencies of the lock file, and compiled for this Node.
RUN npm run build \
  && npm pack --ignore-scripts \
  && npm prune --omit=dev \
  && mkdir /app \
  && tar -xzf oriel-*.tgz --strip-components=1 -C /app \
  && mv node_modules /app/node_modules \
  && node /app/dist/compile-ahead.js \
  && chmod 0755 /app/dist/main.js

FROM node:${NODE}
ENV NODE_ENV=production \
  ORIEL_CONFIG=/etc/oriel/oriel.yaml
# A folder for SQLite that belongs to the user; with PostgreSQL nothing is written at all.
RUN mkdir -p /etc/oriel /var/lib/oriel \
  && chown 1000:1000 /var/lib/oriel \
  && ln -s /app/dist/main.js /usr/local/bin/oriel
COPY --from=build /app /app
USER 1000:1000
WORKDIR /var/lib/oriel
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["oriel", "healthcheck"]
# The program itself is what receives signals.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
