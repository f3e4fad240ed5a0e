FROM node:24-slim

WORKDIR /app
# Call records are kept in DATA_DIR; without a volume they are lost with the container.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
RUN install -d -o node -g node /data

# The lock file decides every version. No dev dependencies: the image's own Node runs the TypeScript sources.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

COPY LICENSE README.md ./
COPY src ./src
# For a look at the running server: docker exec … node scripts/doctor.ts
COPY scripts/doctor.ts scripts/read-words.ts ./scripts/

USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# Not `npm start`: signals go straight to the server, which finishes its calls. Give it DRAIN_TIMEOUT_MS and 45 s.
CMD ["node", "src/main.ts"]
