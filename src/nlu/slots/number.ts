import type { Language } from '../reading.ts'
import type { Token } from './token.ts'

/** A whole number in words, or the factor that follows one. */
type NumberWord = { readonly value: number; readonly factor?: true }

const counted = (list: string, values: readonly number[]): (readonly [string, NumberWord])[] =>
  list
    .split(' ')
    .flatMap((names, index) => names.split('/').map((name) => [name, { value: values[index] ?? 0 }] as const))
const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)
const tens = [20, 30, 40, 50, 60, 70, 80, 90]

const tables: Record<Language, ReadonlyMap<string, NumberWord>> = {
  en: new Map([
    ...counted(
      'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
      upTo(0, 19),
    ),
    ...counted('twenty thirty forty/fourty fifty sixty seventy eighty ninety', tens),
    ['hundred', { value: 100, factor: true }],
    ['thousand', { value: 1000, factor: true }],
    ['grand', { value: 1000, factor: true }],
    ['k', { value: 1000, factor: true }],
    ['million', { value: 1_000_000, factor: true }],
  ]),
  es: new Map([
    ...counted(
      'cero uno/un/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno/veintiun/veintiuna veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve',
      upTo(0, 29),
    ),
    ...counted('treinta cuarenta cincuenta sesenta setenta ochenta noventa', tens.slice(1)),
    ...counted(
      'cien/ciento doscientos/doscientas trescientos/trescientas cuatrocientos/cuatrocientas quinientos/quinientas seiscientos/seiscientas setecientos/setecientas ochocientos/ochocientas novecientos/novecientas',
      [100, 200, 300, 400, 500, 600, 700, 800, 900],
    ),
    ['mil', { value: 1000, factor: true }],
    ['k', { value: 1000, factor: true }],
    ['millon', { value: 1_000_000, factor: true }],
    ['millones', { value: 1_000_000, factor: true }],
  ]),
  fr: new Map([
    ...counted(
      'zero un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize',
      upTo(0, 16),
    ),
    ...counted('vingt/vingts trente quarante cinquante soixante septante octante/huitante nonante', tens),
    ['cent', { value: 100, factor: true }],
    ['cents', { value: 100, factor: true }],
    ['mille', { value: 1000, factor: true }],
    ['k', { value: 1000, factor: true }],
    ['million', { value: 1_000_000, factor: true }],
    ['millions', { value: 1_000_000, factor: true }],
  ]),
}

/** Number words that a speaker of another language may borrow without being misread. */
const lendable =
  /^(?:two|three|four|five|seven|eight|nine|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|grand|tres|cuatro|cinco|siete|ocho|nueve|diez|veinte|treinta|cuarenta|cincuenta|cien|doscientos|trescientos|quinientos|mil|deux|trois|quatre|cinq|sept|huit|neuf|quinze|vingt|trente|quarante|cinquante|soixante|mille)$/

const merged = Object.fromEntries(
  (['en', 'es', 'fr'] as const).map((to) => [
    to,
    new Map([
      ...(['en', 'es', 'fr'] as const).flatMap((from) =>
        [...tables[from]].filter(([word]) => from === to || lendable.test(word)),
      ),
      ...tables[to],
    ]),
  ]),
) as unknown as Record<Language, ReadonlyMap<string, NumberWord>>

/** The factor a word stands for ("grand", "mil", "k"), or 0. */
export const factorOf = (word: string, language: Language): number => {
  const known = merged[language].get(word)
  return known?.factor ? known.value : 0
}

export type Spelled = {
  readonly value: number
  readonly next: number
  /** Only "un", "una", "une": a number or an article. */
  readonly article: boolean
}

const isAnd = (word: string | undefined, language: Language): boolean =>
  language === 'en' ? word === 'and' : language === 'es' ? word === 'y' : word === 'et'

/**
 * A whole number spelled out from token `at`: "twenty five", "a hundred and fifty", "dos mil quinientos",
 * "quatre-vingt-dix-sept". Null where none stands. Below a thousand million.
 */
