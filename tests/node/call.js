// Reads one call from standard input, makes it with the official SDK, prints what came of it.
const { readFileSync } = require("fs")
const { facefusion } = require("tencentcloud-sdk-nodejs/tencentcloud/services/facefusion")

const { config, action, params, absent, options } = JSON.parse(readFileSync(0, "utf8"))
for (const name of absent) params[name] = undefined

new facefusion.v20181201.Client(config)
  .request(action, params, options)
  .then((answer) => ({ answer }))
  .catch((error) => ({
    error: {
      code: error.code,
      message: error.message,
      requestId: error.requestId,
      traceId: error.traceId,
      httpCode: error.httpCode,
    },
  }))
  .then((outcome) => console.log(JSON.stringify(outcome)))
