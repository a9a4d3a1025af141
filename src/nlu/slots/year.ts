import { movesMoney } from './amount-words.ts'
import { yearOf } from './calendar.ts'
import { type Found, lengthOf, sure } from './said.ts'
import { has, type Scene, sizeAt, skip, word } from './scene.ts'
import { link } from './time-words.ts'
import { unitAt } from './unit.ts'

export function yearNumber(scene: Scene, at: number): number | null {
  const raw = scene.tokens[at]?.raw ?? ''
  if (!/^(?:19[5-9]\d|20\d\d)$/.test(raw)) return null
  const next = scene.tokens[at + 1]
  return next?.kind === 'sign' ||
    (next && /^(?:dollars?|bucks?|euros?|pounds?|dolares|pesos)$/.test(next.word))
    ? null
    : Number(raw)
}

/** "last year", "this year", "del año pasado", "de cette année" after a month. */
export function relYearAt(scene: Scene, at: number): { year: number; next: number } | null {
  const found = unitAt(scene, at, true)
  if (found?.said.as !== 'sure' || lengthOf(found.said.stretch) !== 'year') return null
  return { year: found.said.stretch.from.year, next: found.next }
}

/** "in 2023", "2023 vs 2024", "el año 2023"; a bare figure elsewhere is no year. */
export function yearAt(scene: Scene, at: number): Found | null {
  const { tokens } = scene
  let inner = at
  if (word(scene, at).unit === 'year') inner = skip(scene, at + sizeAt(scene, at), true)
  const year = yearNumber(scene, inner)
  if (year === null || year > scene.now.year + 10) return null
  const before = tokens[at - 1]?.word ?? ''
  const after = tokens[inner + 1]?.word ?? ''
  const linked =
    inner > at ||
    (has(
      scene,
      at - 1,
      link.at |
        link.since |
        link.until |
        link.before |
        link.after |
        link.of |
        link.by |
        link.from |
        link.between |
        link.and,
    ) &&
      (scene.words[at - 1]?.size ?? 0) === 1)
  const compared = /^(?:vs|versus|contra|contre)$/.test(before) || /^(?:vs|versus|contra|contre)$/.test(after)
  // "tax documents 2024", "gastos 2025": the last word, and no money is moved.
  const closing =
    inner === tokens.length - 1 &&
    inner > 0 &&
    tokens[inner - 1]?.kind === 'word' &&
    !/^(?:over|under|above|below|about|than|que|exactly|least)$/.test(before) &&
    !tokens.some((token) => movesMoney(token.word)) &&
    year <= scene.now.year + 1 &&
    year >= scene.now.year - 20
  if (!linked && !compared && !closing && !scene.trusted) return null
  // "for 2000 to mom" and "pay 2024 to …" are money; years bank customers name are near.
  if (/^(?:for|over|por|pour|to|a)$/.test(before) && Math.abs(year - scene.now.year) > 30) return null
  return sure(yearOf(year), inner + 1)
}
