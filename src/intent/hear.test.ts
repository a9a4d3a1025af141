import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import type { Inbound } from '../channel/channel.ts'
import { askedEarlier, has, languageOf, lastAsked, newThread, setFlag } from '../conversation/thread.ts'
import type { Clause, Reading } from '../nlu/reading.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import { turn } from './turn.ts'

const now = Date.UTC(2026, 10, 20, 15)

/** Somebody at the counter, and what the model makes of their words. */
function counter(readings: Readonly<Record<string, Partial<Reading>>>, smallTalk: string | null = null) {
  const acts: string[] = []
  let handles = 0
  const unclear: string[] = []
  const deps = {
    counters: new Map(),
    servedOn: () => ['harbor'],
    homeOf: () => ({ timeZone: 'America/New_York', language: 'en', currency: 'USD' }),
    newHandle: () => `handle${String(++handles).padStart(6, '0')}`,
    newChatCode: () => '1234-AB',
    money: async () => ({ links: [], grants: [] }),
    ownAnswers: new Map(),
    second: async () => null,
    smallTalk: async () => smallTalk,
    unclear: ({ text }: Clause) => void unclear.push(text),
    read: async (text: string) => ({
      language: 'en',
      languageSure: false,
      clauses: [clauseOf(text, null)],
      ...readings[text],
    }),
    acts: {
      withdrawAll: async () => {
        acts.push('withdrawn')
        return []
      },
      hideFigures: async () => (acts.includes('hidden') ? 0 : acts.push('hidden')),
      unlinkAtPlatform: async () => {},
    },
  } as unknown as CounterDeps
  const thread = newThread()
  setFlag(thread, 'linked', true)
  thread.botSaidAt = now
  const caller = {
    ref: { lane: 0, contactId: 'c' },
    address: { channel: 'messenger', account: 'page', user: 'ana' },
    thread,
    touched: false,
  } as unknown as Caller
  const base = {
    key: 'k',
    channel: 'messenger',
    account: 'page',
    user: 'ana',
    at: now,
    standby: false,
  } as const
  const act = async (inbound: Partial<Inbound>, at = now): Promise<readonly Say[]> => {
    const { answers, later } = turn(caller, { ...base, ...inbound } as Inbound, deps, at)
    return later ? [...answers, ...(await later())] : answers
  }
  return {
    acts,
    unclear,
    thread,
    says: async (text: string, at?: number) => keys(await act({ kind: 'text', mid: 'm', text }, at)),
    offered: async (text: string) => payloads(await act({ kind: 'text', mid: 'm', text })),
    taps: async (payload: string, at?: number) => keys(await act({ kind: 'choice', payload } as never, at)),
  }
}
const keys = (says: readonly Say[]) => says.flatMap(({ answer }) => answer.lines.map(({ key }) => key))
const payloads = (says: readonly Say[]) =>
  says.flatMap(({ answer }) =>
    (answer.choices ?? []).flatMap((one) => ('payload' in one ? [one.payload] : [])),
  )
const withdraw = (text: string): Partial<Reading> => ({ clauses: [clauseOf(text, ['withdraw', 0.98])] })

