import { randomBytes } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'
import { hourMs, minuteMs } from '../../src/core/clock.ts'
import { bounds } from './options.ts'
import type { HookView, JsonObject } from './phone/wire.ts'
import { createRing, type Ring } from './ring.ts'
import { escapeJson, signBody } from './webhook-body.ts'
import { publish } from './views.ts'
import { type App, type Page, type World } from './world.ts'

/** One event on its way to one app. `carried` hears whether the bot answered 200 for it (true) or it was given up (false). */
export type Outgoing = {
  readonly page: Page
  readonly psid: string
  readonly slot: 'messaging' | 'standby' | 'changes'
  readonly event: JsonObject
  readonly name: string
  readonly carried?: (answered: boolean) => void
  attempts: number
}

type Attempt = { status: number | null; tookMs: number; why?: string }
type Hook = {
  seq: number
  at: number
  events: string[]
  psids: string[]
  body: string
  state: HookView['state']
  attempts: Attempt[]
  doubled: boolean
}

export type DeliveryCounters = {
  posts: number
  events: number
  answered: number
  failed: number
  timedOut: number
  retries: number
  lost: number
  doubled: number
  handshakes: number
}

export type Delivery = {
  push(item: Outgoing): void
  /** The GET handshake (reference §1); true when the callback answered with the challenge. */
  verify(): Promise<boolean>
  /** Resolves when nothing is waiting, in flight or due for a retry. */
  idle(): Promise<void>
  readonly counters: DeliveryCounters
  readonly waiting: number
  readonly log: Ring<HookView>
  /** The next `count` POSTs are sent a second time after their 200 (or carry each event twice in one body). */
  doubleNext(count: number, how: 'again' | 'same_post'): void
  readonly doublesLeft: number
  close(): void
}

