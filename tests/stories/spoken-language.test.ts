import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import type { BankKey } from '../../sandbox/people/people.ts'
import { languageOf, speak } from '../../src/conversation/thread.ts'
import { openWords, type LanguageTag } from '../../src/core/words.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import type { PersonHandle } from '../person.ts'
import { textOf } from '../visitor.ts'

const ana = { username: 'ana', password: 'sandbox' }
const chloe = { username: 'chloe', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse()
})
after(() => house[Symbol.asyncDispose]())

/** The chat is spoken in this language from now on, as when the person chose it. */
async function chooses(person: PersonHandle, tag: LanguageTag): Promise<void> {
  const contact = await person.contact()
  assert.ok(contact)
  assert.ok(speak(contact.thread, tag, true))
  contact.touched = true
}

const comparable = (body: string): string =>
  JSON.stringify(JSON.parse(body))
    .replace(/msg_[0-9A-Z]{26}/g, 'msg_ID')
    .replace(/crd_[0-9a-z]{2}[\w-]{22}/g, 'crd_ID')
    .replace(/"once:[\w-]+"/g, '"once:HANDLE"')
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ')

describe('the language of a chat', () => {
  for (const { tag, bank, login, masked } of [
    { tag: 'es-US', bank: 'harbor', login: ana, masked: /^El saldo|^Tus? saldos? / },
    { tag: 'fr-CA', bank: 'harbor', login: ana, masked: /^Le solde|^Votre solde|^Vos soldes/ },
    { tag: 'es-US', bank: 'erable', login: chloe, masked: /^El saldo|^Tus? saldos? / },
  ] as const satisfies readonly { tag: LanguageTag; bank: BankKey; login: typeof ana; masked: RegExp }[])
    test(`spoken in ${tag} at ${bank}: the page previews the very bytes that are sent`, async () => {
      const person = house.stranger()
      await person.say('balance')
      await chooses(person, tag)
      const page = await person.untilConsent({ bank, login })
      const lastFour = /··(\d{4})/.exec(page.words)?.[1]
      const [thing] = page.html.split(/<li class="thing"/).slice(1)
      const shown = /<div class="when mask[\s\S]*?<pre[^>]*>([\s\S]*?)<\/pre>/.exec(thing ?? '')?.[1]
      assert.ok(shown && lastFour)
      await page.press('do=agree', { 'choice.balance': 'mask' })
      await house.settle()
      const messages = () => house.sends().filter(({ body }) => body.includes('"message"'))
      const before = messages().length
      const [reply] = await person.say(`balance ending ${lastFour}`)
      assert.match(plain(reply?.text ?? ''), masked)
      assert.equal(comparable(messages()[before]?.body ?? ''), comparable(textOf(shown)))
    })

  test('what was chosen outlives a restart', async () => {
    const person = house.stranger()
    await person.say('balance')
    await chooses(person, 'fr-CA')
    await person.say('thanks')
    await house.reopen()
    const contact = await person.contact()
    assert.equal(contact && languageOf(contact.thread), 'fr-CA')
    const [reply] = await person.say('thanks')
    assert.equal(reply?.text, openWords('fr-CA').t('bot.thanks'))
  })
})
