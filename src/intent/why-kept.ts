import { within } from '../consent/exposure.ts'
import type { Field } from '../consent/field.ts'
import { isLive } from '../consent/grant.ts'
import type { Purpose } from '../consent/purpose.ts'
import { ceilingOf } from '../disclosure/compile.ts'
import type { Ask, MoneyAsk, ToldName } from './ask.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import { answerMoney } from './money-turn.ts'
import { isPutBack } from './showing.ts'
import { tell } from './told.ts'

/** What the answer to a question cannot be told without. */
const figure: Readonly<Record<MoneyAsk['kind'], readonly [Purpose, Field]>> = {
  balance: ['balance', 'balance.available'],
  account: ['balance', 'balance.available'],
  transactions: ['transactions', 'transaction.amount'],
  spending: ['insights', 'spending.total'],
  income: ['insights', 'income.total'],
}

/**
 * "Why can't you show it": where the bank's own policy keeps the figure from this channel, no choice of the customer's
 * would show it, so that is said, with the page that does. Null: it is the customer's choice.
 */
export async function bankKeeps(
  asked: MoneyAsk | null,
  caller: Caller,
  deps: CounterDeps,
  now: number,
): Promise<Say | null> {
  if (asked === null) return null
  const [purpose, field] = figure[asked.kind]
  const { links } = await deps.money(caller)
  const banks = links
    .filter(({ institution }) => asked.institution === undefined || institution === asked.institution)
    .flatMap(({ institution }) => deps.counters.get(institution) ?? [])
  const [only] = banks
  if (!only || banks.length > 1) return null
  if (ceilingOf(only.policy, purpose, field, caller.address.channel).ceiling === 'say') return null
  const card = (await answerMoney(asked, caller, deps, now, true))[0]?.answer.card
  const one = tell('showing-bank', only.id)
  return card
    ? {
        ...one,
        answer: { ...one.answer, card, choices: [{ title: 'button.view-securely', link: 'card' }] },
      }
    : one
}

/** What Messenger sees of a customer who keeps figures out of it: only what they had shown here themselves. */
export async function seenBy(caller: Caller, deps: CounterDeps, now: number): Promise<ToldName> {
  const { grants } = await deps.money(caller)
  const live = grants.filter((grant) => isLive(grant, now))
  const hidden = live.every(({ body }) => Object.values(body.items).every((item) => within(item, 'mask')))
  return live.length > 0 && hidden ? 'seen-hidden' : 'seen'
}

/** "OK, show it again": where figures are hidden, how to see them; where they are shown, the last answer once more. */
export async function onPutBack(
  caller: Caller,
  text: string,
  last: MoneyAsk | null,
  deps: CounterDeps,
  now: number,
): Promise<{ readonly band: 'act'; readonly ask: Ask } | null> {
  if (last === null || !isPutBack(text)) return null
  const hidden = (await seenBy(caller, deps, now)) === 'seen-hidden'
  return { band: 'act', ask: hidden ? { kind: 'told', about: 'showing' } : last }
}
