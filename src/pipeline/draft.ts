import type { Channel, Route } from '../channel/channel.ts'
import type { InstitutionId } from '../bank/bank.ts'
import { viewOf } from '../consent/view.ts'
import { channelState, has, languageOf } from '../conversation/thread.ts'
import { newSecret } from '../core/id.ts'
import { seal } from '../core/seal.ts'
import { openWords, wordsIn, type Words } from '../core/words.ts'
import { boxContext } from '../customer/contact.ts'
import type { Links } from '../disclosure/answer.ts'
import type { CompiledPolicy } from '../disclosure/compile.ts'
import type { ChannelState } from '../disclosure/decide.ts'
import { prepare } from '../disclosure/prepare.ts'
import type { Say } from '../intent/caller.ts'
import type { Contact } from './contacts.ts'
import { outboxBox } from './outbox.ts'
import type { Drafted } from './work.ts'

/** What drafting needs to know of an institution. */
export type Voice = {
  readonly name: string
  /** In the language and the country's way of writing of the bank. */
  readonly words: Words
  readonly timeZone: string
  readonly policy: CompiledPolicy
  readonly homeUrl: string
}

export type DraftDeps = {
  readonly channels: ReadonlyMap<string, Channel>
  readonly voices: ReadonlyMap<InstitutionId, Voice>
  /** Institutions served on a channel account. */
  readonly servedOn: (account: string) => readonly InstitutionId[]
  /** What is said while nothing tells which language. */
  readonly words: Words
  readonly publicUrl: string
  readonly cardLifeMs: number
}

/**
 * How a bank speaks in a chat: in the language that the chat is spoken in, else in its own; figures as its country
 * writes them. The consent page previews with the same words, so that what it shows is what is sent.
 */
export function wordsWith({ thread }: Pick<Contact, 'thread'>, voice: Voice): Words {
  const spoken = languageOf(thread)
  return spoken === null ? voice.words : wordsIn(spoken, voice.words.locale)
}

/**
 * Where no bank is chosen: as all banks of this account speak, when they speak alike. "You're welcome" is said in the
 * language of the figures before it.
 */
function wordsWithoutBank({ thread, address }: Contact, deps: DraftDeps): Words {
  const bank = alike(deps.servedOn(address.account), deps.voices)
  const spoken = languageOf(thread)
  if (spoken === null) return bank ?? deps.words
  return bank === null ? openWords(spoken) : wordsIn(spoken, bank.locale)
}

function alike(served: readonly InstitutionId[], voices: DraftDeps['voices']): Words | null {
  let words: Words | null = null
  for (const id of served) {
    const own = voices.get(id)?.words
    if (own === undefined || (words !== null && own.catalogue !== words.catalogue)) return null
    words ??= own
  }
  return words
}

/** What the channel allows towards this person right now: the third ceiling, and the route to use. */
export function stateOf(
  contact: Contact,
  channel: Channel,
  now: number,
): { state: ChannelState; route: Route } {
  const { thread } = contact
  if (has(thread, 'closed')) return { state: 'blocked', route: 'response' }
  if (has(thread, 'standby')) return { state: 'standby', route: 'response' }
  const { routes } = channel.window(channelState(thread), now)
  const frozen = has(thread, 'frozen')
  if (!routes.includes('response')) {
    if (!routes.includes('utility')) return { state: 'blocked', route: 'utility' }
    return { state: frozen ? 'identity_changed' : 'closed_window', route: 'utility' }
  }
  return { state: frozen ? 'identity_changed' : 'open', route: 'response' }
}

/** The addresses of our own pages that a message may carry. Opaque: they say nothing of what is behind them. */
export const linksFor = (
  deps: Pick<DraftDeps, 'publicUrl'>,
  contact: Contact,
  voice: Voice | null,
  cardId: string | null,
): Links => ({
  login: `${deps.publicUrl}/link/${contact.address.channel}/${contact.address.account}`,
  permissions: `${deps.publicUrl}/me`,
  ...(voice === null ? {} : { bank: voice.homeUrl }),
  ...(cardId === null ? {} : { card: `${deps.publicUrl}/card/${cardId}` }),
})

/** Lane first, so that a door finds the row; then 128 random bits. */
export const newCardId = (lane: number): string =>
  `crd_${lane.toString(36).padStart(2, '0')}${newSecret().slice(0, 22)}`

/** Decides, words, encodes and seals one answer to one contact. Null: nothing may be said. */
export function draft(
  contact: Contact,
  { answer, once, priority }: Say,
  now: number,
  deps: DraftDeps,
): Drafted | null {
  const channel = deps.channels.get(contact.address.account)
  if (!channel) return null
  const voice = answer.institution === null ? null : (deps.voices.get(answer.institution) ?? null)
  const grant =
    answer.institution === null
      ? undefined
      : contact.money?.grants.find(({ body }) => body.institution === answer.institution)
  const cardId = answer.card ? newCardId(contact.ref.lane) : null
  const made = prepare(answer, {
    to: contact.address,
    channel,
    ...stateOf(contact, channel, now),
    policy: voice?.policy ?? null,
    grant: grant ? viewOf(grant) : null,
    once,
    now,
    words: voice === null ? wordsWithoutBank(contact, deps) : wordsWith(contact, voice),
    timeZone: voice?.timeZone ?? 'UTC',
    institutionName: voice?.name ?? null,
    links: linksFor(deps, contact, voice, cardId),
    subjectKey: contact.keys.subject,
  })
  if (made === null) return null
  const { ref, keys } = contact
  return {
    message: {
      contact: ref,
      id: made.id,
      to: made.to,
      body: made.body,
      priority,
      institution: made.institution,
      purpose: made.purpose,
      grant:
        made.grantId === null || made.grantVersion === null
          ? null
          : { grantId: made.grantId, version: made.grantVersion },
      disclosed: made.disclosed,
      sealed: outboxBox.seal(keys.box, ref.contactId, made.id, { opening: made.opening, diary: made.diary }),
      entry: made.entry,
    },
    card:
      cardId !== null &&
      made.card &&
      answer.card &&
      answer.purpose !== null &&
      answer.institution !== null &&
      grant
        ? {
            contact: ref,
            cardId,
            institution: answer.institution,
            purpose: answer.purpose,
            grantId: grant.grantId,
            expiresAt: now + deps.cardLifeMs,
            sealed: seal(
              keys.box,
              boxContext('disclosure_card', ref.contactId, cardId),
              JSON.stringify(answer.card),
            ),
          }
        : null,
  }
}
