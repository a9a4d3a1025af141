import { request } from 'node:http'
import { connect } from 'node:net'

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}
export type Knock = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** One request, as it stands: no redirects followed, no path tidied, no header added but Host. */
export function knock(at: string, { method, path, headers = {}, body }: Knock): Promise<Answer> {
  const { hostname, port, host } = new URL(at)
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: hostname === 'localhost' ? '127.0.0.1' : hostname,
        port,
        method,
        path,
        headers: { host, ...headers },
      },
      (message) => {
        const chunks: Buffer[] = []
        message.on('data', (chunk: Buffer) => chunks.push(chunk))
        message.on('error', reject)
        message.on('end', () =>
          resolve({
            status: message.statusCode ?? 0,
            headers: message.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      },
    )
    sent.on('error', reject)
    if (body !== undefined) sent.write(body)
    sent.end()
  })
}

/** Raw bytes on a connection of their own; gives back whatever came until the other side closed, or was silent. */
export function shout(at: string, bytes: Buffer | string, silenceMs = 400): Promise<string> {
  const { port } = new URL(at)
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port) })
    let heard = ''
    const done = (): void => {
      socket.destroy()
      resolve(heard)
    }
    socket.setTimeout(silenceMs, done)
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
    socket.on('error', done)
    socket.on('close', done)
    socket.on('connect', () => socket.write(bytes))
  })
}