describe('taking something back', () => {
  const text = 'stop telling facebook stuff'

  test('is asked about, one question at a time, and done after a plain yes', async () => {
    const ana = counter({ [text]: withdraw(text) })
    assert.deepEqual(await ana.says(text), ['withdraw.what'])
    assert.deepEqual(await ana.says('everything'), ['withdraw.sure'])
    assert.deepEqual(ana.acts, [])
    await ana.says('yes')
    assert.deepEqual(ana.acts, ['withdrawn'])
  })

  test('only the figures: one tap', async () => {
    const ana = counter({ [text]: withdraw(text) })
    const [hide] = await ana.offered(text)
    assert.deepEqual(await ana.taps(hide ?? ''), ['hide.done'])
    assert.deepEqual(ana.acts, ['hidden'])
  })

  for (const reply of [
    '👍',
    'yess pls and send ana 20',
    'maybe',
    'I did not say yes',
    'ok',
    'sure i guess??',
  ])
    test(`“${reply}” is not a yes`, async () => {
      const sure = { clauses: [clauseOf(reply, ['yes', 0.99])] }
      const ana = counter({ [text]: withdraw(text), [reply]: sure })
      await ana.says(text)
      await ana.says('everything')
      await ana.says(reply)
      assert.deepEqual(ana.acts, [])
    })

  test('twin: where the intent itself is the act, the same words take everything back unasked', async () => {
    const ana = counter({})
    await ana.taps('UNLINK')
    assert.deepEqual(ana.acts, ['withdrawn'])
  })

  test('no, in any words, changes nothing', async () => {
    for (const no of ['no', 'never mind', 'hmm id rather not']) {
      const ana = counter({ [text]: withdraw(text), [no]: { clauses: [clauseOf(no, ['no', 0.8])] } })
      await ana.says(text)
      assert.deepEqual(await ana.says(no), ['form.still-shown'])
      assert.deepEqual(ana.acts, [])
    }
  })

  test('something else in between is answered and the question put again, once; then it is let go', async () => {
    const ana = counter({
      [text]: withdraw(text),
      'thank you kindly': { clauses: [clauseOf('thank you kindly', ['thanks', 0.9])] },
    })
    await ana.says(text)
    assert.deepEqual(await ana.says('thank you kindly'), ['bot.thanks', 'withdraw.what'])
    assert.deepEqual(await ana.says('help'), ['help.text'])
    assert.deepEqual(await ana.says('everything'), ['unclear.choices'])
    assert.deepEqual(ana.acts, [])
  })

  test('a right goes before any question', async () => {
    const ana = counter({ [text]: withdraw(text) })
    await ana.says(text)
    assert.deepEqual(await ana.says('stop'), ['stop.done'])
    assert.deepEqual(await ana.says('agent'), ['agent.waiting'])
  })

  test('after a while, and from a button of another time, nothing is done', async () => {
    const ana = counter({ [text]: withdraw(text) })
    const [, everything] = await ana.offered(text)
    await ana.taps(everything ?? '')
    const [yes] = [everything?.replace('everything', 'yes') ?? '']
    assert.deepEqual(await ana.taps(yes, now + 16 * 60_000), ['again.gone'])
    assert.equal((await ana.taps('form:handle999999:yes'))[0], 'again.gone')
    assert.deepEqual(ana.acts, [])
  })
})

describe('a yes, and to what', () => {
  const stop = 'stop telling facebook stuff'

  test('with several things to say it to, it is asked which; with what it is to, it is taken', async () => {
    const ana = counter({ [stop]: withdraw(stop) })
    await ana.says(stop)
    assert.deepEqual(await ana.says('sí'), ['withdraw.which'])
    assert.deepEqual(await ana.says('oui'), ['withdraw.which'])
    assert.deepEqual(await ana.says('sí, todo'), ['withdraw.sure'])
    assert.deepEqual(ana.acts, [])
    await ana.says('oui, tout')
    assert.deepEqual(ana.acts, ['withdrawn'])
  })

  test('“oui masquer” hides; hidden already, it says so and how to see them', async () => {
    const ana = counter({ [stop]: withdraw(stop) })
    await ana.says(stop)
    assert.deepEqual(await ana.says('oui masquer'), ['hide.done'])
    assert.deepEqual(await ana.says('cache les montants'), ['hide.already'])
    assert.deepEqual(ana.acts, ['hidden'])
  })

  test('“put it back” while it is asked: nothing was changed; after figures were hidden: how to see them', async () => {
    const ana = counter({ [stop]: withdraw(stop) })
    await ana.says(stop)
    assert.deepEqual(await ana.says('bueno ya ponlo otra vez'), ['form.still-shown'])
    assert.deepEqual(await ana.says('cache mes montants'), ['hide.done'])
    assert.deepEqual(await ana.says('ok c’est beau remets-les'), ['told.showing'])
    assert.deepEqual(ana.acts, ['hidden'])
  })

  test('“remets-les” with nothing hidden before it is not taken for anything', async () => {
    const ana = counter({})
    assert.deepEqual(await ana.says('remets-les'), ['unclear.choices'])
  })

  test('what is asked beside the hiding is answered after it', async () => {
    const both = 'hide the numbers and tell me my balance'
    const ana = counter({ [both]: { clauses: [clauseOf(both, ['balance', 1])] } })
    await ana.says(both).catch(() => {})
    assert.deepEqual(ana.acts, ['hidden'])
    assert.deepEqual(lastAsked(ana.thread, now), { kind: 'balance' })
  })

  test('one permission that is named has its own place, said before the choice', async () => {
    const ana = counter({})
    assert.deepEqual(await ana.says('quítenme el permiso de ver mis pagos'), [
      'withdraw.one',
      'withdraw.what',
    ])
  })

  test('a button of a choice that was let go asks again what it is for, and does nothing by itself', async () => {
    const ana = counter({ [stop]: withdraw(stop) })
    const [, everything] = await ana.offered(stop)
    await ana.says('help')
    await ana.says('hello')
    assert.deepEqual(await ana.taps(everything ?? ''), ['withdraw.sure'])
    assert.deepEqual(ana.acts, [])
  })

  test('after an answer that offers one person, it takes that offer; else nothing is open', async () => {
    const complaint = { clauses: [clauseOf('this is a scandal', ['complaint', 0.9])] } as const
    const ana = counter({ 'this is a scandal': complaint })
    assert.deepEqual(await ana.says('sí por favor'), ['told.nothing-asked'])
    assert.deepEqual(await ana.says('this is a scandal'), ['told.complaint'])
    assert.deepEqual(await ana.says('sí por favor'), ['agent.waiting'])
    const ben = counter({ 'this is a scandal': complaint })
    await ben.says('this is a scandal')
    await ben.says('help')
    assert.deepEqual(await ben.says('yes'), ['told.nothing-asked'])
  })

  test('“annule” with nothing running hurries nobody', async () => {
    const annule = { clauses: [clauseOf('annule', ['cancel-payment', 1])] } as const
    assert.deepEqual(await counter({ annule }).says('annule'), ['told.nothing-asked'])
  })
})

