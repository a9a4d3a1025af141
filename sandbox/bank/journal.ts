import { mkdir, open, readFile, rename } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

/**
 * What one sandbox bank remembers: a map kept in memory and, where a path is given, in an append-only file of JSON
 * lines. A line is durable when `set` resolves; a line torn by a crash is dropped on the next open.
 */
export type Journal = {
  get(key: string): unknown
  /** Every entry whose key starts with the prefix, in the order they were first written. */
  all(prefix: string): readonly (readonly [key: string, value: unknown])[]
  set(key: string, value: unknown): Promise<void>
  delete(key: string): Promise<void>
  clear(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const lineShape = z.union([
  z.object({ k: z.string(), v: z.unknown() }),
  z.object({ d: z.string() }),
  z.object({ clear: z.literal(true) }),
])

function replay(text: string): { entries: Map<string, unknown>; lines: number } {
  const entries = new Map<string, unknown>()
  let lines = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    lines++
    let parsed: unknown
    try {
      parsed = JSON.parse(line)
    } catch {
      continue
    }
    const entry = lineShape.safeParse(parsed)
    if (!entry.success) continue
    if ('k' in entry.data) entries.set(entry.data.k, entry.data.v)
    else if ('d' in entry.data) entries.delete(entry.data.d)
    else entries.clear()
  }
  return { entries, lines }
}

/** Opens (or creates) a journal. `path` null keeps it in memory only. */
export async function openJournal(path: string | null): Promise<Journal> {
  let entries = new Map<string, unknown>()
  let file: FileHandle | null = null
  let waiting: string[] = []
  let writing: Promise<void> | null = null

  if (path !== null) {
    await mkdir(dirname(path), { recursive: true })
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    const found = replay(text)
    entries = found.entries
    // Rewritten whole, and swapped in by rename, when it is mostly history or ends in a torn line.
    if (found.lines > 2 * entries.size + 100 || (text !== '' && !text.endsWith('\n'))) {
      const draft = await open(`${path}.new`, 'w', 0o600)
      for (const [k, v] of entries) await draft.write(`${JSON.stringify({ k, v })}\n`)
      await draft.sync()
      await draft.close()
      await rename(`${path}.new`, path)
    }
    file = await open(path, 'a', 0o600)
  }

  async function drain(handle: FileHandle): Promise<void> {
    try {
      while (waiting.length > 0) {
        const batch = waiting.join('')
        waiting = []
        await handle.write(batch)
        await handle.datasync()
      }
    } finally {
      // In the same tick as the last look at `waiting`, so that no line is ever left without a writer.
      writing = null
    }
  }

  function append(line: unknown): Promise<void> {
    if (file === null) return Promise.resolve()
    const handle = file
    waiting.push(`${JSON.stringify(line)}\n`)
    // One writer; lines that arrive while it is writing share the next sync. It takes all lines before it stops,
    // so waiting for it is waiting for this line.
    writing ??= Promise.resolve().then(() => drain(handle))
    return writing
  }

  return {
    get: (key) => entries.get(key),
    all: (prefix) => [...entries].filter(([key]) => key.startsWith(prefix)),
    set(key, value) {
      entries.set(key, value)
      return append({ k: key, v: value })
    },
    delete(key) {
      if (!entries.delete(key)) return Promise.resolve()
      return append({ d: key })
    },
    clear() {
      entries.clear()
      return append({ clear: true })
    },
    async [Symbol.asyncDispose]() {
      await writing
      const handle = file
      file = null
      await handle?.close()
    },
  }
}
