import { createWriteStream, type WriteStream } from 'node:fs'
import type { Seen } from './phone/wire.ts'

/** One request of a bot, byte for byte. `parts` of a batch are entries of their own, with `batch: true`. */
export type Recorded = {
  readonly seq: number
  readonly at: number
  readonly method: string
  /** Path and query as sent, with any token in the query blanked. */
  readonly path: string
  /** Name, value, name, value; the value of `authorization` is blanked. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer | null
  readonly batch: boolean
  psid: string | null
  pageId: string | null
  status: number | null
  refused: string | null
}

export type Recorder = {
  record(entry: Omit<Recorded, 'seq' | 'psid' | 'pageId' | 'status' | 'refused'>): Recorded
  /** Called once the answer is known. */
  settle(entry: Recorded): void
  entries(since?: number): Recorded[]
  /** Every entry as text, once it is settled. */
  readonly listeners: Set<(entry: Recorded) => void>
  clear(): void
  readonly total: number
  readonly bytes: number
  close(): Promise<void>
}

const secretInText = /((?:access_token|appsecret_proof)(?:"\s*:\s*"|=|%22%3A%22))[^&"\s]+/gi
/** Blanks what would let a reader of the record act as the bot. */
export const blankSecrets = (text: string): string =>
  text.includes('access_token') || text.includes('appsecret_proof')
    ? text.replace(secretInText, '$1[token]')
    : text

/** Keeps every byte received, bounded by number and size; with `file`, also as one JSON object a line. */
export function createRecorder(
  options: { entries?: number; bytes?: number; file?: string },
  firstSeq: () => number,
): Recorder {
  const maxEntries = options.entries ?? 20_000
  const maxBytes = options.bytes ?? 64 * 1024 * 1024
  const listeners = new Set<(entry: Recorded) => void>()
  const file: WriteStream | null =
    options.file === undefined ? null : createWriteStream(options.file, { flags: 'a' })
  let kept: (Recorded | undefined)[] = []
  let head = 0
  let bytes = 0
  let total = 0
  const trim = (): void => {
    while (kept.length - head > maxEntries || bytes > maxBytes) {
      bytes -= kept[head]?.body?.length ?? 0
      kept[head++] = undefined
      if (head === kept.length) break
    }
    if (head > 4096 && head * 2 > kept.length) {
      kept = kept.slice(head)
      head = 0
    }
  }
  return {
    record: (given) => {
      const entry: Recorded = {
        ...given,
        seq: firstSeq(),
        psid: null,
        pageId: null,
        status: null,
        refused: null,
      }
      kept.push(entry)
      bytes += entry.body?.length ?? 0
      total++
      trim()
      return entry
    },
    settle: (entry) => {
      if (file) file.write(`${JSON.stringify(recordedJson(entry))}\n`)
      for (const listener of listeners) listener(entry)
    },
    entries: (since = 0) =>
      kept.slice(head).filter((entry): entry is Recorded => entry !== undefined && entry.seq > since),
    listeners,
    clear: () => {
      kept = []
      head = 0
      bytes = 0
    },
    get total() {
      return total
    },
    get bytes() {
      return bytes
    },
    close: () => new Promise((resolve) => (file ? file.end(resolve) : resolve())),
  }
}

const headersOf = (raw: readonly string[]): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (let index = 0; index + 1 < raw.length; index += 2) {
    headers[(raw[index] as string).toLowerCase()] = raw[index + 1] as string
  }
  return headers
}

/** An entry as `GET /sandbox/recorded` and the file show it. */
export const recordedJson = (entry: Recorded): Record<string, unknown> => ({
  seq: entry.seq,
  at: entry.at,
  method: entry.method,
  path: blankSecrets(entry.path),
  headers: headersOf(entry.rawHeaders),
  body: entry.body === null ? null : blankSecrets(entry.body.toString('utf8')),
  batch: entry.batch,
  psid: entry.psid,
  page: entry.pageId,
  status: entry.status,
  refused: entry.refused,
})

export const seenView = (entry: Recorded): Seen => ({
  seq: entry.seq,
  at: entry.at,
  method: entry.method,
  path: blankSecrets(entry.path),
  body:
    entry.body === null || entry.body.length === 0
      ? null
      : blankSecrets(entry.body.toString('utf8', 0, 100_000)),
  psid: entry.psid,
  pageId: entry.pageId,
  status: entry.status,
  refused: entry.refused,
  batch: entry.batch,
})