describe('danger', () => {
  test('what to do is told again, shorter, to whoever asks', async () => {
    const ana = counter({})
    assert.deepEqual(await ana.says('me llamaron del banco pidiéndome un código'), ['told.phishing'])
    assert.deepEqual(await ana.says('y ahora qué'), ['told.steps-phishing'])
    assert.deepEqual(await ana.says('ok je fais quoi'), ['told.steps-phishing'])
    assert.deepEqual(await ana.says('oui'), ['agent.waiting'])
    assert.deepEqual(await counter({}).says('y ahora qué'), ['unclear.choices'])
  })

  test('which card it was is taken up: what to do with it', async () => {
    for (const card of ['la de crédito', 'the debit one', 'ma carte de débit']) {
      const ana = counter({
        'perdí mi tarjeta': { clauses: [clauseOf('perdí mi tarjeta', ['card-lost', 1])] },
        [card]: { clauses: [clauseOf(card, ['pay', 0.66])] },
      })
      await ana.says('perdí mi tarjeta')
      assert.deepEqual(await ana.says(card), ['told.steps-card'], card)
    }
  })

  test('is seen across two sentences', async () => {
    const text = 'somebody called from the bank. he wanted my pin'
    const clauses = [clauseOf('somebody called from the bank', null), clauseOf('he wanted my pin', null)]
    assert.deepEqual(await counter({ [text]: { clauses } }).says(text), ['told.phishing'])
  })

  test('is no answer to a question of ours', async () => {
    const unknown = 'je le reconnais pas'
    const ana = counter({ [unknown]: { clauses: [clauseOf(unknown, ['no', 0.74])] } })
    await ana.says('take it all back')
    assert.deepEqual(await ana.says(unknown), ['told.fraud-not-mine', 'withdraw.sure'])
    assert.deepEqual(ana.acts, [])
  })

  test('goes before any greeting, which is said behind it', async () => {
    const ana = counter({})
    ana.thread.botSaidAt = null
    assert.deepEqual(await ana.says('i gave them my code'), ['told.phishing', 'bot.who'])
    const ben = counter({})
    ben.thread.botSaidAt = null
    assert.deepEqual(await ben.says('flibber'), ['bot.hello-linked', 'unclear.choices'])
  })

  test('a code that is not the same: while an account is being linked, and not else', async () => {
    const ana = counter({})
    assert.deepEqual(await ana.says('the code is not the same'), ['unclear.choices'])
    await ana.says('link my account')
    assert.deepEqual(await ana.says('the code is not the same'), ['told.other-code'])
  })

  test('hardship twice running is not told twice in the same words', async () => {
    const broke = { clauses: [clauseOf('i am broke', ['hardship', 0.95])] } as const
    const ana = counter({ 'i am broke': broke })
    assert.deepEqual(await ana.says('i am broke'), ['told.hardship'])
    assert.deepEqual(await ana.says('i am broke'), ['told.hardship-again'])
  })
})

test('“and in Spanish?” repeats the last answer in that language', async () => {
  const ana = counter({ 'i lost it': { clauses: [clauseOf('i lost it', ['card-lost', 0.95])] } })
  await ana.says('i lost it')
  assert.deepEqual(await ana.says('y en español?'), ['told.card-lost'])
  assert.equal(languageOf(ana.thread), 'es-US')
  assert.deepEqual(await ana.says('en español'), ['language.set'])
})

