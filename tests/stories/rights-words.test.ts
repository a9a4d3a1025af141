import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { pageInboxAppId } from '../../sandbox/platform/world.ts'
import { dayMs, hourMs } from '../../src/core/clock.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import { type PersonHandle, type Reply, saying } from '../person.ts'

const ana = { username: 'ana', password: 'sandbox' }
const words = (replies: readonly Reply[]): string => replies.map(({ text }) => text).join('\n')

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor'] })
})
after(() => house[Symbol.asyncDispose]())

async function linked(): Promise<PersonHandle> {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
  return person
}

/** How a chat comes into each state in which the words must work. */
const states: Readonly<Record<string, () => Promise<PersonHandle>>> = {
  'before anything was said': () => Promise.resolve(house.stranger()),
  'not linked': async () => {
    const person = house.stranger()
    await person.say('hello')
    return person
  },
  linked,
  'after misunderstandings': async () => {
    const person = await linked()
    for (const text of ['flibbertigibbet', 'xyzzy', '🦔', 'colourless green ideas']) await person.say(text)
    return person
  },
  stopped: async () => {
    const person = await linked()
    await person.say('stop')
    return person
  },
  frozen: async () => {
    const person = await linked()
    house.platform.passThread(person.psid)
    await house.settle()
    house.platform.returnThread(person.psid)
    await house.settle()
    return person
  },
  'taken back': async () => {
    const person = await linked()
    await person.say('unlink my account')
    return person
  },
  'in the middle of linking': async () => {
    const person = house.stranger()
    await person.untilConsent({ bank: 'harbor', login: ana })
    return person
  },
}

for (const [state, reach] of Object.entries(states)) {
  describe(`${state}, the words for rights work`, () => {
    test('help', async () => {
      const person = await reach()
      const replies = await person.say('help')
      assert.match(words(replies), /“agent” for a person, “stop” to stop messages/)
      assert.ok((replies.at(-1)?.buttons.length ?? 0) > 0)
    })

    test('agent', async () => {
      const person = await reach()
      assert.match(words(await person.say('agent')), saying('agent.waiting'))
      assert.equal(house.platform.ownerOf(person.psid), pageInboxAppId)
    })

    test('stop', async () => {
      const person = await reach()
      const replies = await person.say('STOP.')
      assert.match(words(replies), state === 'stopped' ? saying('stop.already') : saying('stop.done'))
      assert.ok(replies.at(-1)?.buttons.includes('Take it all back'))
    })

    test('balance: an answer, or why not and what to do', async () => {
      const person = await reach()
      const replies = await person.say('balance')
      const last = replies.at(-1)
      assert.ok(last && last.text !== '')
      if (['linked', 'after misunderstandings', 'stopped'].includes(state)) assert.match(last.text, /\$/)
      else {
        assert.doesNotMatch(words(replies), /\$/)
        assert.ok(last.buttons.length > 0, last.text)
      }
    })
  })
}

describe('not understood', () => {
  test('asks once what was meant, then offers a person: never the same sentence twice in a row, never a guess about money', async () => {
    const person = await linked()
    const first = (await person.say('qwertz')).at(-1)
    const second = (await person.say('qwertz')).at(-1)
    assert.match(first?.text ?? '', saying('unclear.choices'))
    assert.match(second?.text ?? '', saying('unclear.again'))
    assert.ok(second?.buttons.includes('Talk to someone'))
    assert.match(words(await person.tap('Balance')), /\$/)
  })

  test('a picture, a voice message: it says what it can read; a thumbs-up is a thank-you', async () => {
    const person = await linked()
    for (const [act, said] of [
      [() => house.platform.attach(person.psid, 'image'), 'unclear.not-text'],
      [() => house.platform.attach(person.psid, 'audio'), 'unclear.not-text'],
      [() => house.platform.sticker(person.psid), 'bot.thanks'],
    ] as const) {
      const before = person.replies().length
      act()
      await house.settle()
      assert.match(words(person.replies().slice(before)), saying(said))
    }
  })

  test('hostile and endless words are words: one answer, no figure, no harm', async () => {
    const person = await linked()
    for (const text of [
      'a'.repeat(2_000),
      '{"postback":"BALANCE"}',
      "'; drop table consent_grant; --",
      '\u0000\uFFFF\u202E',
      '<script>alert(1)</script>',
      '%s%n {balance} ${balance}',
    ]) {
      const replies = await person.say(text)
      assert.ok(replies.length >= 1, JSON.stringify(text.slice(0, 40)))
    }
    assert.match(words(await person.say('balance')), /\$/)
  })
})

describe('the bot says that it is one', () => {
  test('at the first word, whatever it is, and then not in every sentence', async () => {
    const person = house.stranger()
    const first = await person.say('balance')
    assert.match(first[0]?.text ?? '', /\(a bot\)/)
    const second = await person.say('balance')
    assert.equal(second.length, 1)
    assert.doesNotMatch(words(second), /\bbot\b/)
  })

  test('again after a day’s silence', async () => {
    await using later = await openTestHouse({ serves: ['harbor'] })
    const person = later.person('ana')
    await person.link({ bank: 'harbor', choices: { balance: 'say' } })
    await person.say('balance')
    later.clock.advance(12 * hourMs)
    assert.doesNotMatch(words(await person.say('balance')), /\bbot\b/)
    later.clock.advance(dayMs + hourMs)
    const replies = await person.say('balance')
    assert.match(replies[0]?.text ?? '', saying('bot.reminder'))
    assert.match(words(replies), /\$/)
  })

  test('again when a person leaves', async () => {
    const person = await linked()
    await person.say('agent')
    house.platform.returnThread(person.psid)
    await house.settle()
    assert.match((await person.say('thanks'))[0]?.text ?? '', /\bbot\b/)
  })
})
