import type { MoneyAsk } from '../../src/intent/ask.ts'
import type { Reply } from '../person.ts'
import { periodNamed } from './periods.ts'
import type { Mark, Script, Understood } from './script.ts'
import { isSentence, sentencesIn, type Said } from './sentences.ts'

/** What came of one turn. */
export type Outcome = {
  readonly replies: readonly Reply[]
  /** Sentences of the catalogues found in the replies. */
  readonly said: readonly Said[]
  /** Questions about money that this turn was taken for. */
  readonly asks: readonly MoneyAsk[]
  readonly now: number
  readonly timeZone: string
  readonly grant: Script['grant']
}

export const saidIn = (replies: readonly Reply[]): Said[] => replies.flatMap(({ text }) => sentencesIn(text))

/** Sentences that claim that something was done. Quiet, and a person coming, are rights and no harm. */
export const isDone = (key: string): boolean =>
  /^(link\.undone|grant\.(withdrawn|narrowed|key-returned|key-pending|cancelled))$/.test(key) ||
  (/\.done$/.test(key) && !/^(stop|start|link)\.done$/.test(key))

/** A question to be answered by a tap or a word before anything is done. */
export const isConfirm = (key: string): boolean => /(^|\.)sure$|^withdraw\.what$|confirm/.test(key)
const isMasked = (key: string): boolean => /(^|\.)masked(\.|-|$)/.test(key)
const missed =
  /^(unclear\.|told\.|topic\.|refused\.|trouble\.|bank\.(trouble|still-down)|again\.gone|agent\.)/
const amount = /[$£€]\s?\d|\d[\d\s\u00a0\u202f.,]*\s?\$/

const kinds: Readonly<Record<string, RegExp>> = {
  hello: /^bot\.(hello|reminder)/,
  thanks: /^bot\.thanks$/,
  goodbye: /^bot\.goodbye$/,
  help: /^help\./,
  'nothing-open': /^told\.nothing-/,
  smalltalk: /^told\.(smalltalk|robot|joke|kind|birthday)$/,
}

/** The marks that stand for a family of sentences. */
const families: Readonly<Record<string, (key: string) => boolean>> = {
  masked: isMasked,
  done: isDone,
  confirm: isConfirm,
  asks: (key) =>
    /(^|\.)which(\.|-|$)/.test(key) || /^unclear\.(choices|again|part)$/.test(key) || isConfirm(key),
  kept: (key) => /^(form\.|told\.nothing-done)/.test(key),
  person: (key) => key === 'agent.waiting',
  stopped: (key) => /^stop\./.test(key),
  resumed: (key) => key === 'start.done',
  unclear: (key) => /^unclear\.|^told\.(out-of-scope|nothing-asked)$/.test(key),
  'out-of-scope': (key) => key === 'told.out-of-scope',
  'linked-offer': (key) => /^refused\.(not-linked|withdrawn|revoked|expired)$|^link\.offer$/.test(key),
  'permissions-page': (key) => /^link\.pages$|^told\.(disclosed|permissions)$/.test(key),
  'export-page': (key) => /^link\.pages$|^told\.export$/.test(key),
  'erase-page': (key) => /^link\.pages$|^told\.erase$/.test(key),
  'disclosed-page': (key) => /^link\.pages$|^told\.disclosed$/.test(key),
}

/** Names of a mark, or of a part of it, that stand for nothing: errors of a script. */
export function unknownIn(mark: Mark, at: { now: number; timeZone: string }): string[] {
  if (typeof mark !== 'string') {
    if ('any' in mark) return mark.any.flatMap((one) => unknownIn(one, at))
    return [mark.period, mark.against].flatMap((name) =>
      name === undefined || periodNamed(name, at.now, at.timeZone) ? [] : [name],
    )
  }
  if (mark.startsWith('/')) return []
  return mark.split('|').filter((name) => {
    const [kind, value = ''] = name.split(/:(.*)/s)
    if (kind === 'answer' || kind === 'language' || name === 'figures' || Object.hasOwn(families, name))
      return false
    if (kind === 'topic') return !isSentence(`topic.${value}`)
    if (kind === 'not-built') return !isSentence(`told.${value}`)
    if (kind === 'kind') return !Object.hasOwn(kinds, value) && !isSentence(`told.${value}`)
    return !isSentence(name)
  })
}

/** Does what came back show this mark? */
export function shows(mark: Mark, outcome: Outcome): boolean {
  if (typeof mark !== 'string')
    return 'any' in mark ? mark.any.some((one) => shows(one, outcome)) : isAnswer(mark, outcome)
  if (!mark.startsWith('/') && mark.includes('|')) return mark.split('|').some((one) => shows(one, outcome))
  const { replies, said } = outcome
  const regex = /^\/(.*)\/([a-z]*)$/.exec(mark)
  if (regex) return replies.some(({ text }) => new RegExp(regex[1] ?? '', regex[2]).test(text))
  if (mark === 'figures') return replies.some(({ text }) => amount.test(text))
  const family = Object.hasOwn(families, mark) ? families[mark] : undefined
  if (family) return said.some(({ key }) => family(key))
  const [name, value = ''] = mark.split(/:(.*)/s)
  switch (name) {
    case 'answer':
      return isAnswer({ answer: value as Understood['answer'] }, outcome)
    case 'not-built':
      return said.some(({ key }) => key === `told.${value}`)
    case 'topic':
      return said.some(({ key }) => key === `topic.${value}`)
    case 'kind': {
      const kind = Object.hasOwn(kinds, value) ? kinds[value] : undefined
      return said.some(({ key }) => kind?.test(key) ?? key === `told.${value}`)
    }
    case 'language':
      return spoken(said) === value
  }
  return said.some(({ key }) => key === mark)
}

