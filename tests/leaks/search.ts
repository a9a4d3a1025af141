import type { Canary } from './canary.ts'

/**
 * Finds canaries in bytes, however they were spelled on the way: escapes are undone layer by layer, packed texts
 * (base64, hex) are unpacked, letters and digits are folded to one form, and what stands between them is dropped.
 */
export type Search = {
  /** Every canary in a text, each once. `layers`: how deep encodings may lie in each other. */
  find(text: string, layers?: number): Set<Canary>
  /** The same for bytes that are no text (a sealed box). */
  findInBytes(bytes: Buffer): Set<Canary>
}

const wordSign = /zq[a-p]{8}/g
const wordSignBackwards = /[a-p]{8}qz/g
const backwards = (text: string): string => [...text].reverse().join('')
const whole = [9, 11, 12] as const

export function openSearch(canaries: readonly Canary[]): Search {
  const words = new Map<string, Canary[]>()
  /** By all digits of a large figure, also without its cents. */
  const long = new Map<string, Canary[]>()
  /** Short figures, which count only where they stand by themselves. */
  const short = new Map<string, Canary[]>()
  const put = (map: Map<string, Canary[]>, sign: string, canary: Canary): void => {
    const known = map.get(sign)
    if (known) known.push(canary)
    else map.set(sign, [canary])
  }
  for (const canary of canaries) {
    const { sign } = canary
    if (!/^\d+$/.test(sign)) put(words, sign, canary)
    else if (sign.length >= 11) {
      put(long, sign, canary)
      if (sign.length === 11) put(long, sign.slice(0, -2), canary)
    } else put(short, sign, canary)
  }

  const inWords = (text: string, found: Set<Canary>): void => {
    if (!/z/i.test(text)) return
    const letters = text
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^\p{L}\p{Nd}]/gu, '')
    for (const [sign] of letters.matchAll(wordSign)) for (const one of words.get(sign) ?? []) found.add(one)
    for (const [sign] of letters.matchAll(wordSignBackwards))
      for (const one of words.get(backwards(sign)) ?? []) found.add(one)
  }
  const inDigits = (text: string, found: Set<Canary>): void => {
    if (!/\p{Nd}/u.test(text)) return
    const plain = text
      .normalize('NFKC')
      .replaceAll('\u066b', '.')
      .replaceAll('\u066c', ',')
      .replace(/(?![0-9])\p{Nd}/gu, asciiDigit)
    const joined = plain.replace(/(?<=\d)[\s\0,.'’_-]{1,3}(?=\d)/g, '')
    for (const [run] of joined.matchAll(/\d{9,}/g))
      for (const digits of [run, backwards(run)])
        for (const length of whole)
          for (let from = 0; from + length <= digits.length; from++)
            // Nine digits in the middle of more are chance; eleven are not.
            for (const one of long.get(digits.slice(from, from + length)) ?? [])
              if (length > 9 || digits.length === 9) found.add(one)
    // A figure by itself (after a percent sign stands an escape, not a figure): 1,234.56 · 1.234,56 · 1 234,56 · 1234.56 · 123456
    for (const [, figure = ''] of plain.matchAll(
      /(?<![\p{L}\p{Nd}.,%])(\d[\d\s\u202f,.'’]{2,14}\d)(?![\p{L}\p{Nd}])/gu,
    )) {
      const parts = /^(.*?)[.,](\d{2})$/.exec(figure)
      const minor = parts ? `${parts[1]}${parts[2]}` : figure
      for (const one of short.get(minor.replace(/\D/g, '')) ?? []) found.add(one)
    }
  }
  const look = (text: string, layers: number, seen: Set<string>, found: Set<Canary>): void => {
    if (seen.has(text)) return
    seen.add(text)
    inWords(text, found)
    inDigits(text, found)
    if (layers === 0) return
    for (const next of unpacked(text)) look(next, layers - 1, seen, found)
  }
  return {
    find(text, layers = 4) {
      const found = new Set<Canary>()
      look(text, layers, new Set(), found)
      return found
    },
    findInBytes(bytes) {
      const found = new Set<Canary>()
      for (const text of readings(bytes)) {
        inWords(text, found)
        inDigits(text, found)
      }
      return found
    },
  }
}

function asciiDigit(digit: string): string {
  const at = digit.codePointAt(0) ?? 0
  for (let value = 0; value < 10; value++)
    if (!/\p{Nd}/u.test(String.fromCodePoint(at - value - 1))) return String(value)
  return digit
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  comma: ',',
  period: '.',
}

/** Each way in which a text may be wrapped, undone once. */
function* unpacked(text: string): Generator<string> {
  if (/%[0-9a-f]{2}/i.test(text)) {
    const spaced = text.replaceAll('+', ' ')
    yield Buffer.from(
      spaced.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString('utf8') || spaced
    yield spaced.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
      Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
    )
  }
  if (text.includes('\\'))
    yield text.replace(
      /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/gi,
      (_, four?: string, two?: string, one?: string) => {
        if (one !== undefined) return 'nrtbf'.includes(one) ? ' ' : one
        return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(four ?? two ?? '', 16)))
      },
    )
  if (/&[#a-z]/i.test(text))
    yield text.replace(
      /&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));?/gi,
      (wholeText, hex?: string, dec?: string, name?: string) =>
        name !== undefined
          ? (named[name.toLowerCase()] ?? wholeText)
          : String.fromCodePoint(
              Math.min(0x10ffff, hex === undefined ? Number(dec) : Number.parseInt(hex, 16)),
            ),
    )
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{7,}/g)) {
    // A packed text may begin anywhere in a run of letters.
    if (run.length > 4_000) continue
    for (let from = 0; from < Math.min(4, run.length); from++) {
      const bytes = Buffer.from(run.slice(from), 'base64')
      if (looksWritten(bytes)) yield* readings(bytes)
    }
    for (let from = 0; from < 2; from++) {
      const hex = /^(?:[0-9a-f]{2}){5,}/i.exec(run.slice(from))?.[0]
      if (hex === undefined) continue
      const bytes = Buffer.from(hex, 'hex')
      if (looksWritten(bytes)) yield* readings(bytes)
    }
  }
}

/** Bytes as the texts they may be: one byte a letter, UTF-8, and two bytes a letter where every other one is zero. */
function readings(bytes: Buffer): string[] {
  const utf8 = bytes.toString('utf8')
  const latin1 = bytes.toString('latin1')
  const twoByte = latin1.split('\0').length > bytes.length / 16 ? [pairs(bytes, 0), pairs(bytes, 1)] : []
  return [...(utf8.includes('\ufffd') ? [latin1] : []), utf8, ...twoByte]
}

const pairs = (bytes: Buffer, from: number): string => {
  let text = ''
  for (let at = from; at + 1 < bytes.length; at += 2) text += String.fromCharCode(bytes.readUInt16LE(at))
  return text
}

/** Has this five signs in a row that somebody could have written? Random bytes hardly ever have more. */
const looksWritten = (bytes: Buffer): boolean =>
  /[\x20-\x7e]{5}/.test(bytes.toString('latin1').replaceAll('\0', '')) ||
  /(?:\p{Nd}.?){5}/u.test(bytes.toString('utf8'))