describe('not understood', () => {
  test('choices, then choices with a person, then one question: a person?', async () => {
    const ana = counter({})
    assert.deepEqual(await ana.says('flibber'), ['unclear.choices'])
    assert.deepEqual(await ana.says('xyzzy'), ['unclear.again'])
    assert.deepEqual(await ana.says('plugh'), ['person.sure'])
    assert.equal(has(ana.thread, 'calling'), false)
    assert.deepEqual(await ana.says('yes please'), ['agent.waiting'])
    assert.equal(has(ana.thread, 'calling'), true)
    assert.deepEqual(ana.unclear, ['flibber', 'xyzzy', 'plugh'])
  })

  test('a yes that nothing asked for does nothing', async () => {
    const ana = counter({ 'yes do it': { clauses: [clauseOf('yes do it', ['yes', 0.99])] } })
    assert.deepEqual(await ana.says('yes do it'), ['told.nothing-asked'])
  })

  test('a doubtful guess is offered, and the tap asks exactly that', async () => {
    const guesses = [
      { name: 'card-lost', p: 0.45 },
      { name: 'card-freeze', p: 0.4 },
    ] as const
    const ana = counter({ 'card gone?': { clauses: [{ ...clauseOf('card gone?', null), guesses }] } })
    const [first] = await ana.offered('card gone?')
    assert.deepEqual(await ana.taps(first ?? ''), ['told.card-lost'])
  })
})

describe('several things in one message', () => {
  test('each is answered, in order; what was not understood is named', async () => {
    const text = 'thanks and what are you, also blorp'
    const ana = counter({
      [text]: {
        clauses: [
          clauseOf('thanks', ['thanks', 0.9]),
          clauseOf('what are you', ['smalltalk', 0.9]),
          clauseOf('also blorp', null),
        ],
      },
    })
    assert.deepEqual(await ana.says(text), ['told.smalltalk', 'unclear.part'])
  })
})

test('small talk may be worded by the bank’s own model; nothing else is', async () => {
  const readings = {
    'how are you': { clauses: [clauseOf('how are you', ['smalltalk', 0.9])] },
    'freeze it': { clauses: [clauseOf('freeze it', ['card-freeze', 0.9])] },
  } as const
  const ana = counter(readings, 'I am well, thank you.')
  assert.deepEqual(await ana.says('how are you'), ['own.answer'])
  assert.deepEqual(await ana.says('freeze it'), ['told.card-freeze'])
  assert.deepEqual(await counter(readings).says('how are you'), ['told.smalltalk'])
})

describe('the language of a chat', () => {
  test('is the one that is written, until one is chosen', async () => {
    const spanish = {
      language: 'es',
      languageSure: true,
      clauses: [clauseOf('x', ['smalltalk', 0.9])],
    } as const
    const ana = counter({ 'cómo estás': spanish, 'qué tal': { ...spanish, languageSure: false } })
    await ana.says('cómo estás')
    assert.equal(languageOf(ana.thread), 'es-US')
    await ana.says('balance')
    assert.equal(languageOf(ana.thread), 'en-US')
    await ana.says('en français')
    await ana.says('cómo estás')
    assert.equal(languageOf(ana.thread), 'fr-CA')
  })
})

test('a question about money is remembered for a quarter of an hour, so that it can be followed up', async () => {
  const ana = counter({})
  await ana.says('balance').catch(() => {})
  assert.deepEqual(lastAsked(ana.thread, now), { kind: 'balance' })
  assert.equal(lastAsked(ana.thread, now + 900_001), null)
})

test('of the questions about money the one before the last is remembered too, and as long', async () => {
  const ana = counter({})
  await ana.says('balance').catch(() => {})
  assert.equal(askedEarlier(ana.thread, now), null)
  await ana.says('payments').catch(() => {})
  assert.deepEqual(askedEarlier(ana.thread, now), { kind: 'balance' })
  assert.equal(askedEarlier(ana.thread, now + 900_001), null)
})

describe('one kind alone, inside the form that takes back', () => {
  for (const text of [
    'just the balance, keep payments',
    'solo el saldo, deja los pagos',
    'juste le solde, garde les paiements',
  ])
    test(`“${text}”: where it is switched off, and no list`, async () => {
      const asks = 'take back my permission'
      const ana = counter({
        [asks]: withdraw(asks),
        [text]: { clauses: [clauseOf(text, ['transactions', 0.97])] },
      })
      assert.deepEqual(await ana.says(asks), ['withdraw.what'])
      assert.deepEqual(await ana.says(text), ['withdraw.one', 'withdraw.what'])
      assert.deepEqual(ana.acts, [])
    })
})

test('a crisis is the only thing answered, in the middle of a form or of a danger, and no form goes on', async () => {
  const asks = 'take back my permission'
  const text = 'someone called and wanted my pin. i just want it to end'
  const ana = counter({
    [asks]: withdraw(asks),
    [text]: {
      clauses: [
        clauseOf('someone called and wanted my pin', ['fraud-not-mine', 0.9]),
        clauseOf('i just want it to end', ['stop', 0.6]),
      ],
    },
  })
  await ana.says(asks)
  assert.deepEqual(await ana.says(text), ['told.distress'])
})
