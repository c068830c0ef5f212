FROM node:22-slim
ARG NPM_CONFIG_REGISTRY
WORKDIR /example
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY first_call.js ./
CMD ["node", "first_call.js"]