/** The language of most of what was said, by the length of the sentences found. */
function spoken(said: readonly Said[]): string | null {
  const lengths = new Map<string, number>()
  for (const { tag, length } of said) lengths.set(tag, (lengths.get(tag) ?? 0) + length)
  return [...lengths].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null
}

/** An answer of this kind, with what was understood; masked only where the customer chose so or the bank keeps it. */
function isAnswer(wanted: Understood, outcome: Outcome): boolean {
  const { said, asks, replies, grant } = outcome
  if (grant === 'say' && said.some(({ key }) => key === 'masked.you-chose')) return false
  // What is said of an account may have no words but the customer's own name for it.
  const answered = replies.some(({ text }) => {
    const found = sentencesIn(text)
    return found.length === 0 || found.some(({ key }) => !missed.test(key))
  })
  const fits = asks.some((ask) => kindOf(ask) === wanted.answer && isUnderstood(wanted, ask, outcome))
  if (asks.length > 0) return fits && answered
  // "Show here, this once" asks again without a trace: the words must do.
  return Object.keys(wanted).length === 1 && said.some(({ key }) => key.startsWith(`${wanted.answer}.`))
}

const kindOf = (ask: MoneyAsk): string => (ask.kind === 'account' ? 'balance' : ask.kind)

const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
const alike = (a: string, b: string): boolean =>
  folded(a).includes(folded(b)) || folded(b).includes(folded(a))

/** What customers of the sandbox call their accounts. */
const nicknames: Readonly<Record<string, RegExp>> = {
  checking: /everyday|diarios|main|side|bills|cheques?|current/,
  savings: /rainy|ahorros?|voyage|pot|deposit|fund|epargne/,
  'credit-card': /card|carte|tarjeta|visa/,
}

function isUnderstood(wanted: Understood, ask: MoneyAsk, { now, timeZone, replies }: Outcome): boolean {
  const got = ask as Partial<Record<string, unknown>>
  const period = (name: string | undefined, found: unknown): boolean => {
    if (name === undefined) return true
    const span = periodNamed(name, now, timeZone)
    const { from, to } = (found ?? {}) as { from?: string; to?: string }
    return (
      span !== null &&
      from !== undefined &&
      to !== undefined &&
      span.from.includes(from) &&
      span.to.includes(to)
    )
  }
  const text = (want: string | undefined, found: unknown): boolean =>
    want === undefined ||
    (typeof found === 'string' && alike(found, want)) ||
    // A misspelt shop is found in the customer's list, and said as the bank writes it.
    (typeof found === 'string' && replies.some((reply) => folded(reply.text).includes(folded(want))))
  const same = (want: unknown, found: unknown): boolean => want === undefined || want === found
  const amountFrom = (got['amount'] as { min?: string } | undefined)?.min
  return (
    text(wanted.merchant, got['merchant']) &&
    text(wanted.payer, got['payer']) &&
    same(wanted.category, got['category']) &&
    period(wanted.period, got['period']) &&
    period(wanted.against, got['against']) &&
    (wanted.measure === undefined || wanted.measure === (got['measure'] ?? 'sum')) &&
    same(wanted.by, got['by']) &&
    same(wanted.limit, got['limit']) &&
    same(wanted.nth, got['nth']) &&
    same(wanted.skip, got['skip']) &&
    same(wanted.alone, got['alone']) &&
    isPlaces(wanted.places, ask) &&
    same(wanted.pending, got['pending']) &&
    same(wanted.pay, got['pay']) &&
    (wanted.min === undefined || (amountFrom !== undefined && Number(amountFrom) === Number(wanted.min))) &&
    isAccount(wanted.account, ask)
  )
}

function isPlaces(wanted: readonly string[] | undefined, ask: MoneyAsk): boolean {
  if (wanted === undefined) return true
  const of = 'several' in ask ? (ask.several?.of ?? []) : []
  return (
    of.length === wanted.length &&
    of.every(({ merchant, category }, at) =>
      merchant === undefined ? category === wanted[at] : alike(merchant, wanted[at] ?? ''),
    )
  )
}

function isAccount(wanted: string | undefined, ask: MoneyAsk): boolean {
  if (wanted === undefined) return true
  const { type, lastFour, name } = (ask.account ?? {}) as { type?: string; lastFour?: string; name?: string }
  const digits = ask.kind === 'account' ? ask.lastFour : lastFour
  return (
    type === wanted ||
    digits === wanted ||
    (name !== undefined && (nicknames[wanted]?.test(folded(name)) ?? false))
  )
}