/** Delivers one app's webhooks: signed, within the deadline, retried, and given up after an hour (reference §2, §5). */
export function createDelivery(world: World, app: App, alert: (text: string) => void): Delivery {
  const laneCount = world.options.lanes ?? 8
  const perPost = world.options.eventsPerPost ?? 1
  const escape = world.options.escapeBodies ?? true
  const agentOptions = { keepAlive: true, maxSockets: laneCount, keepAliveMsecs: 1000 }
  const agents = { plain: new http.Agent(agentOptions), secure: new https.Agent(agentOptions) }
  const log = createRing<HookView>(world.headless ? bounds.webhookLogHeadless : bounds.webhookLog)
  const counters: DeliveryCounters = {
    posts: 0,
    events: 0,
    answered: 0,
    failed: 0,
    timedOut: 0,
    retries: 0,
    lost: 0,
    doubled: 0,
    handshakes: 0,
  }
  const lanes: { queue: Outgoing[]; head: number; busy: boolean }[] = Array.from(
    { length: laneCount },
    () => ({ queue: [], head: 0, busy: false }),
  )
  const timers = new Set<NodeJS.Timeout>()
  const idlers: (() => void)[] = []
  /** Page id → since when its webhooks fail, and whether the 15-minute alert was raised. */
  const failing = new Map<string, { since: number; alerted: boolean }>()
  let waiting = 0
  let unsettled = 0
  let double = { left: 0, how: 'again' as 'again' | 'same_post' }
  const stop = new AbortController()
  let verifying: Promise<boolean> | null = null

  const later = (ms: number, run: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, ms)
    timers.add(timer)
  }
  const settle = (items: readonly Outgoing[], answered: boolean): void => {
    unsettled -= items.length
    for (const item of items) item.carried?.(answered)
    if (unsettled === 0) for (const idler of idlers.splice(0)) idler()
  }
  const show = (hook: Hook): void => publish(world, () => ({ kind: 'hook', hook: structuredClone(hook) }))

  const post = (body: Buffer, signature: string): Promise<Attempt> =>
    new Promise((resolve) => {
      const started = performance.now()
      let done = false
      const finish = (status: number | null, why?: string): void => {
        if (done) return
        done = true
        clearTimeout(deadline)
        resolve({
          status,
          tookMs: Math.round(performance.now() - started),
          ...(why === undefined ? {} : { why }),
        })
      }
      const secure = app.callbackUrl.startsWith('https:')
      const request = (secure ? https : http).request(
        app.callbackUrl,
        {
          method: 'POST',
          agent: secure ? agents.secure : agents.plain,
          headers: {
            'content-type': 'application/json',
            'content-length': body.length,
            'x-hub-signature-256': signature,
            'user-agent': 'facebookexternalua',
            accept: '*/*',
          },
        },
        (response) => {
          response.on('error', () => finish(null, 'broken answer'))
          response.on('end', () => finish(response.statusCode ?? null))
          response.resume()
        },
      )
      const deadline = setTimeout(() => {
        finish(null, 'no answer in time')
        request.destroy()
      }, world.deadlineMs)
      request.on('error', (error: NodeJS.ErrnoException) =>
        finish(null, error.code === 'ECONNREFUSED' ? 'nobody listens' : 'connection broke'),
      )
      request.end(body)
    })

  const encode = (items: readonly Outgoing[], twice: boolean): string => {
    const entries: JsonObject[] = []
    const time = world.clock()
    let last: { page: Page; slot: string; list: JsonObject[] } | null = null
    for (const item of twice ? items.flatMap((one) => [one, one]) : items) {
      if (last === null || last.page !== item.page || last.slot !== item.slot) {
        last = { page: item.page, slot: item.slot, list: [] }
        entries.push({ id: item.page.id, time, [item.slot]: last.list })
      }
      last.list.push(item.event)
    }
    const json = JSON.stringify({ object: 'page', entry: entries })
    return escape ? escapeJson(json) : json
  }

  const succeeded = (items: readonly Outgoing[]): void => {
    for (const item of items) failing.delete(item.page.id)
  }
  /** After 15 minutes an alert, after an hour the app loses the Page (reference §5). */
  const noteFailure = (items: readonly Outgoing[]): void => {
    const now = world.clock()
    for (const page of new Set(items.map((item) => item.page))) {
      const state = failing.get(page.id) ?? { since: now, alerted: false }
      failing.set(page.id, state)
      if (!state.alerted && now - state.since >= 15 * minuteMs) {
        state.alerted = true
        alert(`Webhooks of ${page.name} have been failing for 15 minutes`)
      }
      if (now - state.since >= hourMs && page.subscriptions.delete(app.appId)) {
        failing.delete(page.id)
        alert(`Webhooks disabled: the app was unsubscribed from ${page.name} after an hour of failure`)
      }
    }
  }

  /** Sends one POST with its immediate retries; what still fails goes to the back-off, and so out of order. */
  const carry = async (items: Outgoing[]): Promise<void> => {
    const twice = double.left > 0 && double.how === 'same_post'
    const again = double.left > 0 && double.how === 'again'
    if (twice || again) double.left--
    const text = encode(items, twice)
    const body = Buffer.from(text)
    const signature = signBody(app.key, body)
    const hook: Hook = {
      seq: ++world.seq,
      at: world.clock(),
      events: items.map((item) => item.name),
      psids: [...new Set(items.map((item) => item.psid))],
      body: text,
      state: 'sending',
      attempts: [],
      doubled: twice || again,
    }
    log.push(hook)
    show(hook)
    counters.events += items.length
    for (let attempt = 0; attempt <= world.retry.immediate && !stop.signal.aborted; attempt++) {
      if (attempt > 0) counters.retries++
      counters.posts++
      const result = await post(body, signature)
      hook.attempts.push(result)
      if (result.status === 200) {
        if (again) {
          counters.doubled++
          hook.attempts.push(await post(body, signature))
        } else if (twice) counters.doubled++
        counters.answered++
        hook.state = 'answered'
        show(hook)
        succeeded(items)
        settle(items, true)
        return
      }
      counters.failed++
      if (result.why === 'no answer in time') counters.timedOut++
      noteFailure(items)
    }
    hook.state = 'retrying'
    for (const item of items) item.attempts++
    const tries = items[0]?.attempts ?? 1
    const backoff = world.retry.backoffMs
    const wait = backoff[Math.min(tries, backoff.length) - 1]
    const alive = items.filter((item) => item.page.subscriptions.has(app.appId))
    const lost = items.filter((item) => !alive.includes(item))
    if (wait === undefined || stop.signal.aborted) lost.push(...alive.splice(0))
    if (lost.length > 0) {
      counters.lost += lost.length
      hook.state = alive.length > 0 ? 'retrying' : 'lost'
      settle(lost, false)
    }
    show(hook)
    if (alive.length > 0 && wait !== undefined) {
      waiting += alive.length
      later(wait, () => {
        counters.retries++
        waiting -= alive.length
        for (const item of alive) enqueue(item)
      })
    }
  }

  const work = async (lane: (typeof lanes)[number]): Promise<void> => {
    if (lane.busy) return
    lane.busy = true
    try {
      while (lane.head < lane.queue.length && !stop.signal.aborted) {
        if (app.callback !== 'verified' && !(await verify())) {
          later(app.callback === 'refused' ? 2_000 : 400, () => void work(lane))
          return
        }
        const items = lane.queue.slice(lane.head, lane.head + perPost)
        lane.head += items.length
        waiting -= items.length
        if (lane.head > 1024 || lane.head === lane.queue.length) {
          lane.queue.splice(0, lane.head)
          lane.head = 0
        }
        await carry(items)
      }
    } finally {
      lane.busy = false
    }
  }

  const laneOf = (psid: string): (typeof lanes)[number] => {
    let hash = 0
    for (let index = 0; index < psid.length; index++) hash = (hash * 31 + psid.charCodeAt(index)) | 0
    return lanes[Math.abs(hash) % laneCount] as (typeof lanes)[number]
  }
  const enqueue = (item: Outgoing): void => {
    const lane = laneOf(item.psid)
    lane.queue.push(item)
    waiting++
    if (!lane.busy) void work(lane)
  }

  const handshake = async (): Promise<boolean> => {
    counters.handshakes++
    const challenge = String(randomBytes(4).readUInt32BE())
    const url = new URL(app.callbackUrl)
    url.searchParams.set('hub.mode', 'subscribe')
    url.searchParams.set('hub.challenge', challenge)
    url.searchParams.set('hub.verify_token', app.verifyToken)
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(world.deadlineMs), redirect: 'manual' })
      const text = await answer.text()
      const right = answer.status === 200 && text === challenge
      if (!right && app.callback !== 'refused')
        alert(`The callback answered the handshake with ${answer.status} instead of the challenge`)
      app.callback = right ? 'verified' : 'refused'
    } catch {
      app.callback = 'unverified'
    }
    return app.callback === 'verified'
  }
  /** One handshake at a time; whoever asks meanwhile shares its answer. */
  const verify = (): Promise<boolean> => {
    verifying ??= handshake().finally(() => {
      verifying = null
    })
    return verifying
  }

  return {
    push: (item) => {
      if (stop.signal.aborted || waiting >= bounds.queuedEvents) {
        counters.lost++
        item.carried?.(false)
        return
      }
      unsettled++
      enqueue(item)
    },
    verify,
    idle: () => (unsettled === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    counters,
    get waiting() {
      return unsettled
    },
    log,
    doubleNext: (count, how) => {
      double = { left: count, how }
    },
    get doublesLeft() {
      return double.left
    },
    close: () => {
      stop.abort()
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      agents.plain.destroy()
      agents.secure.destroy()
      for (const idler of idlers.splice(0)) idler()
    },
  }
}
