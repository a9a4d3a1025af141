import { Temporal } from 'temporal-polyfill'
import type { Amount, Clause, DateRange, Slots } from '../nlu/reading.ts'
import type { AmountRange, MoneyAsk, Period } from './ask.ts'
import { lastDays, usualPeriod } from './period.ts'

/** What a question depends on besides its words. */
export type AskContext = { readonly now: number; readonly timeZone: string }

type Wanted = 'balance' | 'transactions' | 'spending' | 'income'

/** A money question from an intent and the slots found in its clause. What is not said keeps its usual value. */
export function moneyAsk(wanted: Wanted, clause: Clause, context: AskContext): MoneyAsk {
  const { slots } = clause
  const account = accountIn(clause)
  const period = periodOf(rangeMeant(clause), context)
  const name = slots.names.find(
    (one) => isName(one, clause.text) || (wanted === 'income' && isPayer(one, clause.text)),
  )
  switch (wanted) {
    case 'balance':
      // "How much do I owe on the card" is about cards alone.
      return {
        kind: 'balance',
        ...('account' in account
          ? account
          : onCard.test(clause.text)
            ? { account: { type: 'credit-card' } }
            : {}),
      }
    case 'income':
      return {
        kind: 'income',
        ...(period ? { period } : {}),
        ...(name ? { payer: name.slice(0, 80) } : {}),
        ...(payWords.test(clause.text) ? { pay: true } : {}),
        ...account,
      }
    case 'transactions':
      return {
        kind: 'transactions',
        limit: limitOf(clause),
        ...whereOf(clause),
        ...(period ? { period } : {}),
        ...amountOf(clause),
        ...(pendingWords.test(clause.text) ? { pending: true } : {}),
        ...directionOf(clause),
        ...(slots.ordinal === null ? {} : { nth: within(slots.ordinal) }),
        ...account,
      }
    case 'spending':
      return {
        kind: 'spending',
        ...whereOf(clause),
        ...(isSincePay(clause) ? { sincePay: true } : {}),
        ...(comparedIn(clause, context) ?? { period: period ?? periodFor(clause, context) }),
        ...(slots.by ? { by: slots.by } : {}),
        ...measureIn(clause),
        ...account,
      }
  }
}

const onCard =
  /\b(?:owe|debo|debe|dois|left|spend|gastar|queda|reste|d[eé]penser|balance|saldo|solde)\b.*\b(?:card|tarjeta|carte)\b/i
const payWords =
  /\b(pay ?(check|cheque|day|slip)?s?|cheque|payroll|salary|wages?|direct deposit|sueldo|salario|n[oó]mina|quincena|aguinaldo|paie|paye|salaire)\b/i
const pendingWords = /\b(pending|still processing|pendientes?|en attente)\b/i

