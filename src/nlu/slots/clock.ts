import { type Scene, sizeAt, word } from './scene.ts'
import type { Token } from './token.ts'

/** Times of day, so that their figures are no amounts: "10:30", "at 5pm", "25 to 7 p.m.", "17h30", "a las 5". */
export function clockAt(scene: Scene, at: number): number | null {
  const { tokens } = scene
  const token = tokens[at]
  if (token?.kind === 'word') {
    if (/^(?:at|las)$/.test(token.word) && /^\d{1,2}$/.test(tokens[at + 1]?.raw ?? '')) {
      const then = clockAt(scene, at + 1)
      if (then) return then
      const next = tokens[at + 2]
      if (
        token.word === 'las' &&
        tokens[at - 1]?.word === 'a' &&
        Number(tokens[at + 1]?.raw) <= 24 &&
        !next?.glued
      )
        return at + 2
    }
    if (
      /^(?:half|quarter)$/.test(token.word) &&
      /^(?:past|to)$/.test(tokens[at + 1]?.word ?? '') &&
      /^\d{1,2}$/.test(tokens[at + 2]?.raw ?? '')
    )
      return meridiem(tokens, at + 3) ?? at + 3
    return null
  }
  if (token?.kind !== 'number' || !/^\d{1,2}(?:\.\d\d)?$/.test(token.raw)) return null
  const [sign, minutes] = [tokens[at + 1], tokens[at + 2]]
  if (sign?.glued && sign.raw === ':' && minutes?.glued && /^\d\d$/.test(minutes.raw))
    return meridiem(tokens, at + 3) ?? at + 3
  const m = meridiem(tokens, at + 1)
  if (m) return m
  if (sign?.word === 'h' && Number(token.raw) <= 24)
    return minutes?.glued && /^\d\d$/.test(minutes.raw) ? at + 3 : at + 2
  if (sign?.word === 'oclock') return at + 2
  if (
    /^\d\d$/.test(sign?.raw ?? '') &&
    Number(token.raw) <= 12 &&
    (meridiem(tokens, at + 2) || (word(scene, at + 2).dayPart && scene.words[at + 2]?.size !== 1))
  )
    return meridiem(tokens, at + 2) ?? at + 2 + sizeAt(scene, at + 2)
  if (word(scene, at + 1).dayPart && scene.words[at + 1]?.size !== 1 && Number(token.raw) <= 12)
    return at + 1 + sizeAt(scene, at + 1)
  if (/^(?:past|to)$/.test(sign?.word ?? '') && /^\d{1,2}$/.test(minutes?.raw ?? '')) {
    const end = meridiem(tokens, at + 3)
    if (
      Number(token.raw) < 30 &&
      Number(minutes?.raw) <= 24 &&
      (end || sign?.word === 'past' || (Number(token.raw) % 5 === 0 && Number(minutes?.raw) <= 12))
    )
      return end ?? at + 3
  }
  return null
}

/** "pm", "p.m.", "a. m." */
function meridiem(tokens: readonly Token[], at: number): number | null {
  const said = tokens[at]?.word ?? ''
  if (said === 'am' || said === 'pm') return at + 1
  if ((said === 'a' || said === 'p') && tokens[at + 1]?.raw === '.' && tokens[at + 2]?.word === 'm')
    return tokens[at + 3]?.raw === '.' ? at + 4 : at + 3
  return null
}
