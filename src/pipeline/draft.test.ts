import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { Channel } from '../channel/channel.ts'
import { encodeSend } from '../channel/messenger/encode.ts'
import type { Grant } from '../consent/grant.ts'
import { newThread, speak } from '../conversation/thread.ts'
import { isRefusal } from '../core/refusal.ts'
import { openWords, type LanguageTag } from '../core/words.ts'
import { contactRef, customerKeys, newDataKey } from '../customer/contact.ts'
import type { Answer } from '../disclosure/answer.ts'
import { compilePolicy } from '../disclosure/compile.ts'
import { fact } from '../disclosure/fact.ts'
import { readPolicy } from '../disclosure/policy.ts'
import { preview } from '../disclosure/preview.ts'
import { say } from '../intent/caller.ts'
import type { Contact } from './contacts.ts'
import { draft, linksFor, wordsWith, type DraftDeps, type Voice } from './draft.ts'

const now = Date.parse('2026-11-20T17:00:00Z')
const address = { channel: 'messenger', account: '100200', user: '7300000000000001' } as const
const channel = {
  window: () => ({ routes: ['response'] }),
  encode: (request: Parameters<Channel['encode']>[0]) =>
    encodeSend(request, { kind: 'messenger', httpsOnly: true }),
} as unknown as Channel

function voice(id: 'harbor' | 'erable', locale: string): Voice {
  const policy = readPolicy(readFileSync(new URL(`../../policies/${id}.json`, import.meta.url), 'utf8'))
  if (isRefusal(policy)) assert.fail(id)
  return {
    name: id === 'harbor' ? 'Harbor Bank' : 'Banque Érable',
    words: openWords(locale),
    timeZone: 'America/Toronto',
    policy: compilePolicy(policy),
    homeUrl: 'https://bank.example',
  }
}
const voices = new Map([
  ['harbor', voice('harbor', 'en-US')],
  ['erable', voice('erable', 'fr-CA')],
])
const deps = (served: readonly string[]): DraftDeps => ({
  channels: new Map([[address.account, channel]]),
  voices,
  servedOn: () => served,
  words: openWords('en-US'),
  publicUrl: 'https://gate.example',
  cardLifeMs: 1_000,
})

const grant = (institution: string): Grant =>
  ({
    grantId: 'grt_1',
    version: 1,
    state: 'active',
    validUntil: now + 1e9,
    body: { institution, channel: 'messenger', accounts: 'all', items: { balance: 'say' } },
  }) as unknown as Grant

function contact(spoken: LanguageTag | null, institution = 'harbor'): Contact {
  const thread = newThread()
  thread.lastUserAt = now
  if (spoken) speak(thread, spoken, false)
  return {
    ref: contactRef(address, 64),
    address,
    keys: customerKeys(newDataKey()),
    thread,
    money: { links: [], grants: [grant(institution)] },
  } as unknown as Contact
}

const balance = (institution: string): Answer => ({
  purpose: 'balance',
  institution,
  because: 'asked',
  lines: [
    {
      key: 'balance.said',
      needs: {
        account: fact('account.nickname', { type: 'text', text: 'Viajes' }, 'acc-1'),
        available: fact(
          'balance.available',
          {
            type: 'money',
            money: { amountMinor: 123_450, currency: institution === 'erable' ? 'CAD' : 'USD' },
          },
          'acc-1',
        ),
      },
    },
  ],
  masked: { ready: 'balance.masked' },
  choices: [{ title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' }],
})
const thanks: Answer = {
  purpose: null,
  institution: null,
  because: 'asked',
  lines: [{ key: 'bot.thanks' }],
}

function text(to: Contact, answer: Answer, served: readonly string[] = ['harbor', 'erable']): string {
  const made = draft(to, say(answer), now, deps(served))
  assert.ok(made)
  const { message } = JSON.parse(made.message.body) as { message: { text: string } }
  return message.text.replace(/[\u00a0\u202f]/g, ' ')
}

describe('an answer is worded', () => {
  test('in the language the chat is spoken in', () => {
    assert.equal(text(contact('en-US'), balance('harbor')), 'Viajes: $1,234.50 available.')
    assert.equal(text(contact('es-US'), balance('harbor')), 'Viajes: $1,234.50 de saldo disponible.')
    assert.equal(text(contact('fr-CA'), balance('harbor')), 'Viajes : solde disponible de 1 234,50 $ US.')
  })
  test('in the bank’s, while none was heard', () => {
    assert.equal(text(contact(null), balance('harbor')), 'Viajes: $1,234.50 available.')
    assert.equal(text(contact(null, 'erable'), balance('erable')), 'Viajes : solde disponible de 1 234,50 $.')
  })
  test('with the figures of the bank’s country', () => {
    assert.equal(text(contact('en-US', 'erable'), balance('erable')), 'Viajes: $1,234.50 available.')
    assert.equal(
      text(contact('es-US', 'erable'), balance('erable')),
      'Viajes: CAD 1,234.50 de saldo disponible.',
    )
  })
  test('its buttons too', () => {
    const made = draft(contact('es-US'), say(balance('harbor')), now, deps(['harbor']))
    assert.match(made?.message.body ?? '', /Últimos pagos/)
  })
})

describe('words of no bank', () => {
  const { t: english } = openWords('en-US')
  const { t: french } = openWords('fr-CA')
  test('are in the language of the chat, else of the banks that are served there, else in the house’s', () => {
    assert.equal(text(contact('es-US'), thanks), openWords('es-US').t('bot.thanks'))
    assert.equal(text(contact(null), thanks, ['erable']), french('bot.thanks'))
    assert.equal(text(contact('en-US'), thanks, ['erable']), english('bot.thanks'))
    // Two banks that speak differently: neither is asked.
    assert.equal(text(contact(null), thanks, ['harbor', 'erable']), english('bot.thanks'))
    assert.equal(text(contact(null), thanks, ['erable', 'harbor']), english('bot.thanks'))
  })
})

describe('a preview of a bank’s answer', () => {
  const shown = (to: Contact, spoken: Contact, institution: string): string | undefined => {
    const bank = voices.get(institution)
    assert.ok(bank)
    return preview(
      balance(institution),
      { exposure: 'say', accounts: 'all', validUntil: now + 1e9 },
      {
        id: 'msg_ID',
        to: address,
        channel,
        route: 'response',
        state: 'open',
        policy: bank.policy,
        once: false,
        now,
        words: wordsWith(spoken, bank),
        timeZone: bank.timeZone,
        institutionName: bank.name,
        links: linksFor({ publicUrl: 'https://gate.example' }, to, bank, null),
      },
    )?.body
  }
  const sent = (to: Contact, institution: string): string | undefined =>
    draft(to, say(balance(institution)), now, deps(['harbor']))?.message.body.replace(
      /msg_[0-9A-Z]{26}/,
      'msg_ID',
    )
  test('is in the language of the chat, byte for byte what is sent there', () => {
    for (const institution of ['harbor', 'erable'])
      for (const spoken of [null, 'en-US', 'es-US', 'fr-CA'] as const) {
        const to = contact(spoken, institution)
        assert.equal(shown(to, to, institution), sent(to, institution))
      }
  })
  test('twin: worded as the bank speaks, it would show other bytes to who writes another language', () => {
    const to = contact('es-US')
    assert.notEqual(shown(to, contact(null), 'harbor'), sent(to, 'harbor'))
  })
})
