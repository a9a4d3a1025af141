import { createRandom, type Random } from '../../sandbox/platform/random.ts'
import { openWords } from '../../src/core/words.ts'

/** What a reply is, told by its words. `amount`: the balance of this very person. */
export type Kind =
  | 'hello'
  | 'link'
  | 'permissions'
  | 'hidden'
  | 'nothing-to-undo'
  | 'not-linked'
  | 'smalltalk'
  | 'amount'
  | 'other'

const { t } = openWords('en-US')
/** Said first to whoever writes for the first time. */
const openings: readonly (readonly [string, Kind])[] = [
  [t('bot.hello-any-bank'), 'hello'],
  [t('bot.hello-linked-any-bank'), 'hello'],
  [t('link.offer'), 'link'],
  [t('link.pages'), 'permissions'],
  [t('hide.done', { platform: 'Messenger' }), 'hidden'],
  [t('hide.already', { platform: 'Messenger' }), 'hidden'],
  [t('grant.none'), 'nothing-to-undo'],
  [t('refused.not-linked'), 'not-linked'],
  [t('told.robot'), 'smalltalk'],
]

/** A linked person's balance in cents: everyone's is another. */
export const centsOf = (psid: string): number => 100_000 + Number(psid.slice(-6)) * 7
export const amountOf = (psid: string): string =>
  `$${(centsOf(psid) / 100).toLocaleString('en-US', { minimumFractionDigits: 2 })}`

export function kindOfReply(text: string, psid: string): Kind {
  if (text.includes(amountOf(psid))) return 'amount'
  return openings.find(([opening]) => text.startsWith(opening))?.[1] ?? 'other'
}

/**
 * What people write: words that decide the reply, and marks that make the text the only one of its kind. The last is
 * read by the model; the others are words that always work.
 */
const asks = {
  hello: 'hello',
  link: 'link',
  permissions: 'permissions',
  hide: 'hidden',
  unlink: 'nothing-to-undo',
  balance: 'not-linked',
  'are you a robot': 'smalltalk',
} as const
type Ask = keyof typeof asks
const ofStrangers = Object.keys(asks) as Ask[]
// Hiding and unlinking would change what a linked person is told.
const ofLinked: readonly Ask[] = ['balance', 'balance', 'balance', 'permissions', 'are you a robot', 'hello']

export const nextText = (random: Random, linked: boolean, n: number): string =>
  `${random.pick(linked ? ofLinked : ofStrangers)} ${marks(n)}`

/** A number in marks that no reader minds. */
const marks = (n: number): string => n.toString(2).replaceAll('0', '.').replaceAll('1', '!')

/** The replies to these messages, in order. Hiding, unlinking and what the model reads are looked up first; the others are answered at once. */
export function repliesTo(texts: readonly string[], linked: boolean): Kind[] {
  return texts.flatMap((text, index): Kind[] => {
    const ask = text.slice(0, text.lastIndexOf(' ')) as Ask
    const reply: Kind = linked && ask === 'balance' ? 'amount' : asks[ask]
    return index === 0 && !linked && reply !== 'hello' ? ['hello', reply] : [reply]
  })
}

/** The words of a message, whatever template carries them. */
export function textOf(message: Readonly<Record<string, unknown>>): string {
  if (typeof message['text'] === 'string') return message['text']
  const attachment = message['attachment'] as { payload?: { text?: string } } | undefined
  return attachment?.payload?.text ?? ''
}

export { createRandom, type Random }