const lastTimeWords =
  /\b(last time|when did i (last )?(pay|buy|go|use|get)|when was (the|my) last|[uú]ltima vez|cu[aá]ndo (le )?pagu[eé]|derni[eè]re fois|quand (est-ce que )?(j'ai|ai-je) pay[eé])/i
const incomingWords =
  /\b(deposits?|incoming|money in|dep[oó]sitos?|entradas?|d[eé]p[oô]ts?|entr[eé]es? d'argent)\b/i

/** "when did I last pay X" wants one payment; "the second one" a list that is long enough. */
function limitOf({ text, slots }: Clause): number {
  const count = slots.count ?? countIn(text)
  if (count !== null) return Math.min(10, Math.max(1, count))
  if (slots.ordinal !== null) return 10
  return slots.names.length > 0 && lastTimeWords.test(text) ? 1 : 5
}

/** "the last 3 from Parcelway": a count without the word for what is counted. */
export function countIn(text: string): number | null {
  const found =
    /\b(?:last|latest|past|recent|previous|[uú]ltim[oa]s|derni[eè]re?s)\s+(\d{1,2})\b(?!\s*(?:day|week|month|year|d[ií]a|semana|mes|a[nñ]o|jour|semaine|mois|an))/i.exec(
      text,
    )?.[1] ?? /\b(\d{1,2})\s+(?:derni[eè]re?s|[uú]ltim[oa]s)\b/i.exec(text)?.[1]
  return found === undefined ? null : Number(found)
}

function directionOf({ text, slots }: Clause): { direction?: 'in' | 'out' } {
  if (incomingWords.test(text)) return { direction: 'in' }
  return slots.names.length > 0 && lastTimeWords.test(text) ? { direction: 'out' } : {}
}

/** Where no time was named: thirty days; for months side by side, the last half year; for an average of them, whole months. */
function periodFor({ slots: { by, measure } }: Clause, { now, timeZone }: AskContext): Period {
  const { to } = lastDays(1, now, timeZone)
  const thisMonth = Temporal.PlainDate.from(to).with({ day: 1 })
  if (by === 'month' && measure === 'average')
    return {
      from: thisMonth.subtract({ months: 6 }).toString(),
      to: thisMonth.subtract({ days: 1 }).toString(),
    }
  if (by === 'month') return { from: thisMonth.subtract({ months: 5 }).toString(), to }
  return usualPeriod(now, timeZone)
}

/** "since payday", "depuis ma paye". */
export const isSincePay = ({ slots: { periods } }: Clause): boolean =>
  periods.some(({ kind }) => kind === 'payday')

/** What is worked out; "my biggest purchase" in words that no slot has. */
function measureIn({ slots: { measure }, text }: Clause): {
  measure?: 'sum' | 'average' | 'count' | 'biggest'
} {
  if (biggestWords.test(text)) return { measure: 'biggest' }
  return measure && measure !== 'compare' ? { measure } : {}
}
export const biggestWords =
  /\b(biggest|largest|most expensive|highest|m[aá]s (?:grande|car[oa]|alt[oa])|mayor (?:gasto|compra)|plus (?:gros|grosse|ch[eè]re?|[eé]lev[eé]e?|grand))\b/iu

/**
 * A shop or a kind of shop. A name that is surely one is the more exact. "au café plume" may be either: the name where
 * they have such a shop, else the kind.
 */
export function whereOf(clause: Clause): Where {
  const { text, slots } = clause
  // Rent is paid to somebody, and no kind of shop.
  const rent = rentWords.exec(text)?.[0]
  if (rent && slots.names.every((name) => !isName(name, text)))
    return { merchant: /^loyer/i.test(rent) ? 'loyer' : 'rent' }
  const corrected = repairedName(clause)
  if (corrected !== null) return { merchant: corrected }
  const names = slots.names.filter((name) => !isFiller(name))
  const sure = names.find((name) => isName(name, text))
  const kind = slots.category ? { category: slots.category } : {}
  const place = slots.category ? placeIn(clause) : null
  if (place !== null) return { merchant: place, loose: true, ...kind }
  if (sure !== undefined) return { merchant: sure.slice(0, 80) }
  if (slots.category) return kind
  return names[0] === undefined ? {} : { merchant: names[0].slice(0, 80), loose: true }
}

/** "at Pier 9, no wait, Noodle Wharf last month": what comes after the second thought. */
function repairedName({ text, slots }: Clause): string | null {
  const repair =
    /\b(?:no,? wait|i mean|no,? espera|perd[oó]n|quiero decir|digo|non,? attends|je veux dire)\b[\s,]*/iu.exec(
      text,
    )
  if (!repair || repair.index === 0) return null
  const from = repair.index + repair[0].length
  const to = slots.periods.reduce((end, { at }) => (at[0] >= from ? Math.min(end, at[0]) : end), text.length)
  const tail = text
    .slice(from, to)
    .replace(/^(?:at|from|in|en|a|chez|au|à) /i, '')
    .trim()
  const named = tail !== '' && slots.names.some((name) => tail.includes(name) || name.includes(tail))
  return named && tail.split(/\s+/).length <= 4 ? tail.slice(0, 80) : null
}

const rentWords = /\b(?:rent|renta|alquiler|loyer)\b/i

const place =
  /(?:^|\s)(?:at|from|au|aux|à la|à l['’]|chez|en el|en la|en|al|a la|mean|meant|dire|decir)\s+(?:the |el |la |le )?([\p{L}][\p{L}\p{N}'’&.-]*(?: [\p{L}\p{N}'’&.-]+){1,3})/iu
/** Words behind "at" that hold a kind of shop and more: its name, perhaps. */
function placeIn({ text, slots }: Clause): string | null {
  const cut = slots.periods.reduce((end, { at }) => (at[0] > 0 ? Math.min(end, at[0]) : end), text.length)
  const found = place.exec(text.slice(0, cut))?.[1]?.trim()
  const rest =
    found && slots.names.some((name) => found.toLowerCase().includes(name.toLowerCase())) ? found : null
  return rest && !slots.names.some((name) => name.toLowerCase() === rest.toLowerCase())
    ? rest.slice(0, 80)
    : null
}
export type Where = {
  readonly merchant?: string
  readonly loose?: true
  readonly category?: NonNullable<Slots['category']>
}

/** "did Priya pay me back", "Lucía ya me depositó", "Mathieu m'a-tu remboursé": who, beside the paying. */
function isPayer(name: string, text: string): boolean {
  const at = text.indexOf(name)
  if (at < 0 || isFiller(name)) return false
  const after = text.slice(at + name.length)
  return (
    /^\s*(?:pay|paid|send|sent|give|gave|transfer\w*|zelle\w*|deposit\w*|ya |me |il |elle |m['’]a|m a |a-t-il|te )/iu.test(
      after,
    ) ||
    /(?:mand\w+|pag\w+|deposit\w+|envi\w+|rembours\w+|sent|paid)\s*(?:me )?(?:a |by |par )?$/iu.test(
      text.slice(0, at),
    )
  )
}

/** Words that are about how something is said, and no name of anything. */
const fillers =
  /\b(ugh|cool|oops|oups|sorry|please|pls|plz|ok|okay|hey|yo|lol|omg|damn|so|just|only|alone|ones?|meant|mean|said|say|rather|actually|instead|better|again|too|also|i|the|n|and|it|its|me|honest|thing|stuff|way|tambi[eé]n|perd[oó]n|solo|s[oó]lo|mejor|ponme|pon|por favor|y|la|el|aussi|pardon|juste|seulement|svp|et|le|les|mets|mettez|en|plut[oô]t|bon|ben|wait|no|non)\b/giu
const withoutFillers = (text: string): string =>
  text
    .replace(fillers, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
const isFiller = (name: string): boolean => withoutFillers(name) === ''

/** What is left of a clause when its slots, its figures and small words are gone; `names`: and its names. */
export function saidBesides({ slots: { rest, names }, text }: Clause, all: boolean): string {
  let left = rest
  for (const name of names) if (all || isName(name, text)) left = left.replace(name, ' ')
  return withoutFillers(left.replace(/\d+/g, ' '))
}

/** Quoted, written as a name in the middle of a sentence, or after a word that names stand behind. */
export function isName(name: string, text: string): boolean {
  const at = text.indexOf(name)
  if (at < 0) return false
  const before = text.slice(0, at)
  if (/["“«]\s*$/.test(before)) return true
  if (/[\p{L}\p{N}]/u.test(before) && /^\p{Lu}/u.test(name)) return true
  return /(?:^|[^\p{L}])(?:at|from|with|to|by|via|chez|avec|au|aux|à|en|con|a|al|contra|about|de chez|mean|meant|dire|decir)\s+(?:the |my |el |la |los |las |le |les |l['’])?$/iu.test(
    before,
  )
}

/** The account that was named; also "last 5 on 9034", where four figures after "on" are an account's and no sum. */
export function accountIn({ slots, text }: Clause): { account?: ReturnType<typeof accountOf> } {
  if (slots.account) return { account: accountOf(slots.account) }
  const lastFour = accountFigures.exec(text)?.[1]
  return lastFour && slots.amounts.length <= 1 && slots.comparison === null ? { account: { lastFour } } : {}
}
const accountFigures = /\b(?:on|from|of|for|en la|de la|con la|sur la|sur le|avec la) (\d{4})$/i

export const accountOf = ({ lastFour, type }: NonNullable<Slots['account']>) => ({
  ...(lastFour ? { lastFour } : {}),
  ...(type ? { type } : {}),
})

/** "not yesterday, last week", "the week... I mean last month": the last one said is the one that is meant. */
export function rangeMeant(clause: Clause): DateRange | undefined {
  const { periods, measure } = clause.slots
  return measure !== 'compare' && (clause.negated || corrects(clause)) ? periods.at(-1) : periods[0]
}
/** Takes back something just said: "no, I said October", "I mean savings". */
export const corrects = ({ follow, text }: Clause): boolean =>
  follow === 'instead' ||
  /^\W*(?:not?|pas|non|i meant|make it|make that|mejor|que sean|mets|mettez|plut[oô]t|rather)\b/iu.test(
    text,
  ) ||
  repairWords.test(text)
const repairWords =
  /\b(no,? wait|i mean|sorry|rather|perd[oó]n|quiero decir|m[aá]s bien|pardon|je veux dire|plut[oô]t)\b/i

/** Days that were said, as days to look at: an open end is today, an open beginning a year ago. */
export function periodOf(range: DateRange | undefined, { now, timeZone }: AskContext): Period | null {
  if (!range || (range.from === null && range.to === null)) return null
  const year = lastDays(365, now, timeZone)
  const period = { from: range.from ?? year.from, to: range.to ?? year.to }
  // What is to come has not been spent yet.
  if (period.from > year.to) return null
  return period.from > period.to ? null : { from: period.from, to: period.to < year.to ? period.to : year.to }
}

/**
 * Two stretches of time side by side: as named, or the one that is named and its like: "more than last month" compares
 * this month with it, "this month against before" with as many days of the month before.
 */
function comparedIn(clause: Clause, context: AskContext): { period: Period; against: Period } | null {
  const { slots, text } = clause
  const [first, second] = slots.periods
  if (slots.measure !== 'compare' && slots.periods.length < 2) return null
  const one = periodOf(first, context)
  const two = periodOf(second, context)
  if (one && two) return one.from < two.from ? { period: two, against: one } : { period: one, against: two }
  if (one === null || !first) {
    const usual = usualPeriod(context.now, context.timeZone)
    return { period: usual, against: before(usual) }
  }
  const months = twoMonths(one)
  if (months) return months
  const than =
    /\b(?:than|que|qu['’]|vs|versus|against|contra|compar\w+ (?:to|with|con|a|à|avec))\s*(?:in |en |the |el |la |le |ce que )*$/iu
  if (than.test(text.slice(0, first.at[0]))) return { period: like(one, context), against: one }
  return { period: one, against: before(one) }
}

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text)
const isWholeMonth = ({ from, to }: Period): boolean =>
  day(from).day === 1 && day(to).day === day(to).daysInMonth && from.slice(0, 7) === to.slice(0, 7)

/** "September to October" is two months when they are compared. */
function twoMonths({ from, to }: Period): { period: Period; against: Period } | null {
  const next = day(from).add({ months: 1 })
  if (day(from).day !== 1 || to !== next.add({ months: 1 }).subtract({ days: 1 }).toString()) return null
  return {
    period: { from: next.toString(), to },
    against: { from, to: next.subtract({ days: 1 }).toString() },
  }
}

/** The stretch of the same kind that follows, up to today: after last month, this month. */
function like(range: Period, { now, timeZone }: AskContext): Period {
  const { to: today } = lastDays(1, now, timeZone)
  const from = day(range.to).add({ days: 1 }).toString()
  if (from > today) return usualPeriod(now, timeZone)
  const to = isWholeMonth(range)
    ? day(from)
        .with({ day: day(from).daysInMonth })
        .toString()
    : day(from)
        .add(day(range.from).until(day(range.to)))
        .toString()
  return { from, to: to < today ? to : today }
}

/** As much just before: the month before a month, the same days of the month before a part of one, else as many days. */
export function before({ from, to }: Period): Period {
  const first = day(from)
  const last = day(to)
  if (first.day === 1 && from.slice(0, 7) === to.slice(0, 7)) {
    const earlier = first.subtract({ months: 1 })
    const end = last.day === last.daysInMonth ? earlier.daysInMonth : Math.min(last.day, earlier.daysInMonth)
    return { from: earlier.toString(), to: earlier.with({ day: end }).toString() }
  }
  const days = first.until(last).days + 1
  return { from: first.subtract({ days }).toString(), to: first.subtract({ days: 1 }).toString() }
}

/** "over 50", "about 30", "between 10 and 20". An amount that reads two ways is asked about elsewhere. */
export function amountOf({ text, slots: { amounts, comparison } }: Clause): { amount?: AmountRange } {
  if (comparison === null && accountFigures.test(text)) return {}
  const money = amounts.filter(
    (amount): amount is Extract<Amount, { type: 'money' }> => amount.type === 'money',
  )
  const [first, second] = money
  if (!first) return {}
  const currency = first.currency ? { currency: first.currency } : {}
  switch (comparison) {
    case 'more':
      return { amount: { min: first.decimal, ...currency } }
    case 'less':
      return { amount: { max: first.decimal, ...currency } }
    case 'between':
      return second ? { amount: { min: first.decimal, max: second.decimal, ...currency } } : {}
    case 'about':
      return { amount: { ...around(first.decimal), ...currency } }
    default:
      // "the $428 one" may be $428.49.
      return {
        amount: {
          min: first.decimal,
          max: first.decimal.includes('.') ? first.decimal : `${first.decimal}.99`,
          ...currency,
        },
      }
  }
}

/** A tenth to either side, and never less than one whole unit. */
function around(decimal: string): { min: string; max: string } {
  const value = Number(decimal)
  const by = Math.max(1, value / 10)
  return { min: Math.max(0, value - by).toFixed(2), max: (value + by).toFixed(2) }
}

const within = (ordinal: number): number => Math.max(-1, Math.min(10, ordinal))
