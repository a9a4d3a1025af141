import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { PlatformOptions } from '../../sandbox/platform/options.ts'
import { startPlatform } from '../../sandbox/platform/start.ts'
import { appId, pageId, prepareDevelopment } from '../../scripts/development.ts'
import type { ConfigInput } from '../../src/core/config-schema.ts'
import { keyOf } from '../../src/channel/messenger/read.ts'
import { fileKek } from '../../src/core/kek.ts'
import { one } from '../../src/core/sql.ts'
import { eventId } from '../../src/customer/contact.ts'
import { loadLogKey } from '../../src/tlog/note.ts'
import { openSlowBank } from './bank.ts'
import type { Accepted, Evidence } from './check.ts'
import { gather } from './gather.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { linkDirectly } from './link.ts'
import { createRandom, nextText, type Random } from './speech.ts'

const lanes = 16
/** Starting under a heavy load, and the longest life of a run. */
const startDeadlineMs = 60_000

export type RigOptions = {
  readonly seed: number
  readonly database: { readonly pool: Pool; readonly url: string }
  readonly people: number
  readonly linked: number
  /** Messages a second, all people together. */
  readonly perSecond: number
  readonly unknownWaitMs: number
  readonly platform?: Partial<PlatformOptions>
  /** Share of sends that fail, in all ways together. */
  readonly faults: number
}

/** How a run of the gateway ends. */
export type End =
  | { readonly kind: 'while starting'; readonly afterMs: number }
  | { readonly kind: 'running'; readonly afterMs: number }
  /** The moment the platform has taken the n-th message of this run. */
  | { readonly kind: 'send taken'; readonly nth: number }
  /** The moment the bank is asked for the n-th time. */
  | { readonly kind: 'bank asked'; readonly nth: number }

export type Rig = AsyncDisposable & {
  /** Starts the gateway, lets it run, kills it. What is answered: when it was ready, or null if it was killed before. */
  runAndKill(end?: End): Promise<number | null>
  /** No more traffic and trouble; a last start, and all that was begun comes to its end. */
  finish(): Promise<Evidence>
  readonly random: Random
  readonly control: Awaited<ReturnType<typeof startPlatform>>['control']
  readonly counts: {
    readonly kills: number
    readonly endedBySelf: number
    readonly written: number
    readonly accepted: number
  }
  startTraffic(): void
}

