import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { answerParent, Series, sharedNow } from './child.ts'
import { indexOf, userLength } from './webhook.ts'

/*
 * The platform, as small and fast as it can be: takes single sends and batches of up to 50 over kept-alive connections,
 * answers as the Graph API does, and notes for whom each send was and when it arrived. What else a bot asks of the
 * Graph API (profile, subscriptions) is answered with an empty success.
 */
const whose = new Series()
const when = new Series()
let calls = 0
let unread = 0
let bytes = 0
let lastBody = ''
let mids = 0

const singleMark = '"recipient":{"id":"'
const formMark = 'recipient=%7B%22id%22%3A%22'

function note(body: string, mark: string, from: number, at: number): string {
  const start = body.indexOf(mark, from)
  if (start < 0) {
    unread++
    return ''
  }
  const user = body.slice(start + mark.length, start + mark.length + userLength)
  const index = indexOf(user)
  whose.push(index)
  when.push(at)
  tell(index)
  return user
}

/** Who wants to know at once whom a reply was taken for. */
const told = new Set<Socket>()
let news: number[] = []
function tell(index: number): void {
  if (told.size === 0) return
  if (news.length === 0) setImmediate(flushNews)
  news.push(index)
}
function flushNews(): void {
  const bytes = Buffer.from(Uint32Array.from(news).buffer)
  news = []
  for (const socket of told) socket.write(bytes)
}

const accepted = (user: string): string =>
  `{"recipient_id":"${user}","message_id":"m_sim${String(++mids).padStart(16, '0')}"}`

function answerTo(path: string, body: string): string {
  calls++
  bytes += body.length
  const at = sharedNow()
  if (body.startsWith('{"batch":')) {
    const { batch } = JSON.parse(body) as { batch: { body?: string; relative_url: string }[] }
    const answers = batch.map((element) => ({
      code: 200,
      headers: [{ name: 'Content-Type', value: 'application/json; charset=UTF-8' }],
      body: accepted(note(element.body ?? '', formMark, 0, at)),
    }))
    lastBody = batch.at(-1)?.body ?? ''
    return JSON.stringify(answers)
  }
  if (path.includes('/messages') && body.includes(singleMark)) {
    if (body.includes('"sender_action"')) return '{"recipient_id":"0"}'
    lastBody = body
    return accepted(note(body, singleMark, 0, at))
  }
  return '{"success":true,"result":"success","data":[]}'
}

/** HTTP/1.1 over one socket: requests with a content-length, answered in order. */
function serve(socket: Socket): void {
  let buffer = ''
  socket.setNoDelay(true)
  socket.setEncoding('latin1')
  socket.on('error', () => socket.destroy())
  socket.on('close', () => told.delete(socket))
  socket.on('data', (chunk: string) => {
    if (chunk === 'REPLIES') {
      told.add(socket)
      return
    }
    buffer += chunk
    let out = ''
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n')
      if (end < 0) break
      const head = buffer.slice(0, end)
      const whole = end + 4 + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      if (buffer.length < whole) break
      const body = buffer.slice(end + 4, whole)
      buffer = buffer.slice(whole)
      const answer = answerTo(head.slice(0, head.indexOf('\r\n')), body)
      out += `HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\ncontent-length: ${Buffer.byteLength(answer)}\r\n\r\n${answer}`
    }
    if (out !== '') socket.write(out)
  })
}

const server = createServer(serve)
server.listen(0, '127.0.0.1', () => process.send?.({ ready: (server.address() as AddressInfo).port }))

export type Arrived = { readonly users: Float64Array; readonly at: Float64Array; readonly unread: number }
answerParent({
  reset: () => {
    whose.clear()
    when.clear()
    calls = unread = bytes = 0
  },
  count: () => ({ sends: whose.length, calls, bytes }),
  last: () => lastBody,
  collect: (): Arrived => ({ users: whose.values(), at: when.values(), unread }),
})
