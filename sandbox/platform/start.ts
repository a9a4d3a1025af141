import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createControl, type PlatformControl } from './control.ts'
import { createDelivery, type Delivery } from './delivery.ts'
import { createEvents } from './events.ts'
import { createFaults } from './faults.ts'
import { createGraph } from './graph.ts'
import { createGraphHttp, graphBodyLimit, isGraphPath } from './graph-http.ts'
import { escapeHtml, json, readBody } from './http.ts'
import { createInAppBrowser } from './in-app-browser.ts'
import { confirmLinking, confirmPath } from './linking.ts'
import { linkingEndPage } from './linking-page.ts'
import { createLive } from './live.ts'
import { bounds, type PlatformOptions } from './options.ts'
import { createActs } from './person.ts'
import { loadPhoneFiles } from './phone-files.ts'
import { createRecorder } from './recorder.ts'
import { createSandboxApi } from './sandbox-api.ts'
import { createSender } from './send.ts'
import { createWorld } from './world.ts'

export type RunningPlatform = AsyncDisposable & {
  /** Base address, for browsers and bots; the Graph API is under it at `/v25.0/…`. */
  readonly url: string
  readonly port: number
  readonly control: PlatformControl
}

/** Starts the Messenger platform simulator and its phone page. Resolves when it listens; everything is in memory. */
export async function startPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  const world = createWorld(options)
  const alerts: string[] = []
  const deliveries = new Map<string, Delivery>()
  const events = createEvents(world, deliveries)
  const recorder = createRecorder(options.recorder ?? {}, () => ++world.seq)
  const faults = createFaults(options.seed ?? 1)
  const acts = createActs(world, events)
  const control = createControl(world, acts, deliveries, recorder, faults)
  const live = createLive(world, deliveries, recorder, alerts)
  const alert = (text: string): void => {
    alerts.push(text)
    if (alerts.length > bounds.alerts) alerts.shift()
    live.changed()
  }
  for (const app of world.apps.values()) deliveries.set(app.appId, createDelivery(world, app, alert))
  const graph = createGraph(world, events, createSender(world, events), deliveries)
  const graphHttp = createGraphHttp(world, graph, recorder, faults, () => {
    world.refusedSends++
  })
  const browser = createInAppBrowser([
    ...options.apps.map((app) => app.callbackUrl),
    ...(options.webviewOrigins ?? []),
  ])
  const sandboxApi = createSandboxApi({ world, acts, control, faults, live, browser })
  const files = loadPhoneFiles(fileURLToPath(new URL('./phone', import.meta.url)))
  const policy = contentPolicy(browser.origins)

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://platform')
    const { pathname } = url
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return json(response, 405, { error: 'not this way' })
    if (pathname === '/phone/live')
      return live.open(request, response, url.searchParams.get('page'), url.searchParams.get('psid'))
    if (pathname === confirmPath) {
      const end = confirmLinking(
        world,
        events,
        url.searchParams.get('account_linking_token'),
        url.searchParams.get('authorization_code'),
      )
      return html(response, end.end === 'unknown' ? 400 : 200, linkingEndPage(end), policy)
    }
    if (pathname === '/phone/login') {
      const page = world.pages.get(url.searchParams.get('page') ?? '')
      const login = page
        ? acts.login(
            acts.thread(page, url.searchParams.get('psid') ?? ''),
            url.searchParams.get('mid') ?? undefined,
          )
        : null
      if (login === null)
        return html(
          response,
          404,
          `<!doctype html><meta charset="utf-8"><title>No such button</title><p>${escapeHtml('That Log in button is no longer there. Go back to the chat.')}</p>`,
          policy,
        )
      response.writeHead(303, {
        location: login,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      response.end()
      return
    }
    const file = files.get(
      pathname === '/' ? 'phone.html' : pathname.startsWith('/phone/') ? pathname.slice(7) : '',
    )
    if (!file) return json(response, 404, { error: 'not found' })
    const headers = {
      'content-type': file.type,
      etag: file.etag,
      'cache-control': 'no-cache',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    }
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304, headers)
      response.end()
      return
    }
    response.writeHead(200, { ...headers, 'content-length': file.body.length })
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }

  const server = createServer((request, response) => {
    const url = request.url ?? '/'
    try {
      if (
        isGraphPath(url) ||
        (url.startsWith('/?') && request.method === 'POST') ||
        (url === '/' && request.method === 'POST')
      ) {
        readBody(request, response, graphBodyLimit, (body) => graphHttp.handle(request, response, body))
      } else if (url.startsWith('/sandbox/'))
        readBody(request, response, 100_000, (body) => sandboxApi.handle(request, response, body))
      else serve(request, response)
    } catch {
      // A malformed address (a bad percent escape, say) must not stop the platform.
      if (!response.headersSent) json(response, 400, { error: 'cannot read this request' })
    }
  })
  server.keepAliveTimeout = 65_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  if (world.publicUrl === '') world.publicUrl = `http://localhost:${port}`
  // Already subscribed apps are greeted now; a bot that is not up yet is greeted before its first webhook.
  if ((options.subscribed ?? 'at_start') === 'at_start')
    for (const delivery of deliveries.values()) void delivery.verify().then(live.changed)

  return {
    url: world.publicUrl,
    port,
    control,
    async [Symbol.asyncDispose]() {
      live.close()
      for (const delivery of deliveries.values()) delivery.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await recorder.close()
    },
  }
}

/** No script but ours, no request to anyone else. Inline style is for the pages shown in the in-app browser sheet, which inherit this. */
const contentPolicy = (origins: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    `base-uri ${origins.flatMap((origin) => [origin, origin.replace('//localhost', '//127.0.0.1')]).join(' ') || "'none'"}`,
  ].join('; ')

function html(response: ServerResponse, status: number, body: string, policy: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  response.end(body)
}
