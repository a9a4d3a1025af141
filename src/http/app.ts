import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { publicJwks, type ClientKey } from '../bank/keys.ts'
import { errorCode, opaque } from '../core/logger.ts'
import { OutsideError } from '../core/refusal.ts'
import type { Metrics } from '../core/metrics.ts'
import { assetCaching } from './kit/assets.ts'
import { errorPage, type ErrorStatus } from './pages/error.ts'
import { cardRoutes } from './customer/card.ts'
import { linkRoutes } from './customer/link.ts'
import { meRoutes } from './customer/me.ts'
import { sessionRoutes } from './customer/sign-in.ts'
import { healthRoutes, type ReadyCheck } from './health.ts'
import { languageRoutes } from './language-switch.ts'
import { logRoutes } from './log.ts'
import { startRoutes } from './start.ts'
import { frameFor, onlyChannel, send, type Web } from './web.ts'

/** Every page and API of the gateway but the webhooks, which have a door of their own. */
export function openApp(
  web: Web,
  options: {
    clientKeys: readonly ClientKey[]
    metrics: Metrics
    checks: Readonly<Record<string, ReadyCheck>>
    stopping: () => boolean
    databaseSays: string
  },
): Hono {
  const app = new Hono()

  app.get('/assets/:file', (c) => {
    const asset = web.assets.files.get(c.req.path)
    if (!asset) return c.notFound()
    const accepts = c.req.header('accept-encoding') ?? ''
    const encoding = /\bbr\b/.test(accepts) ? 'br' : /\bgzip\b/.test(accepts) ? 'gzip' : null
    const headers: Record<string, string> = {
      'content-type': asset.type,
      'cache-control': assetCaching,
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    }
    if (encoding) headers['content-encoding'] = encoding
    const body = encoding === 'br' ? asset.br : encoding === 'gzip' ? asset.gzip : asset.body
    return c.body(new Uint8Array(body), 200, headers)
  })
  app.get('/.well-known/jwks.json', (c) => {
    c.header('cache-control', 'public, max-age=300')
    return c.json(publicJwks(options.clientKeys))
  })
  app.get('/robots.txt', (c) => c.text('User-agent: *\nDisallow: /\n'))

  app.route('/', startRoutes(web, options))
  app.route('/', languageRoutes(web))
  app.route('/', linkRoutes(web))
  app.route('/', sessionRoutes(web))
  app.route('/', cardRoutes(web))
  app.route('/', meRoutes(web))
  app.route('/', logRoutes({ tlog: web.tlog }))
  app.route(
    '/',
    healthRoutes({
      checks: options.checks,
      metrics: options.metrics,
      log: web.log,
      stopping: options.stopping,
    }),
  )

  app.notFound((c) =>
    send(
      web,
      c,
      errorPage({
        frame: frameFor(web, c, { channel: onlyChannel(web), csrf: false }),
        status: 404,
        reference: null,
        retryAfterSeconds: null,
        onwardUrl: '/me',
      }),
      { status: 404 },
    ),
  )
  app.onError((error, c) => {
    const outside = error instanceof OutsideError
    const status: ErrorStatus = outside ? 503 : 500
    const reference = `err_${randomUUID().replaceAll('-', '').slice(0, 16)}`
    web.log.error('http.failed', { code: errorCode(error), reference: opaque(reference) })
    if (c.req.header('accept')?.includes('application/json'))
      return c.json(
        { type: 'about:blank', status, title: status === 503 ? 'Not available now' : 'Our fault', reference },
        status,
      )
    return send(
      web,
      c,
      errorPage({
        frame: frameFor(web, c, { channel: onlyChannel(web), csrf: false }),
        status,
        reference,
        retryAfterSeconds: outside ? 30 : null,
        onwardUrl: null,
      }),
      { status },
    )
  })
  return app
}
