import type { InstitutionId } from '../bank/bank.ts'
import type { Choice } from '../disclosure/answer.ts'
import type { WordKey } from '../core/words.ts'
import type { Ask, ToldName } from './ask.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import { words } from './talk.ts'

const person: Choice = { title: 'button.agent', payload: 'PERSON' }
const bank: Choice = { title: 'button.bank-page', link: 'bank' }
const mine: Choice = { title: 'button.permissions', link: 'permissions' }
const payments: Choice = { title: 'button.payments', payload: 'TRANSACTIONS' }
const help: Choice = { title: 'button.help', payload: 'HELP' }
const hide: Choice = { title: 'button.hide', payload: 'HIDE' }

/**
 * What is understood and answered with words alone. Where Guichet cannot do it yet, the sentence says so, says that
 * nothing was done, and where it is done; never a pretence.
 */
const told: Readonly<Record<ToldName, readonly [WordKey, ...Choice[]]>> = {
  abuse: ['told.abuse', person, help],
  'alerts-off': ['told.alerts-off', bank, person],
  'alerts-on': ['told.alerts-on', bank, person],
  'cancel-payment': ['told.cancel-payment', person, bank],
  'card-freeze': ['told.card-freeze', bank, person],
  'card-limits': ['told.card-limits', bank, person],
  'card-lost': ['told.card-lost', person, bank],
  'card-unfreeze': ['told.card-unfreeze', bank, person],
  complaint: ['told.complaint', person],
  disclosed: ['told.disclosed', mine],
  dispute: ['told.dispute', person, bank, payments],
  erase: ['told.erase', mine],
  export: ['told.export', mine],
  fees: ['told.fees', bank, person],
  'fraud-mine': ['told.fraud-mine', payments, person],
  'fraud-not-mine': ['told.fraud-not-mine', person, bank, payments],
  hardship: ['told.hardship', person],
  order: ['told.order', help],
  'out-of-scope': ['told.out-of-scope', help, person],
  parcels: ['told.parcels', payments, person],
  pay: ['told.pay', bank, person],
  receipts: ['told.receipts', payments, person],
  'request-money': ['told.request-money', bank, person],
  smalltalk: ['told.smalltalk', help],
  'split-bill': ['told.split-bill', bank, person],
  statements: ['told.statements', bank, person],
  'nothing-asked': ['told.nothing-asked', help, person],
  'nothing-done': ['told.nothing-done', help, person],
  payday: ['told.payday', person],
  ahead: ['told.ahead', { title: 'offer.income', payload: 'INCOME' }, person],
  amount: ['told.amount', person],
  bereavement: ['told.bereavement', person],
  distress: ['told.distress', person],
  safe: ['told.safe', mine, help],
  phishing: ['told.phishing', bank, person],
  'other-code': ['told.other-code', { title: 'button.link', payload: 'LINK' }, person],
  'steps-card': ['told.steps-card', bank, person],
  'steps-phishing': ['told.steps-phishing', bank, person],
  'hardship-danger': ['told.hardship-danger', person],
  'hardship-again': ['told.hardship-again', person],
  showing: ['told.showing', mine],
  robot: ['told.robot', person, help],
  joke: ['told.joke', help],
  kind: ['told.kind', help],
  birthday: ['told.birthday', help],
  sold: ['told.sold', mine],
  seen: ['told.seen', hide, mine],
  due: ['told.due', bank, person],
  'new-account': ['told.new-account', bank, person],
  hours: ['told.hours', bank, person],
  'not-linking': ['told.not-linking', help, person],
  'erase-what': ['told.erase-what', mine],
  'seen-hidden': ['told.seen-hidden', mine],
  'showing-bank': ['told.showing-bank', bank],
  whom: ['told.whom', person],
}

/** What a plain "yes" takes after it: the one thing its sentence offers. */
export const offeredBy = (about: string | null): Ask | null => {
  if (about === null) return null
  if (findsPayment.has(about)) return { kind: 'find' }
  return bringsPerson.has(about) ? { kind: 'person' } : null
}
const findsPayment: ReadonlySet<string> = new Set<ToldName>(['parcels', 'receipts'])
const bringsPerson: ReadonlySet<string> = new Set<ToldName>([
  'abuse',
  'bereavement',
  'card-lost',
  'complaint',
  'distress',
  'dispute',
  'fraud-not-mine',
  'hardship',
  'hardship-again',
  'hardship-danger',
  'other-code',
  'phishing',
  'robot',
  'steps-card',
  'steps-phishing',
])

/** A "no" to what was offered, or to what was only told how to do. */
export const letGo = (before: string | null): boolean =>
  offeredBy(before) !== null || (before !== null && undone.has(before))
const undone: ReadonlySet<string> = new Set<ToldName>([
  'cancel-payment',
  'card-freeze',
  'erase',
  'erase-what',
  'order',
  'pay',
  'request-money',
  'split-bill',
])

/** The same trouble twice running: not the same text twice, but a shorter one. */
export function toldAgain(about: ToldName, before: string | null): ToldName {
  const shorter = again[about]
  return shorter && (before === about || before === shorter) ? shorter : about
}
const again: Readonly<Partial<Record<ToldName, ToldName>>> = {
  hardship: 'hardship-again',
  phishing: 'steps-phishing',
  'fraud-not-mine': 'steps-card',
  'card-lost': 'steps-card',
}

export function tell(about: ToldName, institution: InstitutionId | null): Say {
  const [key, ...choices] = told[about]
  return words([{ key }], choices, institution)
}

/** Whose page to offer: the one bank served here, else the one that is linked; null where several could be meant. */
export async function bankOf(caller: Caller, deps: CounterDeps): Promise<InstitutionId | null> {
  const served = deps.servedOn(caller.address.account)
  if (served.length === 1) return served[0] ?? null
  const { links } = await deps.money(caller)
  return links.length === 1 ? (links[0]?.institution ?? null) : null
}