/** The world around one gateway: platform, bank, people who write, a database; and the gateway itself, to be killed. */
export async function openRig(options: RigOptions): Promise<Rig> {
  const { database, seed } = options
  const { pool } = database
  const random = createRandom(seed)
  const dir = mkdtempSync(join(tmpdir(), 'guichet-crash-'))
  const bank = await openSlowBank(seed + 1)
  const port = await freePort()
  const callback = `http://127.0.0.1:${port}/webhooks/messenger`
  const platformPort = await freePort()
  const before: ConfigInput = {
    database: { kind: 'url', url: database.url },
    lanes,
    logLevel: 'warn',
    pipeline: { unknownWaitMs: options.unknownWaitMs },
  }
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'guichet.json'), JSON.stringify(before))
  const banks = { harbor: bank.port, granite: bank.port, erable: bank.port, thistle: bank.port }
  const made = prepareDevelopment(dir, { gateway: port, platform: platformPort, banks })
  const platform = await startPlatform({
    host: '127.0.0.1',
    port: platformPort,
    apps: [
      {
        appId,
        appSecret: made.appSecret,
        verifyToken: made.verifyToken,
        pageTokens: { [pageId]: made.pageToken },
        callbackUrl: callback,
      },
    ],
    pages: [{ id: pageId, name: 'Guichet Counter' }],
    headless: true,
    lanes: 32,
    deadlineMs: 3_000,
    retry: { immediate: 0, backoffMs: [150, 250, 400] },
    seed,
    ...options.platform,
  })
  const { control } = platform
  const kek = fileKek(Buffer.from(readFileSync(join(dir, 'secrets', 'kek'), 'utf8').trim(), 'base64url'))
  const logKey = loadLogKey(join(dir, 'secrets', 'log.key'))

  const people = Array.from({ length: options.people }, (_, n) =>
    String(24_000_000_000_000 + seed * 1_000 + n),
  )
  const linked = new Set(people.slice(0, options.linked))
  await pool.query('select pipeline_lanes($1)', [lanes])
  for (const psid of linked) await linkDirectly(pool, kek, lanes, psid)

  const written: { psid: string; text: string }[] = []
  const texts = new Map<string, string>()
  const accepted: Accepted[] = []
  let onTaken: (() => void) | null = null
  control.onAccepted(({ psid, mid, metadata, message }) => {
    accepted.push({ psid, mid, metadata, message })
    onTaken?.()
  })
  const share = (kind: string, part: number, delayMs?: number): void => {
    const rate = options.faults * part
    if (rate > 0) control.fault({ kind, rate, ...(delayMs === undefined ? {} : { delayMs }) })
  }
  share('500', 0.25)
  share('timeout_after_accept', 0.2, 150)
  share('timeout_before_accept', 0.15, 150)
  share('drop_after_accept', 0.15)
  share('1357046', 0.15)
  share('drop', 0.1)

  let traffic: NodeJS.Timeout | null = null
  let n = 0
  const write = (): void => {
    const psid = random.pick(people)
    const text = nextText(random, linked.has(psid), ++n)
    written.push({ psid, text })
    const { mid } = control.sendText(psid, text)
    texts.set(eventId('messenger', pageId, keyOf('m', mid)), text)
  }
  const startTraffic = (): void => {
    traffic ??= setInterval(write, 1_000 / options.perSecond)
  }

  let kills = 0
  let endedBySelf = 0
  let running: Gateway | null = null
  const cache = join(tmpdir(), 'guichet-crash-compile-cache')

  async function runAndKill(end = anyEnd(random)): Promise<number | null> {
    const gateway = startGateway(made.configFile, cache)
    running = gateway
    let readyAfter: number | null = null
    let left = 'nth' in end ? end.nth : 0
    const moment = Promise.withResolvers<void>()
    const strike = (): void => {
      if (--left > 0) return
      // In the very turn of the event loop in which it happened: nothing of it has reached the gateway yet.
      process.kill(gateway.pid, 'SIGKILL')
      moment.resolve()
    }
    if (end.kind === 'send taken') onTaken = strike
    if (end.kind === 'bank asked') bank.onRead = strike
    if (end.kind === 'while starting') setTimeout(moment.resolve, end.afterMs)
    gateway.ready.then(
      (ms) => {
        readyAfter = ms
        if (random.next() < 0.3) control.doubleDeliver(4, random.next() < 0.5 ? 'again' : 'same_post')
        // The moment looked for may not come in a quiet run.
        if (end.kind !== 'while starting')
          setTimeout(moment.resolve, end.kind === 'running' ? end.afterMs : 1_500)
      },
      () => moment.resolve(),
    )
    // Start or end: a gateway that does neither hangs.
    const hangs = setTimeout(
      () => moment.reject(new Error(`the gateway hangs: ${gateway.said()}`)),
      startDeadlineMs,
    )
    await moment.promise.finally(() => clearTimeout(hangs))
    onTaken = null
    bank.onRead = null
    if (await gateway.kill()) kills++
    else endedBySelf++
    running = null
    return readyAfter
  }

  /** Waits until what was begun is done; how far it came, when it does not come. */
  async function quiet(deadlineMs: number): Promise<void> {
    const until = performance.now() + deadlineMs
    // Longer than the platform takes to send an echo: else the last one would seem a webhook that nobody answered.
    for (let calm = 0; calm < 8; ) {
      const open = await one<{ inbox: string; outbox: string }>(
        pool,
        `select (select count(*) from conversation_inbox where state = 0) as inbox,
                (select count(*) from disclosure_outbox where state in (0, 1, 5)) as outbox`,
      ).catch(() => null)
      const waiting = control.counters().webhooks.waiting
      const still = open === null || waiting + Number(open.inbox) + Number(open.outbox) > 0
      calm = still ? 0 : calm + 1
      if (performance.now() > until)
        throw new Error(
          `no rest (seed ${seed}): ${JSON.stringify({ ...open, waiting })}\n${running?.said().slice(-3_000) ?? ''}`,
        )
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
  }

  async function finish(): Promise<Evidence> {
    if (traffic) clearInterval(traffic)
    traffic = null
    control.clearFaults()
    for (let tries = 0; ; tries++) {
      running = startGateway(made.configFile, cache)
      const up = await running.ready.then(
        () => true,
        () => false,
      )
      if (up) break
      if (tries > 5) throw new Error(`the gateway does not start any more: ${running.said()}`)
    }
    await quiet(60_000)
    // The log is sequenced beside the traffic: what is committed has its place a moment later.
    for (let tries = 0; tries < 200; tries++) {
      const { rows } = await pool.query<{ n: string }>(
        'select count(*) as n from tlog_batch where first_index is null',
      )
      if (Number(rows[0]?.n) === 0) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const { webhooks } = control.counters()
    const evidence: Evidence = {
      written,
      linked,
      accepted,
      unanswered: webhooks.lost + webhooks.waiting,
      ...(await gather(pool, { kek, vkey: logKey.vkey, texts })),
    }
    await running.kill()
    running = null
    return evidence
  }

  return {
    random,
    control,
    runAndKill,
    finish,
    startTraffic,
    get counts() {
      return { kills, endedBySelf, written: written.length, accepted: accepted.length }
    },
    async [Symbol.asyncDispose]() {
      if (traffic) clearInterval(traffic)
      await running?.kill()
      await platform[Symbol.asyncDispose]()
      await bank[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A moment at random; some of them are looked for, because chance alone would seldom find them. */
function anyEnd(random: Random): End {
  const one_ = random.next()
  if (one_ < 0.12) return { kind: 'while starting', afterMs: random.next() * 900 }
  if (one_ < 0.35) return { kind: 'send taken', nth: 1 + Math.floor(random.next() * 20) }
  if (one_ < 0.45) return { kind: 'bank asked', nth: 1 + Math.floor(random.next() * 4) }
  if (one_ < 0.52) return { kind: 'running', afterMs: 3_000 + random.next() * 1_500 }
  return { kind: 'running', afterMs: random.next() ** 2 * 2_000 }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