export function spelledAt(tokens: readonly Token[], at: number, language: Language): Spelled | null {
  const words = merged[language]
  let next = at
  let total = 0
  let current = 0
  let any = false
  if (language === 'en' && tokens[at]?.word === 'a' && words.get(tokens[at + 1]?.word ?? '')?.factor)
    next = at + 1
  for (;;) {
    const token = tokens[next]
    if (!token || token.kind !== 'word') break
    let word = words.get(token.word)
    let skipped = 0
    if (!word && any && isAnd(token.word, language)) {
      word = words.get(tokens[next + 1]?.word ?? '')
      // "treinta y cinco", "vingt et un", "a hundred and fifty"; not "two and three".
      const joins = language === 'en' ? current % 100 === 0 : current % 100 >= 20 && (word?.value ?? 100) < 20
      if (!word || word.factor || word.value === 0 || !joins) break
      skipped = 1
    }
    if (!word) break
    const { value } = word
    if (word.factor) {
      if (value === 100) {
        if (current >= 100 || (any && current === 0 && total === 0)) break
        current = (current || 1) * 100
      } else {
        if (any && current === 0) break
        if (total !== 0 && value >= total) break
        total += (current || 1) * value
        current = 0
      }
    } else if (!fits(current, value, language, any && total === 0 && current === 0)) break
    else current = language === 'fr' && value === 20 && current % 100 === 4 ? current + 76 : current + value
    any = true
    next += 1 + skipped
    if (total > 999_999_999) return null
  }
  if (!any) return null
  const value = total + current
  const article = next === at + 1 && /^(?:una?|une|uno)$/.test(tokens[at]?.word ?? '')
  return { value, next, article }
}

function fits(current: number, value: number, language: Language, zeroSaid: boolean): boolean {
  if (zeroSaid) return false
  const low = current % 100
  if (value >= 100) return current === 0
  if (value >= 20) return low === 0 || (language === 'fr' && value === 20 && low === 4)
  if (value >= 10) return low === 0 || (language === 'fr' && (low === 60 || low === 80))
  return value > 0 || current === 0
    ? (low % 10 === 0 && low !== 10) || (language === 'fr' && value >= 7 && [10, 70, 90].includes(low))
    : false
}

export type Figure = { readonly readings: readonly string[]; readonly next: number }

/** A figure in digits from token `at`, its grouping read by currency and language; several readings where it has several. */
export function figureAt(
  tokens: readonly Token[],
  at: number,
  language: Language,
  currency: string | null,
): Figure | null {
  const first = tokens[at]
  if (first?.kind !== 'number') return null
  let text = first.raw
  let next = at + 1
  // "1 250,00": groups apart, as French writes them (and ISO 31-0); elsewhere only where decimals or a sign follow.
  if (/^\d{1,3}$/.test(text) && text[0] !== '0') {
    let joined = text
    let after = next
    while (/^\d{3}(?:[.,]\d{1,2})?$/.test(tokens[after]?.raw ?? '') && !tokens[after]?.glued) {
      joined += tokens[after]?.raw
      after += 1
      if (/[.,]/.test(joined)) break
    }
    if (after > next && (language === 'fr' || /[.,]/.test(joined) || tokens[after]?.kind === 'sign')) {
      text = joined
      next = after
    }
  }
  const readings = readingsOf(text, language, currency)
  return readings.length === 0 ? null : { readings, next }
}

/** Plain decimals a written figure may mean. None: no amount is written so. */
export function readingsOf(text: string, language: Language, currency: string | null): string[] {
  const plain = (digits: string): string => digits.replace(/^0+(?=\d)/, '')
  if (/^\d+$/.test(text)) return text.length > 12 ? [] : [plain(text)]
  const signs = text.replace(/\d/g, '')
  const last = signs.at(-1) as string
  const parts = text.split(/[.,]/)
  const head = parts[0] as string
  const tail = parts.at(-1) as string
  const groups = (from: readonly string[]): boolean => from.every((part) => part.length === 3)
  if (text.replace(/\D/g, '').length > 12) return []
  if (new Set(signs).size === 2) {
    // Both signs: the last is the decimal one, the others group, in threes.
    const whole = parts.slice(0, -1)
    if (
      signs.indexOf(last) !== signs.length - 1 ||
      head.length > 3 ||
      !groups(whole.slice(1)) ||
      tail.length > 3
    )
      return []
    return [`${plain(whole.join(''))}.${tail}`]
  }
  if (parts.length > 2) return head.length <= 3 && groups(parts.slice(1)) ? [plain(parts.join(''))] : []
  if (tail.length !== 3) return tail.length <= 2 ? [`${plain(head)}.${tail}`] : []
  if (head.length > 3 || head === '0') return [`${plain(head)}.${tail}`]
  const grouped = plain(head + tail)
  const decimal = `${plain(head)}.${tail}`
  // 1,250: in the dollars and pounds of English and of American Spanish a comma with three digits groups.
  if (last === ',' && language !== 'fr' && currency !== 'EUR') return [grouped]
  // Euros have two decimals and, in Spanish and French, no decimal point: 1.250 can only group.
  if (last === '.' && language !== 'en' && currency === 'EUR') return [grouped]
  return [grouped, decimal]
}
