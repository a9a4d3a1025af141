/** Words, figures, signs and marks of a clause. `word` is folded: lower case, without accents or apostrophes. */
export type Token = {
  readonly raw: string
  readonly word: string
  readonly start: number
  readonly end: number
  readonly kind: 'word' | 'number' | 'sign' | 'mark'
  /** Nothing stands between it and the token before. */
  readonly glued: boolean
}

const piece = /\d+(?:[.,]\d+)*|[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*'?|[$€£¥¢%]|\S/gu
const ascii = /^[ -~]*$/
const elided = /^(?:l|d|j|m|t|s|n|c|qu|jusqu|lorsqu|puisqu)'(?=.)/i
const letter = /\p{L}/u

/** Lower case, no accents, no apostrophes: "Noël" → "noel", "don't" → "dont". */
export function fold(word: string): string {
  const lower = word.toLowerCase()
  if (ascii.test(lower)) return lower.includes("'") ? lower.replaceAll("'", '') : lower
  return lower
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replaceAll("'", '')
}

/**
 * Cuts a normal text into tokens, left to right, none overlapping. French elisions stand apart ("l'épicerie" is two),
 * a hyphen between letters is no token ("avant-hier" is two words).
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let last = 0
  const push = (raw: string, start: number, kind: Token['kind']): void => {
    const word = kind === 'word' ? fold(raw) : raw
    tokens.push({ raw, word, start, end: start + raw.length, kind, glued: start > 0 && start === last })
    last = start + raw.length
  }
  for (const match of text.matchAll(piece)) {
    const raw = match[0]
    const start = match.index
    const code = raw.charCodeAt(0)
    if (code >= 48 && code <= 57) push(raw, start, 'number')
    else if (raw.length > 1 || letter.test(raw)) {
      if (/^[^\p{L}\p{M}]/u.test(raw)) push(raw, start, 'mark')
      else {
        const prefix = elided.exec(raw)
        if (prefix) push(prefix[0], start, 'word')
        const from = prefix ? prefix[0].length : 0
        const trailing = raw.endsWith("'") && !/[sS]'$/.test(raw) ? raw.length - 1 : raw.length
        if (trailing > from) push(raw.slice(from, trailing), start + from, 'word')
        if (trailing < raw.length && !prefix?.[0].endsWith(raw.slice(from)))
          push("'", start + trailing, 'mark')
      }
    } else if (raw === '-' && joins(text, start)) last = start + 1
    else push(raw, start, '$€£¥¢%'.includes(raw) ? 'sign' : 'mark')
  }
  return tokens
}

const joins = (text: string, at: number): boolean =>
  at > 0 && letter.test(text[at - 1] ?? '') && letter.test(text[at + 1] ?? '')

/** Words and phrases with a value each; the longest phrase wins. */
export type Phrases<T> = ReadonlyMap<
  string,
  readonly { readonly rest: readonly string[]; readonly value: T }[]
>

/** Builds a table from folded phrases ("day after tomorrow"); a phrase given twice has its values put together. */
export function phrases<T extends object>(entries: Iterable<readonly [string, T]>): Phrases<T> {
  const flat = new Map<string, T>()
  for (const [phrase, value] of entries) {
    const known = flat.get(phrase)
    flat.set(phrase, known ? { ...known, ...value } : value)
  }
  const table = new Map<string, { rest: string[]; value: T }[]>()
  for (const [phrase, value] of flat) {
    const [first = '', ...rest] = phrase.split(' ')
    const list = table.get(first) ?? []
    list.push({ rest, value })
    table.set(first, list)
  }
  for (const list of table.values()) list.sort((a, b) => b.rest.length - a.rest.length)
  return table
}

/** The longest phrase that stands at token `at`, and how many tokens it takes. */
export function phraseAt<T>(
  table: Phrases<T>,
  tokens: readonly Token[],
  at: number,
): { value: T; size: number } | null {
  const list = table.get(tokens[at]?.word ?? '')
  if (!list) return null
  for (const entry of list) {
    let fits = true
    for (let next = 0; next < entry.rest.length && fits; next += 1)
      fits = tokens[at + 1 + next]?.word === entry.rest[next]
    if (fits) return { value: entry.value, size: entry.rest.length + 1 }
  }
  return null
}
