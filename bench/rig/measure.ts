import { setTimeout as pause } from 'node:timers/promises'
import type { Child } from './child.ts'
import { cpuOf, cpuOfTree, idleSince } from './cpu.ts'
import { appSecret } from './gateway.ts'
import type { Load, Loaded } from './generator.ts'
import type { Arrived } from './simulator.ts'

/** Someone who takes the webhooks. */
export type Subject = {
  readonly name: string
  readonly port: number
  readonly pid: number
  /** Its database, whose CPU time counts as its own; null for those that keep nothing. */
  readonly postmaster: number | null
  readonly stores: boolean
  readonly sha1: boolean
}
export type Rig = { readonly generator: Child; readonly simulator: Child }
export type Traffic = Pick<Load, 'text' | 'first' | 'customers'> &
  Partial<Pick<Load, 'stride' | 'events' | 'speakers' | 'repliesFrom'>>

/** Quantiles in ms. */
export type Quantiles = { readonly p50: number; readonly p99: number; readonly p999: number }
export type Measured = {
  /** Turns a second whose reply the platform accepted within the window. */
  readonly perSecond: number
  /** CPU microseconds a turn, of the subject and of its database; null where it cannot be read. */
  readonly cpuMicros: { readonly process: number; readonly database: number } | null
  /** From when the event was due to its acknowledgement, and to the reply's arrival at the platform. */
  readonly ack: Quantiles
  readonly reply: Quantiles
  readonly events: number
  /** Acknowledged events without a reply, and replies beyond one an event. */
  readonly lost: number
  readonly twice: number
  readonly refused: number
  /** Share of the machine that nobody used meanwhile. */
  readonly idle: number
}

let runs = 0
/** So many that there is always a batch to make while another is being written: the load itself must not be waited for. */
export const connections = 256

/** Sends webhooks for `warm + seconds` and measures the last `seconds`. `rate` null = as quickly as they are taken. */
export async function measure(
  rig: Rig,
  subject: Subject,
  traffic: Traffic,
  time: { readonly warm: number; readonly seconds: number; readonly rate: number | null },
): Promise<Measured> {
  await rig.simulator.ask('reset')
  const load: Load = {
    host: '127.0.0.1',
    port: subject.port,
    path: '/webhooks/messenger',
    secret: appSecret,
    run: `${(++runs).toString(36).padStart(2, '0')}${Date.now().toString(36)}`,
    sha1: subject.sha1,
    connections,
    seconds: time.warm + time.seconds,
    rate: time.rate,
    ...traffic,
  }
  const loaded = within(load.seconds + 45, rig.generator.ask<Loaded>('run', load))
  loaded.catch(() => {})
  const sample = async () => {
    const { sends } = await rig.simulator.ask<{ sends: number }>('count')
    return {
      sends,
      at: performance.now(),
      own: cpuOf(subject.pid),
      database: subject.postmaster === null ? null : cpuOfTree(subject.postmaster),
    }
  }
  await pause(time.warm * 1_000)
  const busy = idleSince(null)
  const before = await sample()
  const untilEnd = pause(time.seconds * 1_000)
  const finished = traffic.events === undefined ? untilEnd : Promise.race([untilEnd, loaded.then(() => {})])
  await finished
  const after = await sample()
  const { idle } = idleSince(busy.now)
  const result = await loaded
  // What was acknowledged is answered soon; what never is, is lost.
  const patience = performance.now() + 15_000
  for (;;) {
    const { sends } = await rig.simulator.ask<{ sends: number }>('count')
    if (sends >= result.acked || performance.now() > patience) break
    await pause(20)
  }
  const arrived = await rig.simulator.ask<Arrived>('collect')
  const turns = after.sends - before.sends
  const knowsCpu = before.own !== null && after.own !== null && (!subject.stores || after.database !== null)
  const from = (result.dueAt[0] ?? 0) + time.warm * 1_000
  return {
    perSecond: (turns * 1_000) / (after.at - before.at),
    cpuMicros: knowsCpu
      ? {
          process: (((after.own ?? 0) - (before.own ?? 0)) * 1e6) / turns,
          database: (((after.database ?? 0) - (before.database ?? 0)) * 1e6) / turns,
        }
      : null,
    ack: quantiles(result.ackMs.filter((ms, n) => !Number.isNaN(ms) && (result.dueAt[n] ?? 0) >= from)),
    ...matched(result, arrived, from),
    events: result.sent,
    refused: result.refused,
    idle,
  }
}

/**
 * Replies to their events: one customer's replies come in the order of that customer's events, so the n-th belongs to
 * the n-th.
 */
function matched(loaded: Loaded, arrived: Arrived, from: number): Pick<Measured, 'reply' | 'lost' | 'twice'> {
  const replies = new Map<number, number[]>()
  arrived.users.forEach((user, n) => {
    const list = replies.get(user)
    if (list) list.push(arrived.at[n] ?? 0)
    else replies.set(user, [arrived.at[n] ?? 0])
  })
  const waits: number[] = []
  const taken = new Map<number, number>()
  let lost = 0
  loaded.users.forEach((user, n) => {
    const rank = taken.get(user) ?? 0
    const at = replies.get(user)?.[rank]
    if (at === undefined) {
      if (!Number.isNaN(loaded.ackMs[n] ?? Number.NaN)) lost++
      return
    }
    taken.set(user, rank + 1)
    const due = loaded.dueAt[n] ?? 0
    if (due >= from) waits.push(at - due)
  })
  let twice = 0
  for (const [user, list] of replies) twice += list.length - (taken.get(user) ?? 0)
  return { reply: quantiles(Float64Array.from(waits)), lost, twice }
}

function quantiles(values: Float64Array): Quantiles {
  const sorted = values.toSorted()
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}
export const cpuTotal = (measured: Measured): number =>
  measured.cpuMicros === null ? Number.NaN : measured.cpuMicros.process + measured.cpuMicros.database

/** A measurement that hangs says so. */
function within<Value>(seconds: number, work: Promise<Value>): Promise<Value> {
  let late: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error(`the load did not end within ${seconds} s`)), seconds * 1_000)
  })
  return Promise.race([work, deadline]).finally(() => clearTimeout(late))
}
