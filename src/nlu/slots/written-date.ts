import { dayOf, oneDay, type Stretch } from './calendar.ts'
import { type Found, sure } from './said.ts'
import type { Scene } from './scene.ts'

/** 2024-05-01, 3/14, 9/3/2019, 3-14-24: day and month by region; a figure over twelve decides by itself. */
export function writtenDate(scene: Scene, at: number): Found | null {
  const { tokens } = scene
  const [a, sign, b, sign2, c] = [tokens[at], tokens[at + 1], tokens[at + 2], tokens[at + 3], tokens[at + 4]]
  if (a?.kind !== 'number') return null
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})$/.exec(a.raw)
  if (dotted) return sure(asDay(Number(dotted[1]), Number(dotted[2]), yearFrom(dotted[3] as string)), at + 1)
  if (!sign?.glued || !b?.glued || b.kind !== 'number' || !/^[/-]$/.test(sign.raw)) return null
  const three = sign2?.glued && sign2.raw === sign.raw && c?.glued && c.kind === 'number'
  if (/^(?:19|20)\d\d$/.test(a.raw) && three)
    return sure(asDay(Number(c.raw), Number(b.raw), Number(a.raw)), at + 5)
  if (!/^\d{1,2}$/.test(a.raw) || !/^\d{1,2}$/.test(b.raw)) return null
  const [one, two] = [Number(a.raw), Number(b.raw)]
  const monthFirst = two > 12 || (one <= 12 && monthComesFirst(scene))
  const [month, day] = monthFirst ? [one, two] : [two, one]
  if (three) {
    if (!/^(?:\d{2}|\d{4})$/.test(c.raw)) return null
    return sure(asDay(day, month, yearFrom(c.raw)), at + 5)
  }
  if (sign.raw === '-' || month > 12 || day > 31 || month < 1 || day < 1) return null
  return { said: { as: 'day', day, month }, next: at + 3 }
}

/** CLDR 47: m/d in en-US and es-US; French Canada and Britain put the day first, and Canadian English the month, mostly. */
const monthComesFirst = (scene: Scene): boolean => scene.language !== 'fr' && scene.region !== 'GB'

const yearFrom = (text: string): number => (text.length === 2 ? 2000 + Number(text) : Number(text))

const asDay = (day: number, month: number, year: number): Stretch | null => {
  const there = dayOf(year, month, day)
  return there && oneDay(there)
}
