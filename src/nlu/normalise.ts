/**
 * One spelling for what people type: compatibility forms folded (NFKC, UAX #15), quotes and dashes plain, what cannot
 * be seen left out, "sooooo" and "!!!!" shortened. Case, accents and digits stay: names are shown as written, and
 * "1000" is a figure.
 */

/** Longer messages are read to here; nobody asks a counter for more in one breath. */
export const longestText = 500

export type Normal = {
  readonly text: string
  /** For each UTF-16 unit of `text`, where it came from in what was given. */
  readonly offsets: readonly number[]
}

const plain: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201a': "'",
  '\u201b': "'",
  '\u2032': "'",
  '\u02bc': "'",
  '\u00b4': "'",
  '`': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u201e': '"',
  '\u2033': '"',
  '\u00ab': '"',
  '\u00bb': '"',
  '\u2010': '-',
  '\u2011': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2212': '-',
  '\u2044': '/',
}

// Cc, Cf (zero width, direction marks, soft hyphen), Co, Cn and lone surrogates; and the variation selectors of emoji.
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\ufe00-\ufe0f]/u
const space = /\s/
const letter = /\p{L}/u
const mark = /\p{M}/u

/** Marks on one letter beyond this many are ornament ("zalgo"). */
const mostMarks = 3

/** The normal form of a text, at most 500 characters. Idempotent; never throws. */
export function normalise(given: string): Normal {
  const out: string[] = []
  const offsets: number[] = []
  let runOf = ''
  let run = 0

  const put = (character: string, from: number): void => {
    const lower = character.toLowerCase()
    if (lower === runOf) run += 1
    else {
      runOf = lower
      run = 1
    }
    if (character === ' ') {
      if (run > 1 || out.length === 0) return
    } else if (character < '0' || character > '9') {
      if (run > (letter.test(character) ? 2 : 1) && character !== '*' && character !== '#') return
    }
    out.push(character)
    for (let unit = 0; unit < character.length; unit += 1) offsets.push(from)
  }

  // What is read is bounded before any work is done: normal forms grow at most eighteenfold, and mostly shrink.
  const most = Math.min(given.length, 4 * longestText)
  let at = 0
  let lastIn = false
  while (at < most && offsets.length < longestText) {
    const code = given.charCodeAt(at)
    if (code < 0x80) {
      const next = given.charCodeAt(at + 1)
      if (!(next >= 0x300)) {
        if (code >= 0x20 && code !== 0x7f) put(code === 0x60 ? "'" : (given[at] as string), at)
        else if (code >= 9 && code <= 13) put(' ', at)
        at += 1
        continue
      }
    }
    // One character with the marks that stand on it, so that composing it cannot cross a boundary.
    const size = (given.codePointAt(at) as number) > 0xffff ? 2 : 1
    const first = given.slice(at, at + size)
    let cluster = plain[first] ?? first
    let end = at + size
    while (end < most && given.charCodeAt(end) >= 0x300) {
      const one = given.slice(end, end + ((given.codePointAt(end) as number) > 0xffff ? 2 : 1))
      const hidden = unseen.test(one)
      if (!hidden && !mark.test(one)) break
      if (!hidden) cluster += one
      end += one.length
    }
    let marks = 0
    for (const character of cluster.normalize('NFKC')) {
      const simple = plain[character] ?? character
      if (space.test(simple)) put(' ', at)
      else if (mark.test(simple)) {
        // A mark with no letter under it would join whatever comes to stand before it.
        marks += 1
        if (marks <= mostMarks && lastIn && out.length > 0 && out.at(-1) !== ' ') put(simple, at)
        continue
      } else if (!unseen.test(simple)) put(simple, at)
      lastIn = true
    }
    lastIn = false
    at = end
  }
  let text = out.join('').slice(0, longestText)
  if (/[\ud800-\udbff]$/.test(text)) text = text.slice(0, -1)
  text = text.trimEnd()
  return { text, offsets: offsets.slice(0, text.length) }
}
