FROM node:24-slim

WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000

# The lock file decides every version. No dev dependencies: the image's own Node runs the TypeScript sources.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

COPY LICENSE README.md ./
COPY src ./src

# Call records outlive the container when a volume is mounted here.
ENV DATA_DIR=/data
RUN mkdir -m 700 /data && chown node:node /data
VOLUME /data

USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# Not `npm start`: signals go straight to the server.
CMD ["node", "src/main.ts"]
