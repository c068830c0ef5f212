// One call of FaceFusion with the official SDK; the result goes to out/fused-by-node.jpg.
const { mkdirSync, readFileSync, writeFileSync } = require("fs")
const { facefusion } = require("tencentcloud-sdk-nodejs/tencentcloud/services/facefusion")

// An empty endpoint leaves the SDK's own: the real name, over HTTPS.
const endpoint = process.env.FACEFUSION_ENDPOINT ?? "localhost:8670"
const client = new facefusion.v20181201.Client({
  credential: {
    secretId: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
    secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
  },
  region: "ap-guangzhou",
  profile: { httpProfile: endpoint ? { protocol: "http://", endpoint } : {} },
})

async function main() {
  const answer = await client.FaceFusion({
    ProjectId: "100646",
    ModelId: "qc_100646_154021_9",
    RspImgType: "url",
    Image: readFileSync("fixtures/users/hopper.jpg").toString("base64"),
  })
  console.log(`RequestId ${answer.RequestId}`)
  console.log(`Image     ${answer.Image}`)

  const picture = await fetch(answer.Image)
  if (!picture.ok) throw new Error(`HTTP ${picture.status}`)
  mkdirSync("out", { recursive: true })
  writeFileSync("out/fused-by-node.jpg", Buffer.from(await picture.arrayBuffer()))
  console.log("saved     out/fused-by-node.jpg")
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
