import { isDeepStrictEqual } from 'node:util'
import { Temporal } from 'temporal-polyfill'
import type { Clause } from '../nlu/reading.ts'
import type { MoneyAsk, Period, Place } from './ask.ts'
import { fromNewest } from './page.ts'
import { lastDays } from './period.ts'
import { before, type AskContext } from './when.ts'
import { whole } from './whole.ts'

type Spending = Extract<MoneyAsk, { kind: 'spending' }>

/**
 * What names a time only after a question that had one: "not 2 weeks, 2 months", "y el pasado?", "in which of the two
 * did I spend more". `said` is the clause's text, folded. Null when the words are more than that.
 */
export function referInTime(
  said: string,
  { slots }: Clause,
  last: MoneyAsk,
  context: AskContext,
): MoneyAsk | null {
  if (last.kind === 'balance' || last.kind === 'account' || slots.periods.length > 0) return null
  if (last.kind === 'spending' && whichWords.test(said)) return ofTwo(last, context.earlier ?? null)
  const span = spanIn(said, context)
  if (span) return over(last, span)
  const back = previousWords.exec(said)
  // Of a list and of pay, "the one before" is a payment.
  if (!back || !last.period || (last.kind === 'income' && last.pay)) return null
  if (last.kind === 'transactions' && !/pas[ae]/i.test(back[0])) return null
  const once = wholeBefore(last.period)
  return over(last, /antepasad/i.test(back[0]) ? wholeBefore(once) : once)
}

function over(last: MoneyAsk, period: Period): MoneyAsk | null {
  switch (last.kind) {
    case 'transactions': {
      const { nth: _, alone: _a, ...list } = fromNewest(last)
      return { ...list, period }
    }
    case 'spending': {
      const { against: _, sincePay: _s, ...asked } = last
      return { ...asked, period }
    }
    case 'income':
      return { ...last, period }
    case 'balance':
    case 'account':
      return null
  }
}

const counts = [
  'one|an?|una?|uno|une',
  'two|a couple(?: of)?|dos|deux',
  'three|tres|trois',
  'four|cuatro|quatre',
  'five|cinco|cinq',
  'six|seis',
  'seven|siete|sept',
  'eight|ocho|huit',
  'nine|nueve|neuf',
  'ten|diez|dix',
  'eleven|once|onze',
  'twelve|doce|douze',
]
const units = [
  ['days', /^(?:day|dia|jour)/i],
  ['weeks', /^(?:week|semana|semaine)/i],
  ['months', /^(?:month|mes|mois)/i],
  ['years', /^(?:year|ano|an)/i],
] as const
const span = `(?:(?:the|los|las|les|last|past|ultim[oa]s|dernieres?|derniers?) )*(?:\\d{1,3}|${counts.join('|')}) (?:dernieres? |derniers? |ultim[oa]s )?(?:days?|dias?|jours?|weeks?|semanas?|semaines?|months?|mes|meses|mois|years?|anos?|ans?|annees?)(?: (?:pasad[oa]s|passee?s))?`
const spanWords = whole(
  `(?:(?:not|no|pas) (?:over |for |sur |de |en |por )?${span}\\W+)?(?:(?:but|sino|mais|plutot|rather|over|for|sur|pour|en|de|por|durante|make it|i meant?|mejor|quise decir|quiero decir|je voulais dire|je veux dire|mets|c'est|it's|es|son) )*(?<span>${span})(?:\\W+(?:not|no|pas) ${span})?`,
)

/** So many days, weeks, months or years up to today; the ones that are not denied. */
function spanIn(said: string, { now, timeZone }: AskContext): Period | null {
  const found = spanWords.exec(said)?.groups?.['span']
  if (!found) return null
  const word = found.split(/\s+/).findLast((one) => units.some(([, names]) => names.test(one))) ?? ''
  const unit = units.find(([, names]) => names.test(word))?.[0]
  const figure = /\d+/.exec(found)?.[0]
  const count = figure
    ? Number(figure)
    : counts.findIndex((names) => new RegExp(`\\b(?:${names})\\b`, 'i').test(found)) + 1
  if (!unit || count < 1) return null
  const { to } = lastDays(1, now, timeZone)
  const from = Temporal.PlainDate.from(to).subtract({ [unit]: count })
  return { from: (unit === 'days' ? from.add({ days: 1 }) : from).toString(), to }
}

