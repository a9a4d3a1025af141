import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import type { Clock } from '../../src/core/clock.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { BankKey } from '../people/people.ts'
import { bankKeys } from '../people/people.ts'
import { openProofCheck } from './api/dpop.ts'
import { openApi } from './api/serve.ts'
import { openTokenCheck } from './api/token.ts'
import { openAdapter } from './auth/adapter.ts'
import { openInteraction } from './auth/interaction.ts'
import type { BankClient, Secrets } from './auth/provider.ts'
import { audienceOf, openProvider } from './auth/provider.ts'
import { openBank } from './bank.ts'
import type { Consent } from './consent.ts'
import type { Control } from './control.ts'
import { openControl } from './control.ts'
import { answerControl } from './control-door.ts'
import { openFaults } from './fault.ts'
import { institutions } from './institution.ts'
import { openJournal } from './journal.ts'
import { messagePage } from './page/choose.ts'
import { frontPage } from './page/front.ts'
import { html, raw } from './page/html.ts'
import { markFile, pageHeaders } from './page/style.ts'
import { say } from './page/words.ts'

export type { BankClient } from './auth/provider.ts'

export type BankOptions = {
  /** Address to listen on; the banks call themselves http://localhost:PORT. */
  readonly host: string
  /** 0 takes a free port. */
  readonly ports: Readonly<Record<BankKey, number>>
  readonly clients: readonly BankClient[]
  /** Where links and changes are kept; null keeps them in memory. */
  readonly dataDir: string | null
  readonly seed?: number
  /** Moves money and consents. Tokens and proofs live by the machine's own clock. */
  readonly clock?: Clock
}

export type RunningBanks = {
  readonly urls: Readonly<Record<BankKey, string>>
  readonly control: Readonly<Record<BankKey, Control>>
  [Symbol.asyncDispose](): Promise<void>
}

type RunningBank = { readonly url: string; readonly control: Control; close(): Promise<void> }

async function secretsOf(journal: Awaited<ReturnType<typeof openJournal>>): Promise<Secrets> {
  const known = journal.get('secrets') as Secrets | undefined
  if (known) return known
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const secrets: Secrets = {
    jwk: {
      ...(await exportJWK(privateKey)),
      kid: randomBytes(8).toString('hex'),
      use: 'sig',
      alg: 'ES256',
    } as Secrets['jwk'],
    cookieKey: randomBytes(32).toString('base64url'),
    nonceSecret: randomBytes(32).toString('base64url'),
  }
  await journal.set('secrets', secrets)
  return secrets
}

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

