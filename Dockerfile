# One image for every role. The role is the first argument, or the environment variable ROLE:
#
#   docker build -t kanau .
#   docker run --rm -e DATABASE_URL=… -e AMQP_URL=… kanau event-handler
#
# The roles run from their sources: Node removes the types, so there is nothing to build and stack traces name the lines
# that were written. What the image holds is the production dependencies, the packages and the applications.
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages packages
COPY apps apps
COPY examples examples
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM node:26-slim
ENV NODE_ENV=production HEALTH_PORT=9464
WORKDIR /app
COPY --from=dependencies /app/package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/packages packages
COPY --from=dependencies /app/apps apps
COPY migrations migrations
COPY scripts/role.sh /usr/local/bin/role
USER node
EXPOSE 8080 9464
# The health server answers on a port of its own, so this needs no token and no public port.
HEALTHCHECK --interval=2s --timeout=3s --start-period=40s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["sh", "/usr/local/bin/role"]
