import type { Account } from '../../bank/bank.ts'
import type { Exposure } from '../../consent/exposure.ts'
import type { Purpose } from '../../consent/purpose.ts'
import { dayMs } from '../../core/clock.ts'
import type { InstitutionConfig } from '../../core/config-schema.ts'
import type { Linking } from '../../customer/linking.ts'
import type { Answer } from '../../disclosure/answer.ts'
import { preview } from '../../disclosure/preview.ts'
import { newThread } from '../../conversation/thread.ts'
import type { Caller, CounterDeps, Say } from '../../intent/caller.ts'
import { answerMoney } from '../../intent/money-turn.ts'
import { usualPeriod } from '../../intent/period.ts'
import { linksFor, wordsWith } from '../../pipeline/draft.ts'
import type { Contact } from '../../pipeline/contacts.ts'
import { consentChoices, type ConsentChoice, type ConsentPreview } from '../pages/consent.ts'
import type { Web } from '../web.ts'
import type { Chosen } from './choices.ts'

/** The answers that the customer's own questions would get, from their own figures, read from the bank just now. */
export type Samples = Partial<Record<Purpose, Answer>>

/** An id and a card address of the right form: the real ones are made when a message is. */
const sampleId = `msg_${'0'.repeat(26)}`
const sampleCard = 'crd_00AAAAAAAAAAAAAAAAAAAAAA'

/**
 * Asks the counter's own intents the questions that the page previews, as this customer with a grant for everything: the
 * intents make the same answers as they will in the chat, and the gate (in `previewsFor`) decides what is told of them.
 */
export async function sampleAnswers(
  web: Web,
  institution: InstitutionConfig,
  linking: Linking,
): Promise<Samples> {
  const { tokens, accounts = [], subject = '' } = linking.body
  if (!tokens) return {}
  const now = web.clock()
  let held = tokens
  // No chat hears this: what its answers would remember is forgotten with them.
  const caller = { ref: linking.contact, thread: newThread(), touched: false } as Caller
  const deps: CounterDeps = {
    ...web.engine.counterDeps,
    newHandle: () => 'preview',
    money: async () => ({
      links: [{ institution: institution.id, subject, tokens }],
      grants: [
        {
          grantId: 'grt_preview',
          version: 1,
          state: 'active',
          validUntil: now + dayMs,
          body: {
            institution: institution.id,
            channel: 'messenger',
            language: 'en-US',
            accounts: 'all',
            accountNames: [],
            items: { balance: 'say', transactions: 'say', insights: 'say' },
            givenAt: now,
            validUntil: now + dayMs,
            disclosureHash: '',
            method: 'linking-page',
            policyVersion: 0,
            bankConsentId: null,
          },
        },
      ],
    }),
    tokens: () => ({
      current: () => held,
      save: async (next) => {
        held = next
      },
    }),
  }
  const first = accounts.find((account: Account) => account.type === 'checking') ?? accounts[0]
  const about = first ? { account: { lastFour: first.lastFour } } : {}
  const period = usualPeriod(now, institution.timeZone)
  const asks = {
    balance: { kind: 'balance', ...about },
    transactions: { kind: 'transactions', limit: 3, ...about },
    insights: { kind: 'spending', period },
  } as const
  const samples: Samples = {}
  await Promise.all(
    Object.entries(asks).map(async ([purpose, asked]) => {
      const says: readonly Say[] = await answerMoney(
        { ...asked, institution: institution.id },
        caller,
        deps,
        now,
        'once:preview',
      )
      const answer = says.find((one) => one.answer.purpose === purpose)?.answer
      if (answer) samples[purpose as Purpose] = answer
    }),
  )
  return samples
}

/** What Messenger would receive of one purpose's sample answer, for each position of the switch. */
export function previewsFor(
  web: Web,
  contact: Contact,
  institution: InstitutionConfig,
  samples: Samples,
  purpose: Purpose,
  chosen: Chosen,
  now: number,
): Record<ConsentChoice, ConsentPreview> {
  const nothing: ConsentPreview = { text: null, buttons: [], bytes: null }
  const answer = samples[purpose]
  const voice = web.voices.get(institution.id)
  const channel = web.channels.get(contact.address.account)?.messenger
  const of = (choice: ConsentChoice): ConsentPreview => {
    if (!answer || !voice || !channel || choice === 'withhold') return nothing
    const exposure: Exposure = choice
    const made = preview(
      answer,
      { exposure, accounts: 'all', validUntil: now + chosen.days * dayMs },
      {
        id: sampleId,
        to: contact.address,
        channel,
        route: 'response',
        state: 'open',
        policy: voice.policy,
        once: false,
        now,
        // The language of the chat, whatever this page is read in: what is shown here is what is sent there.
        words: wordsWith(contact, voice),
        timeZone: voice.timeZone,
        institutionName: voice.name,
        links: linksFor({ publicUrl: web.config.publicUrl }, contact, voice, sampleCard),
      },
    )
    if (!made) return nothing
    const { content } = made
    const text = 'text' in content ? content.text : ''
    const buttons =
      'buttons' in content
        ? content.buttons.flatMap((button) => ('title' in button ? [button.title] : []))
        : []
    const replies = 'quickReplies' in content ? (content.quickReplies ?? []).map((reply) => reply.title) : []
    return { text, buttons: [...buttons, ...replies], bytes: JSON.stringify(JSON.parse(made.body), null, 2) }
  }
  return Object.fromEntries(consentChoices.map((choice) => [choice, of(choice)])) as Record<
    ConsentChoice,
    ConsentPreview
  >
}
