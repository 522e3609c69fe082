# docker build -t sip-pushd .
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:24-slim
ENV NODE_ENV=production \
    SIP_PUSHD_STORE_PATH=/var/lib/sip-pushd/sip-pushd.db
WORKDIR /opt/sip-pushd
COPY --from=build /build/package.json /build/LICENSE* ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
RUN ln -s /opt/sip-pushd/dist/main.js /usr/local/bin/sip-pushd \
 && install -d -o node -g node -m 0700 /var/lib/sip-pushd
USER node
EXPOSE 45060
# The main listener, with TLS or without. Its certificate is made out to the outside name, so that it is not checked here.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "-e", "\
const port = process.env.SIP_PUSHD_PORT || 45060;\
const ask = (client, options) => new Promise((resolve) => client.get({ host: '127.0.0.1', port, path: '/healthz', timeout: 2000, ...options },\
  (answer) => resolve(answer.statusCode === 200)).on('timeout', function () { this.destroy(); }).on('error', () => resolve(false)));\
ask(require('node:https'), { rejectUnauthorized: false }).then(async (ok) =>\
  process.exit(ok || (await ask(require('node:http'), {})) ? 0 : 1));"]
ENTRYPOINT ["sip-pushd"]
CMD ["serve", "--config", "/etc/sip-pushd/config.yml"]
