import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server'
import { secondMs } from '../core/clock.ts'
import { errorCode, type Logger } from '../core/logger.ts'
import { OperatorError } from '../core/operator-error.ts'

/** A Hono app, or anything with its `fetch`. */
export type App = { fetch(request: Request, env: HttpBindings): Response | Promise<Response> }

export type ServeOptions = {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /**
   * Takes requests whose path begins with `/webhooks/`, on bare node:http. It reads its own body and keeps its own
   * limit. Returning false hands the request on to `app`.
   */
  readonly webhook?: (request: IncomingMessage, response: ServerResponse) => boolean | void
  /** Everything else: pages and APIs. */
  readonly app: App
  readonly log: Logger
  /** Largest body of a request to `app`, in bytes; 1 MiB unless told. Larger ones are answered 413. */
  readonly maxBodyBytes?: number
  /** How long requests in flight may take to finish when we stop; 10 s unless told. */
  readonly stopWaitMs?: number
}

export type Server = AsyncDisposable & {
  readonly port: number
  /** `http://host:port` as listened on, not the public address. */
  readonly url: string
  /** Takes no more connections, lets requests in flight finish (bounded), then closes. Idempotent. */
  stop(): Promise<void>
}

/** Listens. Throws OperatorError when the port is taken or may not be used. */
export async function serve(options: ServeOptions): Promise<Server> {
  const { app, log, webhook } = options
  const limit = options.maxBodyBytes ?? 1 << 20
  const listener = getRequestListener((request, env) => app.fetch(request, env as HttpBindings), {
    overrideGlobalObjects: false,
    hostname: 'localhost',
    errorHandler: (error) => {
      // What the caller sent makes no address (a Host header that is none): their fault, and not worth a log line.
      if (error instanceof RequestError) return new Response('Bad request.\n', { status: 400 })
      log.error('http.unhandled', { error: errorCode(error) })
      return new Response('Something went wrong on our side.\n', { status: 500 })
    },
  })

  /** Gives a request to the app once its body is known to be small enough. */
  const handOver = async (request: IncomingMessage & { rawBody?: Buffer }, response: ServerResponse) => {
    let tooLarge = Number(request.headers['content-length'] ?? 0) > limit
    if (request.headers['transfer-encoding'] !== undefined) {
      const body = await readBody(request, limit)
      if (body) request.rawBody = body
      else tooLarge = true
    }
    if (tooLarge)
      response.writeHead(413, { connection: 'close', 'content-type': 'text/plain' }).end('Too large.\n')
    else await listener(request, response)
  }

  const server = createServer(
    {
      maxHeaderSize: 16 << 10,
      headersTimeout: 10 * secondMs,
      requestTimeout: 30 * secondMs,
      // Longer than the usual 60 s of a proxy, so that it is never we who close first.
      keepAliveTimeout: 65 * secondMs,
      connectionsCheckingInterval: 5 * secondMs,
      noDelay: true,
    },
    (request, response) => {
      if (stopped) response.setHeader('connection', 'close')
      try {
        if (webhook && (request.url ?? '').startsWith('/webhooks/') && webhook(request, response) !== false)
          return
      } catch (error) {
        log.error('http.webhook_failed', { error: errorCode(error) })
        if (!response.headersSent) response.writeHead(500).end()
        return
      }
      handOver(request, response).catch((error: unknown) => {
        log.error('http.unhandled', { error: errorCode(error) })
        response.destroy()
      })
    },
  )
  server.maxConnections = 20_000
  server.on('clientError', (error, socket) => {
    // Garbage instead of HTTP: a short answer, no log line each (that would be a way to fill the disk).
    const status =
      (error as NodeJS.ErrnoException).code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request'
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    else socket.destroy()
  })

  let stopped: Promise<void> | undefined
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFault(error, options)))
    server.listen(options.port, options.host, resolve)
  })
  const { port } = server.address() as AddressInfo

  const stop = () => {
    stopped ??= new Promise<void>((resolve) => {
      const timer = setTimeout(() => server.closeAllConnections(), options.stopWaitMs ?? 10 * secondMs)
      // A kept-alive connection becomes idle when its last answer is out: closed then, not after its time-out.
      const idle = setInterval(() => server.closeIdleConnections(), 20)
      server.close(() => {
        clearTimeout(timer)
        clearInterval(idle)
        resolve()
      })
    })
    return stopped
  }
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return { port, url: `http://${host}:${port}`, stop, [Symbol.asyncDispose]: stop }
}

/** The body of a request that announced no length, read whole; null when it grows beyond the limit or breaks off. */
function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else resolve(null)
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('close', () => resolve(null))
  })
}

function listenFault(error: NodeJS.ErrnoException, { host, port }: ServeOptions): Error {
  if (error.code === 'EADDRINUSE')
    return new OperatorError(
      'port_busy',
      `Port ${port} on ${host} is in use. Stop what uses it, or set GUICHET_PORT to another.`,
    )
  if (error.code === 'EACCES')
    return new OperatorError(
      'port_forbidden',
      `This user may not listen on port ${port}. Set GUICHET_PORT to 1024 or more, behind a proxy.`,
    )
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new OperatorError(
      'host_unknown',
      `This machine has no address ${host}. Set GUICHET_HOST, for example to 127.0.0.1.`,
    )
  return error
}
