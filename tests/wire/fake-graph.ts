import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export type Asked = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
export type Reply =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }
  /** `silent`: take the request and never answer. `cut`: take it and close. `half`: begin an answer and close. */
  | 'silent'
  | 'cut'
  | 'half'

/** A small stand-in for the Graph API: records what it is asked and answers as told. A body that is text goes out as it is. */
export async function openFakeGraph(answer: (asked: Asked) => Reply): Promise<{
  readonly url: string
  readonly asked: Asked[]
  answerWith(next: (asked: Asked) => Reply): void
  [Symbol.asyncDispose](): Promise<void>
}> {
  let respond = answer
  const asked: Asked[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const url = new URL(req.url ?? '/', 'http://graph')
      const one = {
        method: req.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: req.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      }
      asked.push(one)
      const reply = respond(one)
      if (reply === 'silent') return
      if (reply === 'cut') {
        req.socket.destroy()
        return
      }
      if (reply === 'half') {
        res.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
        res.write('{"message_id":')
        setImmediate(() => req.socket.destroy())
        return
      }
      const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
      res.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
      res.end(text)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answerWith(next) {
      respond = next
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