const previousWords = whole(
  '(?:what about |how about |in |for )?the (?:previous|prior|preceding|past)(?: one)?|(?:what about |how about )?the one before(?: that)?|before that',
  '(?:que tal |en |de )?(?:el|la) (?:pasad[oa]|anterior|antepasad[oa]|previ[oa])(?: a (?:ese|esa|eso|este|esta))?',
  "(?:dans |pour )?(?:le|la|celui|celle) (?:passee?|precedente?|d'avant)",
)

/** The whole week, month or year before a part of one; else as much just before. */
function wholeBefore(period: Period): Period {
  const from = Temporal.PlainDate.from(period.from)
  const days = from.until(Temporal.PlainDate.from(period.to)).days + 1
  const last = from.subtract({ days: 1 }).toString()
  if (from.day === 1 && period.from.slice(0, 7) === period.to.slice(0, 7))
    return { from: from.subtract({ months: 1 }).toString(), to: last }
  if (from.dayOfYear === 1 && period.from.slice(0, 4) === period.to.slice(0, 4))
    return { from: from.subtract({ years: 1 }).toString(), to: last }
  if (from.dayOfWeek === 1 && days > 1 && days <= 7)
    return { from: from.subtract({ days: 7 }).toString(), to: last }
  return before(period)
}

const whichWords = whole(
  '(?:in |at |on )?(?:which|what)(?: one)? of (?:the |those |these |them )?(?:two|2|both)(?: (?:months|weeks|years|shops|stores|times|places))?\\b.{0,30}(?:more|most|less|least|higher|bigger)(?: (?:in|at|on|for))?|(?:in |at )?(?:which|what) (?:month|week|year|one) (?:did i|was|is|had) .{0,20}(?:more|less|higher|bigger)(?: (?:in|at|on|for))?',
  '(?:en |a )?(?:cual|que mes|que semana) de (?:los|las|esos|esas|ellos|ellas)(?: (?:dos|2))?(?: (?:meses|semanas|lugares|tiendas))?\\b.{0,20}(?:mas|menos)|en (?:cual|que mes|que semana|que ano) .{0,20}(?:mas|menos)',
  '(?:dans |en |chez |pour |a )?(?:lequel|laquelle) des (?:deux|2)(?: (?:mois|semaines|magasins))?\\b.{0,40}(?:plus|moins)(?: (?:depense|cher|eleve|gros))?|(?:dans |en |chez )(?:lequel|laquelle|quel mois|quelle semaine) .{0,30}(?:plus|moins)(?: (?:depense|cher|eleve))?',
)

/** The last two questions held against each other, where they differ in one thing: when, or where. */
function ofTwo(last: Spending, earlier: MoneyAsk | null): MoneyAsk | null {
  if (last.against) return last
  if (last.several?.of.length === 2) return { ...last, several: { ...last.several, versus: true } }
  if (earlier?.kind !== 'spending' || earlier.several || last.several) return null
  const { period, place, rest } = partsOf(last)
  const other = partsOf(earlier)
  if (!isDeepStrictEqual(rest, other.rest)) return null
  if (isDeepStrictEqual(place, other.place))
    return isDeepStrictEqual(period, other.period)
      ? null
      : period.from < other.period.from
        ? { ...rest, ...place, period: other.period, against: period }
        : { ...rest, ...place, period, against: other.period }
  const names = [other.place, place].map(({ merchant, category }) => merchant ?? category)
  return isDeepStrictEqual(period, other.period) && names.every((name) => name !== undefined)
    ? {
        ...rest,
        period,
        several: { said: names.join(', ').slice(0, 80), of: [other.place, place], versus: true },
      }
    : null
}

/** When, where, and what else limits a sum; how it is worked out is left out. */
function partsOf(asked: Spending): { period: Period; place: Place; rest: Omit<Spending, 'period'> } {
  const { period, merchant, category, loose: _, measure: _m, by: _b, weekly: _w, ...rest } = asked
  return {
    period,
    place: { ...(merchant ? { merchant } : {}), ...(category ? { category } : {}) },
    rest,
  }
}
