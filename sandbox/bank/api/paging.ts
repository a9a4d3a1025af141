import { z } from 'zod'
import type { Institution } from '../institution.ts'

export type Slice<Item> = {
  readonly items: readonly Item[]
  readonly page: Readonly<Record<string, unknown>>
  readonly links: Readonly<Record<string, unknown>> | null
}

const cursorShape = z.tuple([z.string(), z.string()])
const encode = (list: string, after: string): string =>
  Buffer.from(JSON.stringify([list, after])).toString('base64url')

/**
 * One page of a list. `list` names the listing (path and filters), so that a cursor of another one is refused; `keyOf`
 * gives each item a stable key, so that rows arriving between two pages neither repeat nor hide others.
 * Null when the page asked for makes no sense.
 */
export function pageOf<Item>(
  institution: Institution,
  query: URLSearchParams,
  here: { readonly origin: string; readonly path: string },
  list: string,
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Slice<Item> | null {
  const limitText = query.get('limit')
  const limit = limitText === null ? 50 : Number(limitText)
  if (!Number.isInteger(limit) || limit < 1 || limit > 250) return null
  let start = 0
  const old = institution.habits.paging === 'offset'
  if (old) {
    const offset = Number(query.get('offset') ?? '0')
    if (!Number.isInteger(offset) || offset < 0) return null
    start = offset
  } else {
    const key = query.get('pageKey')
    if (key !== null) {
      let parsed: unknown
      try {
        parsed = JSON.parse(Buffer.from(key, 'base64url').toString('utf8'))
      } catch {
        return null
      }
      const cursor = cursorShape.safeParse(parsed)
      if (!cursor.success || cursor.data[0] !== list) return null
      const at = items.findIndex((item) => keyOf(item) === cursor.data[1])
      if (at < 0) return null
      start = at + 1
    }
  }
  const part = items.slice(start, start + limit)
  const last = part.at(-1)
  const more = start + limit < items.length && last !== undefined
  if (!more) return { items: part, page: { totalElements: items.length }, links: null }
  const next = old ? String(start + limit) : encode(list, keyOf(last))
  const rest = new URLSearchParams(query)
  rest.set(old ? 'offset' : 'pageKey', next)
  return {
    items: part,
    page: { [old ? 'nextOffset' : 'nextPageKey']: next, totalElements: items.length },
    links: { next: { href: `${here.origin}${here.path}?${rest.toString()}` } },
  }
}
