import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Context, Hono } from 'hono'
import { parseTilePath, type TileName } from '../tlog/tile.ts'

/** The part of the log that is served (a Tlog fits). */
export type LogFiles = {
  checkpointNote(): Promise<string | null>
  tile(name: TileName): Promise<Buffer | null>
}

export type LogDeps = {
  readonly tlog: LogFiles
  /**
   * May this caller read the entries themselves? Hashes and checkpoints are for everyone; entries hold no content, but
   * their times and counts may be judged too telling to publish. Everyone may unless told.
   */
  readonly mayReadEntries?: (c: Context) => boolean | Promise<boolean>
}

/** Content never changes under a tile's name (C2SP tlog-tiles, "Merkle Tree"). */
const forever = 'public, max-age=31536000, immutable'
const zip = promisify(gzip)

/**
 * The disclosure log as files (C2SP tlog-tiles), with their full paths: `/log/checkpoint`, `/log/tile/<L>/<N>[.p/<W>]`,
 * `/log/tile/entries/<N>[.p/<W>]`. 400 for a path that is no tile's name, 404 for a tile the log does not have.
 */
export function logRoutes({ tlog, mayReadEntries }: LogDeps): Hono {
  const app = new Hono()
  const plain = (c: Context, status: 400 | 403 | 404, says: string) =>
    c.text(`${says}\n`, status, { 'cache-control': 'no-store' })

  app.get('/log/checkpoint', async (c) => {
    const note = await tlog.checkpointNote()
    if (note === null) return plain(c, 404, 'Nothing is signed yet.')
    return c.body(note, 200, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=1',
      'access-control-allow-origin': '*',
    })
  })

  app.get('/log/tile/*', async (c) => {
    // The raw path: an escaped or otherwise differently spelt name is not the name of a tile.
    const name = parseTilePath(new URL(c.req.url).pathname.slice('/log/'.length))
    if (!name) return plain(c, 400, 'This is not the path of a tile.')
    if (name.level === 'entries' && mayReadEntries && !(await mayReadEntries(c)))
      return plain(c, 403, 'The entries of this log are not public; its tiles and checkpoints are.')
    const bytes = await tlog.tile(name)
    if (!bytes) return plain(c, 404, 'The log does not have this tile.')
    const headers: Record<string, string> = {
      'content-type': 'application/octet-stream',
      'cache-control': name.level === 'entries' && mayReadEntries ? 'private, no-store' : forever,
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    }
    if (name.level !== 'entries') return c.body(new Uint8Array(bytes), 200, headers)
    // Hashes do not compress; entries do ("Log entries": bundles should be compressed).
    headers['vary'] = 'accept-encoding'
    if (!/\bgzip\b/.test(c.req.header('accept-encoding') ?? ''))
      return c.body(new Uint8Array(bytes), 200, headers)
    return c.body(new Uint8Array(await zip(bytes)), 200, { ...headers, 'content-encoding': 'gzip' })
  })
  return app
}