async function startBank(key: BankKey, options: BankOptions): Promise<RunningBank> {
  const clock = options.clock ?? systemClock
  const institution = institutions[key]
  const journal = await openJournal(options.dataDir === null ? null : join(options.dataDir, `${key}.jsonl`))
  const secrets = await secretsOf(journal)
  const base = (journal.get('base') as number | undefined) ?? clock()
  if (journal.get('base') === undefined) await journal.set('base', base)

  let handler: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.writeHead(503).end()
  }
  const server = createServer({ keepAliveTimeout: 20_000, requestTimeout: 30_000 }, (request, response) =>
    handler(request, response),
  )
  const port = await listen(server, options.ports[key], options.host)
  const url = `http://localhost:${port}`

  const bank = openBank({ key, journal, clock, seed: options.seed ?? 1, base })
  const faults = openFaults()
  const adapter = openAdapter(journal)
  const endTokens = async (consent: Consent): Promise<void> => {
    if (consent.grantId !== null) await adapter.endGrant(consent.grantId)
  }
  const control = openControl({
    bank,
    faults,
    endTokens,
    async forget() {
      for (const prefix of ['consent:', 'oidc:'])
        for (const [name] of journal.all(prefix)) await journal.delete(name)
      bank.consents.forget()
      adapter.forget()
    },
  })
  const headers = pageHeaders(institution, [])
  const page = (title: string, text: string, more?: ReturnType<typeof html>) =>
    messagePage(institution, 'en', title, text, more ?? null)
  const provider = openProvider({
    bank,
    issuer: url,
    clients: options.clients,
    secrets,
    adapter,
    pages: {
      headers,
      error: (code) =>
        page(
          say('en', 'errorTitle'),
          say('en', 'error'),
          html`<p class="quiet small">${say('en', 'errorCode', { code })}</p>`,
        ),
      signOut: (form) =>
        page(
          say('en', 'signOutTitle', { bank: institution.name }),
          '',
          html`${raw(form)}<div class="do"><button type="submit" form="op.logoutForm" name="logout" value="yes">${say('en', 'signOut')}</button><button class="plain" type="submit" form="op.logoutForm">${say('en', 'stay')}</button></div>`,
        ),
      signedOut: () => page(say('en', 'signedOut'), say('en', 'signedOutHelp')),
    },
  })
  const audience = audienceOf(url, bank)
  const nowSeconds = () => Math.floor(Date.now() / 1_000)
  const { d: _private, ...publicJwk } = secrets.jwk as Record<string, unknown>
  const api = openApi({
    bank,
    origin: url,
    faults,
    endTokens,
    clientName: (id) => options.clients.find(({ clientId }) => clientId === id)?.name ?? id,
    checkToken: openTokenCheck({ issuer: url, audience, publicJwk: publicJwk as JsonWebKey, nowSeconds }),
    proofs: openProofCheck({
      nonceRequired: institution.habits.resourceNonce,
      secret: randomBytes(32),
      nowSeconds,
    }),
  })
  const interaction = openInteraction({ bank, provider, issuer: url, audience, clients: options.clients })
  const authServer = provider.callback()

  /** Faults of the `auth` area, in OAuth's own form; true when the request was answered. */
  async function authTrouble(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<boolean> {
    for (const fault of faults.take('auth', path)) {
      const oauth = (status: number, error: string, wait: boolean) => {
        response.writeHead(status, {
          'content-type': 'application/json',
          'cache-control': 'no-store',
          ...(wait ? { 'retry-after': String(fault.retryAfterSeconds) } : {}),
        })
        response.end(JSON.stringify({ error }))
        return true
      }
      if (fault.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms))
      else if (fault.kind === 'drop') {
        request.socket.destroy()
        return true
      } else if (fault.kind === 'rate-limit') return oauth(429, 'temporarily_unavailable', true)
      else if (fault.kind === 'maintenance') return oauth(503, 'temporarily_unavailable', true)
      else if (fault.kind === 'error') return oauth(500, 'server_error', false)
      else if (fault.kind === 'expired' && path === '/token') return oauth(400, 'invalid_grant', false)
    }
    return false
  }

  async function other(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: string,
  ): Promise<void> {
    if (path === '/' && request.method === 'GET') {
      const asked = new URLSearchParams(query)
      const note = { done: asked.get('done'), refused: asked.get('refused') }
      response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' })
      response.end(frontPage(institution, url, control, note))
    } else if (path === '/mark.svg' || path === '/favicon.ico') {
      response.writeHead(200, { 'content-type': 'image/svg+xml', 'cache-control': 'max-age=3600' })
      response.end(markFile(institution))
    } else if (path.startsWith('/sandbox/')) await answerControl(control, url, request, response, path)
    else if (interaction.owns(path))
      await interaction.handle(request, response, path, new URLSearchParams(query))
    else if (!(await authTrouble(request, response, path))) await authServer(request, response)
  }

  handler = (request, response) => {
    const target = request.url ?? '/'
    const mark = target.indexOf('?')
    const path = mark < 0 ? target : target.slice(0, mark)
    const query = mark < 0 ? '' : target.slice(mark + 1)
    if (api.owns(path)) return api.handle(request, response, path, query)
    other(request, response, path, query).catch((error: unknown) => {
      if (error instanceof Error) process.stderr.write(`sandbox bank: ${error.stack ?? error.name}\n`)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  }

  return {
    url,
    control,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await journal[Symbol.asyncDispose]()
    },
  }
}

/** Starts the four sandbox banks in this process, each on its own port. Histories are generated on first use. */
export async function startBanks(options: BankOptions): Promise<RunningBanks> {
  const started = await Promise.allSettled(bankKeys.map((key) => startBank(key, options)))
  const banks = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const close = async (): Promise<void> => {
    await Promise.all(banks.map((bank) => bank.close()))
  }
  const failed = started.find((one) => one.status === 'rejected')
  if (failed) {
    await close()
    throw failed.reason
  }
  const byKey = <Value>(of: (bank: RunningBank) => Value): Record<BankKey, Value> =>
    Object.fromEntries(bankKeys.map((key, index) => [key, of(banks[index]!)])) as Record<BankKey, Value>
  return {
    urls: byKey((bank) => bank.url),
    control: byKey((bank) => bank.control),
    [Symbol.asyncDispose]: close,
  }
}
