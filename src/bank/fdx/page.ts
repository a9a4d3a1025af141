import type { BankCursor } from '../cursor.ts'
import type { FdxList } from './shape.ts'

/** `nextPageKey`, else the older `nextOffset`, else what the `next` link carries (FDX §1.2: both live). */
export function cursorOf(list: FdxList): BankCursor | null {
  if (list.page?.nextPageKey) return { kind: 'key', cursor: list.page.nextPageKey }
  if (list.page?.nextOffset) return { kind: 'offset', cursor: list.page.nextOffset }
  const href = list.links?.next?.href
  if (!href || !URL.canParse(href, 'https://bank.invalid')) return null
  const parameters = new URL(href, 'https://bank.invalid').searchParams
  const key = parameters.get('pageKey')
  if (key) return { kind: 'key', cursor: key }
  for (const name of ['offset', 'offSet']) {
    const offset = parameters.get(name)
    if (offset) return { kind: 'offset', cursor: offset }
  }
  return null
}
