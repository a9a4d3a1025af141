import type { Language } from './reading.ts'

/** Words that differ by a slip of the thumb, or sound the same. */

/** Numbers in place of a map of lists: a tenth of the memory. */
export type Near = { readonly words: readonly string[]; readonly keys: Uint32Array; readonly at: Uint32Array }

/** Each word under the hash of itself less one letter, sorted by hash. */
export function neighboursOf(words: readonly string[]): Near {
  const pairs: number[] = []
  words.forEach((word, n) => {
    let before = -1
    for (let at = 0; at < word.length; at++) {
      const key = hashWithout(word, at)
      if (key !== before) pairs.push(key * 0x100000 + n)
      before = key
    }
  })
  const sorted = Float64Array.from(pairs).sort()
  return {
    words,
    keys: Uint32Array.from(sorted, (pair) => Math.floor(pair / 0x100000)),
    at: Uint32Array.from(sorted, (pair) => pair % 0x100000),
  }
}

/** FNV-1a of the word without the letter at `skip` (-1: all of it). */
function hashWithout(word: string, skip: number): number {
  let h = 0x811c9dc5
  for (let at = 0; at < word.length; at++) if (at !== skip) h = Math.imul(h ^ word.charCodeAt(at), 0x01000193)
  return h >>> 0
}

/** The words that become `word` less its letter at `skip` when they lose one of theirs. */
export function* near({ words, keys, at }: Near, word: string, skip: number): Generator<string> {
  const key = hashWithout(word, skip)
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as number) < key) low = middle + 1
    else high = middle
  }
  for (; keys[low] === key; low++) yield words[at[low] as number] as string
}

/** More than one slip apart. */
export const farApart = 9

/**
 * How unlikely it is that `meant` was typed as `typed`, in nats: letters swapped or doubled, one too few or too many,
 * another letter (less odd where it is beside the right one, or sounds like it). `farApart`: more than one slip.
 */
export function slip(typed: string, meant: string): number {
  const most = Math.min(typed.length, meant.length)
  let from = 0
  while (from < most && typed[from] === meant[from]) from++
  let end = 0
  while (end < most - from && typed[typed.length - 1 - end] === meant[meant.length - 1 - end]) end++
  const left = typed.length - from - end
  const right = meant.length - from - end
  // A wrong first letter is rare.
  const first = from === 0 ? 1.5 : 0
  const [a, b] = [typed[from]!, meant[from]!]
  if (left === 2 && right === 2 && a === meant[from + 1] && typed[from + 1] === b) return first
  if (left === 1 && right === 0) return a === typed[from - 1] ? 0 : 0.7 + first
  if (left === 0 && right === 1) return 0.5 + first
  if (left === 1 && right === 1)
    return (beside.has(a + b) ? 0.5 : vowels.has(a) && vowels.has(b) ? 0.7 : 2) + first
  return farApart
}

const vowels = new Set('aeiouy')
/** Letters beside each other on a phone's keyboard, or that are written for each other. */
const beside = new Set(
  `qw we er rt ty yu ui io op as sd df fg gh hj jk kl zx xc cv vb bn nm qa wa ws es ed rd rf tf tg yg yh uh uj ij ik ok
  ol pl az sz sx dx dc fc fv gv gb hb hn jn jm km ck cs qk ce gj zs`
    .split(/\s+/)
    .flatMap((pair) => [pair, pair[1]! + pair[0]!]),
)

/** Letters that sound alike made one. Only words of one language are compared. */
export function soundOf(word: string, language: Language): string {
  if (language === 'es')
    return word
      .replace(/qu/g, 'k')
      .replace(/gu(?=[ei])/g, 'g')
      .replace(/c(?=[ei])|z|x/g, 's')
      .replace(/ch/g, '0')
      .replace(/c/g, 'k')
      .replace(/g(?=[ei])|j/g, 'j')
      .replace(/ll/g, 'y')
      .replace(/v/g, 'b')
      .replace(/h|0/g, (c) => (c === '0' ? 'ch' : ''))
      .replace(/(.)\1/g, '$1')
  return word
    .replace(/eau|au/g, 'o')
    .replace(/ph/g, 'f')
    .replace(/qu?/g, 'k')
    .replace(/c(?=[eiy])|ss|ç/g, 's')
    .replace(/ch/g, '0')
    .replace(/c/g, 'k')
    .replace(/ai|ei/g, 'e')
    .replace(/(?<=.)(?:ees|ee|ez|er|es|et)$/, 'e')
    .replace(/(?<=..)ent$/, 'e')
    .replace(/(?<=..)[stdxp]$/, '')
    .replace(/en|em|am/g, 'an')
    .replace(/z/g, 's')
    .replace(/y/g, 'i')
    .replace(/h/g, '')
    .replace(/(.)\1/g, '$1')
}
