import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { PlatformOptions } from './options.ts'
import type { JsonObject } from './phone/wire.ts'
import { startPlatform, type RunningPlatform } from './start.ts'
import { appsecretProof } from './world.ts'

/** A webhook as the bot got it. `body` is the raw bytes as text. */
export type Got = { readonly body: string; readonly headers: IncomingHttpHeaders }
export type Event = { readonly slot: 'messaging' | 'standby' | 'changes'; readonly event: JsonObject }

export type FakeBot = AsyncDisposable & {
  readonly url: string
  readonly got: Got[]
  /** Every event received, in order, out of its envelopes. */
  events(): Event[]
  /** What to answer: a status, or `silence` to hang. Called for each POST. */
  answer: (got: Got) => number | 'silence' | Promise<number | 'silence'>
  handshake: (query: URLSearchParams) => { status: number; body: string }
}

/** The smallest bot there can be: it keeps what it gets and answers 200. For tests of the platform. */
export async function startFakeBot(): Promise<FakeBot> {
  const got: Got[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://bot')
    if (request.method === 'GET') {
      const { status, body } = bot.handshake(url.searchParams)
      response.writeHead(status)
      response.end(body)
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one: Got = { body: Buffer.concat(chunks).toString('utf8'), headers: request.headers }
      got.push(one)
      void Promise.resolve(bot.answer(one)).then((status) => {
        if (status === 'silence') return
        response.writeHead(status)
        response.end()
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const bot: FakeBot = {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/webhooks`,
    got,
    events: () =>
      got.flatMap(({ body }) =>
        (JSON.parse(body) as { entry: JsonObject[] }).entry.flatMap((entry) =>
          (['messaging', 'standby', 'changes'] as const).flatMap((slot) =>
            ((entry[slot] as JsonObject[] | undefined) ?? []).map((event) => ({ slot, event })),
          ),
        ),
      ),
    answer: () => 200,
    handshake: (query) =>
      query.get('hub.verify_token') === 'verify-me'
        ? { status: 200, body: query.get('hub.challenge') ?? '' }
        : { status: 403, body: '' },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return bot
}

export const testSecret = 'guichet-test-secret'
export const testToken = 'PAGE_TOKEN'
export const pageId = '100200300400'
export const appId = '424242'

export type Answer = { readonly status: number; readonly body: JsonObject; readonly headers: Headers }
export type TestPlatform = AsyncDisposable & {
  readonly platform: RunningPlatform
  readonly control: RunningPlatform['control']
  readonly bot: FakeBot
  /** A call of the Graph API as our bot would make it. */
  graph(
    path: string,
    body?: unknown,
    method?: string,
    options?: { token?: string | null; proof?: string | null; type?: string },
  ): Promise<Answer>
  /** `POST /me/messages` to this person. */
  send(psid: string, message: unknown, more?: JsonObject): Promise<Answer>
}

/** A platform with one page, one app and a bot behind it. */
export async function openTestPlatform(options: Partial<PlatformOptions> = {}): Promise<TestPlatform> {
  const bot = await startFakeBot()
  const platform = await startPlatform({
    host: '127.0.0.1',
    port: 0,
    apps: [
      {
        appId,
        appSecret: testSecret,
        verifyToken: 'verify-me',
        pageTokens: { [pageId]: testToken },
        callbackUrl: bot.url,
      },
    ],
    pages: [{ id: pageId, name: 'Harbor Bank' }],
    retry: { immediate: 1, backoffMs: [5] },
    ...options,
  })
  const graph: TestPlatform['graph'] = async (
    path,
    body,
    method = body === undefined ? 'GET' : 'POST',
    given = {},
  ) => {
    const url = new URL(path.startsWith('/') ? path : `/v25.0/${path}`, platform.url)
    const token = given.token === undefined ? testToken : given.token
    const proof =
      given.proof === undefined ? (token === null ? null : appsecretProof(testSecret, token)) : given.proof
    if (proof !== null) url.searchParams.set('appsecret_proof', proof)
    const type = given.type ?? 'application/json'
    const answer = await fetch(url, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as JsonObject, headers: answer.headers }
  }
  return {
    platform,
    control: platform.control,
    bot,
    graph,
    send: (psid, message, more = {}) =>
      graph('me/messages', { recipient: { id: psid }, messaging_type: 'RESPONSE', message, ...more }),
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]()
      await bot[Symbol.asyncDispose]()
    },
  }
}

export const ana = '7300000000000001'

/** `code` or `code/subcode` of an error answer; '' for none. */
export function codeOf(answer: Answer): string {
  const error = answer.body['error'] as { code?: number; error_subcode?: number } | undefined
  if (!error) return ''
  return error.error_subcode === undefined ? String(error.code) : `${error.code}/${error.error_subcode}`
}
