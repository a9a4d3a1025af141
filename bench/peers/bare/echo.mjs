// The floor: a webhook on node:http that keeps nothing. Checks the signature, parses, answers each text with one send
// over kept-alive connections, and acknowledges when the platform has accepted it.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { Agent, createServer, request } from 'node:http'

const secret = createSecretKey(Buffer.from(process.env.PEER_APP_SECRET))
const graph = new URL(process.env.PEER_GRAPH_URL)
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const path = '/v25.0/me/messages?access_token=bench'

function send(user, text) {
  const body = JSON.stringify({ messaging_type: 'RESPONSE', recipient: { id: user }, message: { text } })
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const call = request(
      { host: graph.hostname, port: graph.port, method: 'POST', path, agent, headers },
      (answer) => {
        let said = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk) => {
          said += chunk
        })
        answer.on('end', () => resolve(JSON.parse(said).message_id))
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

const server = createServer((req, res) => {
  const chunks = []
  req.on('data', (chunk) => chunks.push(chunk))
  req.on('end', async () => {
    const raw = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    const given = Buffer.from(String(req.headers['x-hub-signature-256']).slice(7), 'hex')
    const wanted = createHmac('sha256', secret).update(raw).digest()
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      res.writeHead(403).end()
      return
    }
    const sends = []
    for (const { messaging } of JSON.parse(raw.toString('utf8')).entry)
      for (const { sender, message } of messaging)
        if (message?.text) sends.push(send(sender.id, message.text))
    await Promise.all(sends)
    res.writeHead(200, { 'content-length': 0 }).end()
  })
})
process.once('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send?.({ ready: server.address().port }))
