import topics from '../../words/topics.en-US.json' with { type: 'json' }
import type { InstitutionId } from '../bank/bank.ts'
import { openWords, type WordKey } from '../core/words.ts'
import type { Choice } from '../disclosure/answer.ts'
import type { Guess } from '../nlu/reading.ts'
import type { CounterDeps, Say } from './caller.ts'
import { words } from './talk.ts'

/** Buttons that a help topic may end in, by the names its file gives them. */
const nextChoices: Readonly<Record<string, Choice>> = {
  person: { title: 'button.agent', payload: 'PERSON' },
  'bank-page': { title: 'button.bank-page', link: 'bank' },
  balance: { title: 'button.balance', payload: 'BALANCE' },
  transactions: { title: 'button.payments', payload: 'TRANSACTIONS' },
  'card-lost': { title: 'button.card-lost', payload: 'CARD_LOST' },
  permissions: { title: 'button.permissions', link: 'permissions' },
}
const ways = (names: readonly string[]): Choice[] => names.flatMap((name) => nextChoices[name] ?? [])

/**
 * A question of general help, answered in general and with where to go next. The bank's own words, where it gave some,
 * go before ours. Something that nobody has words for is told as such.
 */
export function topicAnswer(topic: string, institution: InstitutionId | null, deps: CounterDeps): Say {
  const own = deps.ownAnswers.get(topic)
  if (own)
    return words(
      [{ key: 'own.answer', params: { text: { type: 'own', texts: own.say } } }],
      ways(own.next),
      institution,
    )
  const name = topic.slice('topic:'.length)
  const key = topicKey(name, 'say')
  const { next } = (topics as Readonly<Record<string, { next: readonly string[] }>>)[name] ?? {
    next: ['person'],
  }
  return words([{ key: key ?? 'told.out-of-scope' }], ways(next), institution)
}

/** What a meaning is called on a button that asks it. */
export function offerChoice(name: Guess['name'], payload: string, deps: CounterDeps): Choice {
  const own = deps.ownAnswers.get(name)
  if (own)
    return { name: { key: 'own.answer', params: { text: { type: 'own', texts: own.title } } }, payload }
  const key = name.startsWith('topic:')
    ? topicKey(name.slice('topic:'.length), 'title')
    : known(`offer.${name}`)
  return { title: key ?? 'button.help', payload }
}

const english = openWords('en-US')
const known = (key: string): WordKey | null => (english.has(key) ? key : null)
const topicKey = (name: string, part: 'say' | 'title'): WordKey | null => known(`topic.${name}.${part}`)
