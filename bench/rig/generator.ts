import { connect, type Socket } from 'node:net'
import { answerParent, Series, sharedNow } from './child.ts'
import { userOf, webhookMaker } from './webhook.ts'

/*
 * The load: signed webhooks over raw sockets, as a process of its own. A customer always comes over the same
 * connection, so the order of one customer's events is the order in which they are sent.
 */
export type Load = {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly secret: string
  readonly text: string
  /** Keeps message ids of different runs apart. */
  readonly run: string
  readonly sha1: boolean
  readonly connections: number
  readonly seconds: number
  /** Events a second, each at its own time whatever came of those before; null = the next when the last is answered. */
  readonly rate: number | null
  /** Customers `first` … `first + customers - 1`, taken in turn. */
  readonly first: number
  readonly customers: number
  /** Stops after so many events. */
  readonly events?: number
  /** Customers are drawn in this order instead of one after the other: `first + (n × stride) mod customers`. */
  readonly stride?: number
  /** Only so many of them speak: then the drawing begins anew. */
  readonly speakers?: number
  /** Where replies are told of: then, without a rate, a connection's next event also waits for the reply to its last. */
  readonly repliesFrom?: number
}

export type Loaded = {
  readonly sent: number
  readonly acked: number
  /** Answers other than 200. */
  readonly refused: number
  /** For each event in order of its sending: whose it was, when it was due, how long its answer took (ms, NaN = none). */
  readonly users: Float64Array
  readonly dueAt: Float64Array
  readonly ackMs: Float64Array
}

/**
 * One connection: the event it waits for (−1 = none), whether its reply is still awaited, and what is due on it (time,
 * customer, time, customer …).
 */
type Line = {
  socket: Socket
  busy: number
  unreplied: boolean
  queue: number[]
  buffer: string
  next: number
}

async function run(load: Load): Promise<Loaded> {
  const make = webhookMaker({ ...load, host: `${load.host}:${load.port}` })
  const stride = load.stride ?? 1
  const speakers = load.speakers ?? load.customers
  const users = new Series()
  const dueAt = new Series()
  const ackMs: number[] = []
  let sent = 0
  let acked = 0
  let refused = 0
  let broken = false
  const most = load.events ?? Number.POSITIVE_INFINITY
  const lines: Line[] = []
  const lineOf = new Map<number, Line>()
  const onReply = load.repliesFrom !== undefined && load.rate === null
  let replies: Socket | null = null
  const began = sharedNow()
  const until = began + load.seconds * 1_000

  const pick = (n: number): number => load.first + (((n % speakers) * stride) % load.customers)

  function write(line: Line, customer: number, due: number): void {
    const n = sent++
    users.push(customer)
    dueAt.push(due)
    ackMs.push(Number.NaN)
    line.busy = n
    if (onReply) {
      line.unreplied = true
      lineOf.set(customer, line)
    }
    line.socket.write(make(userOf(customer), n, Date.now()), 'latin1')
  }

  /** Closed loop: a connection takes its own customers in turn. */
  function nextOf(line: Line): void {
    if (load.rate !== null) {
      const due = line.queue.shift()
      if (due !== undefined) write(line, line.queue.shift() as number, due)
      return
    }
    const now = sharedNow()
    if (now >= until || sent >= most || broken) return
    const n = line.next
    line.next += load.connections
    write(line, pick(n), now)
  }

  function answered(line: Line, status: string): void {
    const n = line.busy
    if (n < 0) return
    line.busy = -1
    ackMs[n] = sharedNow() - dueAt.at(n)
    if (status === '200') acked++
    else {
      refused++
      line.unreplied = false
    }
    if (!line.unreplied) nextOf(line)
  }

  function read(line: Line, chunk: string): void {
    line.buffer += chunk
    for (;;) {
      const end = line.buffer.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = line.buffer.slice(0, end)
      const length = /content-length: *(\d+)/i.exec(head)?.[1]
      let whole = end + 4
      if (length !== undefined) whole += Number(length)
      else if (/transfer-encoding: *chunked/i.test(head)) {
        const last = line.buffer.indexOf('0\r\n\r\n', whole)
        if (last < 0) return
        whole = last + 5
      }
      if (line.buffer.length < whole) return
      line.buffer = line.buffer.slice(whole)
      answered(line, head.slice(9, 12))
    }
  }

  /** The platform tells whom it took a reply for: four bytes each. */
  async function hearReplies(port: number): Promise<Socket> {
    const socket = connect({ host: load.host, port, noDelay: true })
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const whole = bytes.length - (bytes.length % 4)
      for (let at = 0; at < whole; at += 4) {
        const line = lineOf.get(bytes.readUInt32LE(at))
        if (!line?.unreplied) continue
        line.unreplied = false
        if (line.busy < 0) nextOf(line)
      }
      rest = bytes.subarray(whole)
    })
    socket.on('error', () => socket.destroy())
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    socket.write('REPLIES')
    return socket
  }

  await Promise.all(
    Array.from(
      { length: load.connections },
      (_, index) =>
        new Promise<void>((resolve, reject) => {
          const socket = connect({ host: load.host, port: load.port, noDelay: true })
          const line: Line = { socket, busy: -1, unreplied: false, queue: [], buffer: '', next: index }
          lines[index] = line
          socket.setEncoding('latin1')
          socket.once('connect', resolve)
          socket.on('error', (error) => {
            broken = true
            reject(error)
          })
          socket.on('close', () => {
            broken = true
          })
          socket.on('data', (chunk: string) => read(line, chunk))
        }),
    ),
  )

  if (onReply) replies = await hearReplies(load.repliesFrom ?? 0)
  if (load.rate === null) {
    for (const line of lines) nextOf(line)
    while (sharedNow() < until && sent < most && !broken) await pause(20)
  } else {
    const gap = 1_000 / load.rate
    const total = Math.min(most, Math.floor(load.seconds * load.rate))
    for (let n = 0; n < total && !broken; ) {
      const now = sharedNow()
      for (; n < total && began + n * gap <= now; n++) {
        const customer = pick(n)
        const index = customer % load.connections
        const line = lines[index] as Line
        const due = began + n * gap
        if (line.busy < 0) write(line, customer, due)
        else line.queue.push(due, customer)
      }
      await pause(1)
    }
  }
  const patience = sharedNow() + 20_000
  while (lines.some((line) => line.busy >= 0 || line.queue.length > 0) && sharedNow() < patience && !broken)
    await pause(5)
  for (const line of lines) line.socket.destroy()
  replies?.destroy()
  return {
    sent,
    acked,
    refused,
    users: users.values(),
    dueAt: dueAt.values(),
    ackMs: Float64Array.from(ackMs),
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

answerParent({ run })
process.send?.({ ready: null })
