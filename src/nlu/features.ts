/**
 * Sparse rows of a sentence: words, pairs of words, and the letters within words (2 to 5 in a row, word ends counted as
 * a letter, so that typos still share most of them). Weighted by TF-IDF. A feature is known by its 32-bit hash: no
 * words of the training sentences are kept.
 */
export type Row = { readonly index: Int32Array; readonly value: Float32Array }

export type Features = {
  /** Sorted as unsigned; a feature's place in this list is its index. */
  readonly hashes: Uint32Array
  readonly idf: Float32Array
  /** Open-addressing table from hash to index, -1 where free. */
  readonly slots: Int32Array
}

export type FeatureOptions = {
  /** A feature seen in fewer sentences is dropped. */
  readonly least: number
  /** Features kept after learning, those that say most; none is dropped where not told. */
  readonly most?: number
  /** Weight of the block of words; that of letters is 1. */
  readonly words: number
}

/** Letters read of one sentence: bounds the time of a hostile one. */
const mostCharacters = 800
const shortest = 2
const longest = 5
const wordSeed = 0x811c9dc5
const pairSeed = 0x2f0b4c47
const letterSeed = 0x5bd1e995

/** Lower case, no accents, digits as 0, apostrophes gone: what the same words look like when typed in a hurry. */
export function foldText(text: string): string {
  return text
    .slice(0, mostCharacters)
    .toWellFormed()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u2019'’`´]/g, '')
    .toLowerCase()
    .replace(/[0-9]/g, '0')
}

const wordPattern = /[\p{L}\p{N}]+|[^\s\p{L}\p{N}]+/gu

function hash(seed: number, text: string, from: number, to: number): number {
  let h = seed
  for (let at = from; at < to; at++) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193)
  return finish(h)
}

/** Spreads the last letters over all bits. */
function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Calls `word` and `letters` with the hash of each feature of the texts, as often as it occurs. */
function eachFeature(
  texts: readonly string[],
  word: (hash: number) => void,
  letters: (hash: number) => void,
): void {
  for (const text of texts) {
    let before = ''
    for (const one of foldText(text).match(wordPattern) ?? []) {
      const token = one.slice(0, 40)
      word(hash(wordSeed, token, 0, token.length))
      const pair = `${before} ${token}`
      word(hash(pairSeed, pair, 0, pair.length))
      before = token
      const padded = ` ${token} `
      for (let from = 0; from < padded.length - 1; from++) {
        let h = letterSeed
        const last = Math.min(padded.length, from + longest)
        for (let at = from; at < last; at++) {
          h = Math.imul(h ^ padded.charCodeAt(at), 0x01000193)
          if (at - from + 1 >= shortest) letters(finish(h))
        }
      }
    }
    const pair = `${before} `
    word(hash(pairSeed, pair, 0, pair.length))
  }
}

/** Learns which features there are and how rare each is. `texts`: the views of each sentence. */
export function fitFeatures(texts: readonly (readonly string[])[], options: FeatureOptions): Features {
  const counts = new Map<number, number>()
  const seen = new Set<number>()
  const see = (h: number) => void seen.add(h)
  for (const views of texts) {
    seen.clear()
    eachFeature(views, see, see)
    for (const h of seen) counts.set(h, (counts.get(h) ?? 0) + 1)
  }
  const kept: number[] = []
  for (const [h, many] of counts) if (many >= options.least) kept.push(h)
  const hashes = Uint32Array.from(kept).sort()
  const idf = new Float32Array(hashes.length)
  for (let at = 0; at < hashes.length; at++)
    idf[at] = 1 + Math.log((1 + texts.length) / (1 + (counts.get(hashes[at]!) ?? 0)))
  return withTable(hashes, idf)
}

/** Builds the look-up table over sorted hashes. */
export function withTable(hashes: Uint32Array, idf: Float32Array): Features {
  let size = 16
  while (size < hashes.length * 2) size *= 2
  const slots = new Int32Array(size).fill(-1)
  for (let at = 0; at < hashes.length; at++) {
    let slot = hashes[at]! & (size - 1)
    while (slots[slot]! >= 0) slot = (slot + 1) & (size - 1)
    slots[slot] = at
  }
  return { hashes, idf, slots }
}

/** The index of a feature, -1 where training never saw it. */
function indexOf({ hashes, slots }: Features, h: number): number {
  const mask = slots.length - 1
  for (let slot = h & mask; ; slot = (slot + 1) & mask) {
    const at = slots[slot]!
    if (at < 0 || hashes[at] === h) return at
  }
}

/** The row of one sentence, words and letters each of length one. Indices rise. */
export function rowOf(features: Features, views: readonly string[], options: FeatureOptions): Row {
  const words = new Map<number, number>()
  const letters = new Map<number, number>()
  const into = (counts: Map<number, number>) => (h: number) => {
    const at = indexOf(features, h)
    if (at >= 0) counts.set(at, (counts.get(at) ?? 0) + 1)
  }
  eachFeature(views, into(words), into(letters))
  const all: [number, number][] = []
  for (const [counts, weight] of [
    [words, options.words],
    [letters, 1],
  ] as const) {
    let square = 0
    const from = all.length
    for (const [at, many] of counts) {
      const value = (1 + Math.log(many)) * features.idf[at]!
      square += value * value
      all.push([at, value])
    }
    const scale = square > 0 ? weight / Math.sqrt(square) : 0
    for (let i = from; i < all.length; i++) all[i]![1] *= scale
  }
  all.sort((a, b) => a[0] - b[0])
  return {
    index: Int32Array.from(all, ([at]) => at),
    value: Float32Array.from(all, ([, value]) => value),
  }
}
