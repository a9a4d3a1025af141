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
  /** For counting within one sentence; all zero between two. */
  readonly counts: Uint16Array
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
  const { see, kept } = openTally()
  texts.forEach((views, sentence) => {
    const seen = (h: number) => see(h, sentence)
    eachFeature(views, seen, seen)
  })
  const often = kept(options.least).sort((a, b) => a.hash - b.hash)
  return withTable(
    Uint32Array.from(often, ({ hash: h }) => h),
    Float32Array.from(often, ({ times }) => 1 + Math.log((1 + texts.length) / (1 + times))),
  )
}

/** How many sentences have each of a million features: open addressing, for a Map of so many takes five times as long. */
function openTally() {
  let size = 1 << 16
  let used = 0
  let hashes = new Uint32Array(size)
  /** Zero where free. */
  let times = new Uint32Array(size)
  let last = new Int32Array(size)
  const slotOf = (h: number): number => {
    let slot = h & (size - 1)
    while (times[slot] !== 0 && hashes[slot] !== h) slot = (slot + 1) & (size - 1)
    return slot
  }
  const grow = (): void => {
    const old = { hashes, times, last }
    size *= 2
    hashes = new Uint32Array(size)
    times = new Uint32Array(size)
    last = new Int32Array(size)
    for (let from = 0; from < old.times.length; from++) {
      if (old.times[from] === 0) continue
      const slot = slotOf(old.hashes[from]!)
      hashes[slot] = old.hashes[from]!
      times[slot] = old.times[from]!
      last[slot] = old.last[from]!
    }
  }
  return {
    see(h: number, sentence: number): void {
      const slot = slotOf(h)
      if (times[slot] === 0) {
        hashes[slot] = h
        used++
      } else if (last[slot] === sentence) return
      times[slot]!++
      last[slot] = sentence
      if (used > size / 2) grow()
    },
    kept(least: number): { hash: number; times: number }[] {
      const all: { hash: number; times: number }[] = []
      for (let slot = 0; slot < size; slot++)
        if (times[slot]! > 0 && times[slot]! >= least) all.push({ hash: hashes[slot]!, times: times[slot]! })
      return all
    },
  }
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
  return { hashes, idf, slots, counts: new Uint16Array(hashes.length) }
}

/** The index of a feature, -1 where training never saw it. */
function indexOf({ hashes, slots }: Features, h: number): number {
  const mask = slots.length - 1
  for (let slot = h & mask; ; slot = (slot + 1) & mask) {
    const at = slots[slot]!
    if (at < 0 || hashes[at] === h) return at
  }
}

/** The row of one sentence, words and letters each of length one. Indices rise within each. */
export function rowOf(features: Features, views: readonly string[], options: FeatureOptions): Row {
  const { idf, counts } = features
  const words: number[] = []
  const letters: number[] = []
  const into = (found: number[]) => (h: number) => {
    const at = indexOf(features, h)
    if (at >= 0 && counts[at]!++ === 0) found.push(at)
  }
  eachFeature(views, into(words), into(letters))
  const index = new Int32Array(words.length + letters.length)
  const value = new Float32Array(index.length)
  let from = 0
  for (const [found, weight] of [
    [words, options.words],
    [letters, 1],
  ] as const) {
    const to = from + found.length
    index.set(found, from)
    index.subarray(from, to).sort()
    let square = 0
    for (let p = from; p < to; p++) {
      const at = index[p]!
      value[p] = (1 + Math.log(counts[at]!)) * idf[at]!
      square += value[p]! ** 2
      counts[at] = 0
    }
    const scale = square > 0 ? weight / Math.sqrt(square) : 0
    for (let p = from; p < to; p++) value[p]! *= scale
    from = to
  }
  return { index, value }
}
