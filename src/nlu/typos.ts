import { seeded, type Random } from './random.ts'
import type { Language } from './reading.ts'

/**
 * Typing errors as thumbs and hurried spellers make them, one or two a sentence, the same for the same seed. Measures
 * how much of the understanding survives them, and (with other seeds) makes training sentences that have them.
 */

/** Words up to this many letters are left alone: another letter would make them another word. */
const shortest = 4

/** Neighbours on the rows of a QWERTY phone keyboard. */
const qwerty = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm']
/** France's rows; Canadian French types on QWERTY, so this comes up now and then only. */
const azerty = ['azertyuiop', 'qsdfghjklm', 'wxcvbn']

type Keys = ReadonlyMap<string, string>

function neighbours(rows: readonly string[]): Keys {
  const near = new Map<string, string>()
  rows.forEach((row, r) => {
    for (let c = 0; c < row.length; c++) {
      const around = [row[c - 1], row[c + 1]]
      for (const other of [rows[r - 1], rows[r + 1]]) around.push(other?.[c], other?.[r > 0 ? c - 1 : c + 1])
      near.set(row[c] as string, around.filter((key) => key !== undefined).join(''))
    }
  })
  return near
}

const keys: Readonly<Record<Language, readonly Keys[]>> = {
  en: [neighbours(qwerty)],
  es: [neighbours(qwerty)],
  fr: [neighbours(qwerty), neighbours(qwerty), neighbours(qwerty), neighbours(azerty)],
}

/** Spelling by ear: the first group found is written the other way. */
const byEar: Readonly<Record<Language, readonly (readonly [RegExp, string])[]>> = {
  en: [
    [/ie/, 'ei'],
    [/ei/, 'ie'],
    [/([b-df-hj-np-tv-z])\1/, '$1'],
    [/ph/, 'f'],
    [/ck/, 'k'],
    [/ing$/, 'in'],
    [/ea/, 'ee'],
    [/tion/, 'shun'],
    [/([aeiou])nce$/, '$1nse'],
    [/e$/, ''],
    [/a/, 'e'],
  ],
  es: [
    [/qu/, 'k'],
    [/ll/, 'y'],
    [/v/, 'b'],
    [/b/, 'v'],
    [/z/, 's'],
    [/c(?=[eiéí])/, 's'],
    [/^h/, ''],
    [/g(?=[eiéí])/, 'j'],
    [/j/, 'g'],
    [/c(?=[aou])/, 'k'],
    [/s/, 'z'],
  ],
  fr: [
    [/é$/, 'er'],
    [/ée$/, 'é'],
    [/er$/, 'é'],
    [/ez$/, 'é'],
    [/qu/, 'k'],
    [/eau|au/, 'o'],
    [/([b-df-hj-np-tv-z])\1/, '$1'],
    [/ph/, 'f'],
    [/c(?=[eiéè])/, 's'],
    [/ss/, 's'],
    [/s$/, ''],
    [/en/, 'an'],
    [/ai/, 'é'],
  ],
}

type Slip = (word: string, random: Random, language: Language) => string

const letterAt = (word: string, random: Random): number => {
  // The first letter is seldom wrong.
  const at = random.below(word.length)
  return at === 0 && random.below(4) !== 0 ? 1 + random.below(word.length - 1) : at
}

const adjacent: Slip = (word, random, language) => {
  const boards = keys[language]
  const board = boards[random.below(boards.length)] as Keys
  const at = letterAt(word, random)
  const plain = bare((word[at] as string).toLowerCase())
  const around = board.get(plain)
  if (around === undefined || around === '') return word
  return word.slice(0, at) + (around[random.below(around.length)] as string) + word.slice(at + 1)
}

const dropped: Slip = (word, random) => {
  const at = letterAt(word, random)
  return word.slice(0, at) + word.slice(at + 1)
}

const doubled: Slip = (word, random) => {
  const at = random.below(word.length)
  return word.slice(0, at + 1) + word.slice(at)
}

const swapped: Slip = (word, random) => {
  const at = random.below(word.length - 1)
  return word.slice(0, at) + (word[at + 1] as string) + (word[at] as string) + word.slice(at + 2)
}

const heard: Slip = (word, random, language) => {
  const fitting = byEar[language].filter(([sound]) => sound.test(word))
  if (fitting.length === 0) return word
  const [sound, written] = fitting[random.below(fitting.length)] as readonly [RegExp, string]
  return word.replace(sound, written)
}

/** Thumbs slip more often than spelling does. */
const slips: readonly Slip[] = [adjacent, adjacent, dropped, dropped, swapped, swapped, doubled, heard, heard]

const bare = (text: string): string => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
const wordPattern = /\p{L}[\p{L}\p{M}]*/gu

/**
 * The text with one typing error, or perhaps two where it has ten words or more; besides, in one of four, accents and
 * apostrophes left out. Digits, emoji and short words stay. A text of short words alone comes back as it was.
 */
export function withTypos(text: string, seed: number, language: Language = 'en'): string {
  const random = seeded(seed)
  // The first numbers after neighbouring seeds are alike.
  random.below(2)
  random.below(2)
  let out = random.below(4) === 0 ? bare(text).replace(/(?<=\p{L})['’](?=\p{L})/gu, '') : text
  const many = (out.match(wordPattern) ?? []).length >= 10 ? 1 + random.below(2) : 1
  const before = out
  const touched = new Set<string>()
  for (let tries = 0, made = 0; made < many && tries < 12; tries++) {
    const words = [...out.matchAll(wordPattern)].filter(
      ([word]) => word.length >= shortest && !touched.has(word),
    )
    if (words.length === 0) break
    const found = words[random.below(words.length)] as RegExpExecArray
    const [word] = found
    const end = found.index + word.length
    if (random.below(12) === 0 && /^ \p{L}/u.test(out.slice(end, end + 2))) {
      // A missing space.
      out = out.slice(0, end) + out.slice(end + 1)
      made += 1
      continue
    }
    const slip = slips[random.below(slips.length)] as Slip
    const changed = slip(word, random, language)
    if (changed === word) continue
    touched.add(changed)
    out = out.slice(0, found.index) + changed + out.slice(end)
    made += 1
  }
  return out === before ? text : out
}
