/** The language of a page: chosen at its foot, kept for the next ones, never a way to lead anybody astray. */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { speak } from '../../src/conversation/thread.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import type { PersonHandle } from '../person.ts'
import { type Page, Visitor } from '../visitor.ts'

const ana = { username: 'ana', password: 'sandbox' }
let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor'] })
})
after(() => house[Symbol.asyncDispose]())

const langOf = (page: Page): string => /<html lang="([^"]*)"/.exec(page.html)?.[1] ?? ''
const choose = (page: Page, tag: string): Promise<Page> => page.press(`language=${tag}`)
const post = (visitor: Visitor, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  visitor.open(`${house.url}/language`, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers,
    redirects: 0,
  })

async function linked(): Promise<PersonHandle> {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
  await person.signInAt(await person.visit('/me'), { as: ana })
  return person
}

describe('without a choice', () => {
  test('a stranger’s page is in the browser’s language, and says so', async () => {
    const page = await new Visitor().open(`${house.url}/me`, {
      headers: { 'accept-language': 'fr-FR,fr;q=0.9' },
    })
    assert.equal(langOf(page), 'fr-CA')
    assert.equal(page.heading, 'Est-ce bien vous?')
    assert.equal(page.headers.get('cache-control'), 'no-store')
  })
  test('a browser that asks for no language of ours gets the bank’s', async () => {
    const page = await new Visitor().open(`${house.url}/me`, { headers: { 'accept-language': 'de' } })
    assert.equal(langOf(page), 'en-US')
  })
  test('who comes from a Spanish chat links in Spanish, and reads what is sent there in Spanish', async () => {
    const person = house.stranger()
    await person.say('hello')
    const contact = await person.contact()
    assert.ok(contact)
    speak(contact.thread, 'es-US', true)
    const { page } = await person.untilCode({ bank: 'harbor' })
    assert.equal(langOf(page), 'es-US')
    assert.equal(page.heading, 'Sigue en Harbor Bank')
  })
})

describe('the switch at the foot of a page', () => {
  test('names each language in itself, marks the present one, and needs no script', async () => {
    const page = await new Visitor().open(`${house.url}/me`)
    const form = page.forms.find((one) => new URL(one.action).pathname === '/language')
    assert.deepEqual(
      form?.buttons.map(({ label, value }) => [value, label]),
      [
        ['es-US', 'Español'],
        ['fr-CA', 'Français'],
      ],
    )
    assert.match(page.html, /<b lang="en-US" aria-current="true">English<\/b>/)
    assert.match(page.html, /<button[^>]*lang="es-US"[^>]*>Español/)
  })
  test('leads back to the same page, and the next pages are in that language too', async () => {
    const visitor = new Visitor()
    const page = await visitor.open(`${house.url}/session?to=/me/left`)
    const spanish = await choose(page, 'es-US')
    assert.equal(`${spanish.url.pathname}${spanish.url.search}`, '/session?to=/me/left')
    assert.equal(langOf(spanish), 'es-US')
    assert.equal((await visitor.open(`${house.url}/nothing-here`)).heading, 'Aquí no hay nada')
    // Stronger than what the browser asks for.
    assert.equal(
      langOf(await visitor.open(`${house.url}/me`, { headers: { 'accept-language': 'fr' } })),
      'es-US',
    )
    assert.equal(langOf(await choose(spanish, 'en-US')), 'en-US')
  })
  test('the choice stays with this host and out of scripts', async () => {
    const answer = await post(new Visitor(), { language: 'fr-CA', back: '/me' })
    assert.equal(answer.status, 303)
    assert.equal(answer.headers.get('location'), '/me')
    const cookie = answer.headers.get('set-cookie') ?? ''
    assert.match(cookie, /^guichet_language=fr-CA; /)
    assert.match(cookie, /; Path=\/(;|$)/)
    assert.match(cookie, /; HttpOnly/)
    assert.match(cookie, /; SameSite=Lax/)
    assert.doesNotMatch(cookie, /Domain/i)
  })
  test('is stronger than the language of the chat', async () => {
    const person = await linked()
    const contact = await person.contact()
    assert.ok(contact)
    speak(contact.thread, 'es-US', true)
    const page = await person.visit('/me')
    assert.equal(langOf(page), 'es-US')
    const french = await choose(page, 'fr-CA')
    assert.equal(langOf(french), 'fr-CA')
    assert.match(french.words, /Mes autorisations/)
    assert.equal(langOf(await person.visit('/me/data')), 'fr-CA')
  })
  test('is not on a page that answers a form: coming back would not show it', async () => {
    const person = await linked()
    const asked = await choose(await person.visit('/me/take-back'), 'fr-CA')
    const done = await asked.press('Retirer')
    assert.equal(done.heading, 'C’est fait')
    assert.doesNotMatch(done.html, /action="\/language"/)
  })
})

describe('what was typed and chosen outlives a change of language', () => {
  test('on the consent page: the choices are kept, nothing is agreed, and what is agreed later names its language', async () => {
    const person = house.stranger()
    const page = await person.untilConsent({ bank: 'harbor', login: ana })
    const chosen = { 'choice.balance': 'say', 'choice.insights': 'withhold', days: '30' }
    const french = await page.submit('/link/consent', { ...chosen, language: 'fr-CA' })
    assert.equal(langOf(french), 'fr-CA')
    assert.equal(french.heading, 'Qu’est-ce qui peut être affiché, et où?')
    assert.deepEqual(await person.grants(), [])
    const fields = french.forms.find(({ action }) => action.endsWith('/link/consent'))?.fields ?? []
    for (const [name, value] of Object.entries(chosen))
      assert.deepEqual(
        fields.filter((one) => one.name === name).map((one) => one.value),
        [value],
        name,
      )
    assert.match(
      french.all('promise')[0] ?? '',
      /peut afficher votre solde dans Messenger, et seulement y mentionner vos paiements, pour vous répondre, jusqu’au/,
    )
    assert.match(french.words, /Jamais pour de la publicité/)

    // Another tab may choose another language meanwhile; the proof is of the page that was read.
    await post(person.browser, { language: 'es-US', back: '/' })
    await french.press('do=agree')
    await house.settle()
    const [grant] = await person.grants()
    assert.equal(grant?.body.language, 'fr-CA')
    assert.deepEqual(grant?.body.items, { balance: 'say', transactions: 'mask' })
    assert.notEqual(grant?.body.disclosureHash, createHash('sha256').update('').digest('hex'))
  })
  test('on the page that erases: nothing is erased, and the word may be typed as it is read', async () => {
    const person = await linked()
    const page = await person.visit('/me/erase')
    const spanish = await page.submit('/me/erase', { typed: 'ERASE', language: 'es-US' })
    assert.equal(langOf(spanish), 'es-US')
    assert.equal(spanish.status, 200)
    assert.match(spanish.words, /Escribe BORRAR para seguir/)
    assert.equal((await person.grants()).length, 1)
    const wrong = await spanish.press('Borrar todo', { typed: 'bórralo ya' })
    assert.match(wrong.words, /Eso no es BORRAR\. No se borró nada\./)
    const done = await wrong.press('Borrar todo', { typed: 'borrar' })
    assert.equal(done.heading, 'Borrado')
    assert.deepEqual(await person.grants(), [])
  })
  test('a search on the card is asked again in the other language, and reads its amounts', async () => {
    const person = await linked()
    await person.say('last payments')
    const card = await person.visit(person.linkOf('Open my payments'))
    const found = await person.visit(`${card.url.pathname}?min=25%2C50&q=market`)
    const french = await choose(found, 'fr-CA')
    assert.equal(french.url.search, '?min=25%2C50&q=market')
    assert.equal(langOf(french), 'fr-CA')
    assert.doesNotMatch(french.words, /Écrivez un montant/)
    assert.match(french.words, /à partir de 25,50/)
  })
})

describe('hostile hands', () => {
  test('the way back leads to this host and nowhere else', async () => {
    for (const back of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      'javascript:alert(1)',
      '/\t/evil.example',
      '/me\r\nlocation: https://evil.example',
      '',
      `/${'a'.repeat(5_000)}`,
    ]) {
      const answer = await post(new Visitor(), { language: 'fr-CA', back })
      assert.equal(answer.status, 303, back)
      assert.equal(answer.headers.get('location'), '/', back)
    }
  })
  test('an address that could be read as another host’s is never offered as the way back', async () => {
    for (const path of ['//evil.example', '/\\evil.example', '/%5C%5Cevil.example']) {
      const page = await new Visitor().open(`${house.url}${path}`)
      assert.equal(page.status, 404)
      const back =
        page.forms.flatMap(({ fields }) => fields.filter(({ name }) => name === 'back'))[0]?.value ?? '/'
      assert.equal(new URL(back, house.url).origin, new URL(house.url).origin, path)
    }
  })
  test('a language that is not there is not kept', async () => {
    for (const language of [
      'xx-YY',
      '../../etc/passwd',
      '__proto__',
      'fr-CA; Domain=evil.example',
      '',
      'FR-ca',
    ]) {
      const answer = await post(new Visitor(), { language, back: '/me' })
      assert.equal(answer.status, 303)
      assert.equal(answer.headers.get('set-cookie'), null, language)
    }
  })
  test('a cookie that somebody planted changes no more than the language, and only to one there is', async () => {
    for (const value of ['xx', '%3Cscript%3E', 'fr-CA%0d%0ax: y', 'a'.repeat(3_000)]) {
      const page = await new Visitor().open(`${house.url}/me`, {
        headers: { cookie: `guichet_language=${value}` },
      })
      assert.equal(langOf(page), 'en-US', value)
      assert.doesNotMatch(page.html, /<script>/)
    }
  })
  test('another site’s form changes nothing', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const answer = await post(new Visitor(), { language: 'fr-CA', back: '/me' }, { 'sec-fetch-site': site })
      assert.equal(answer.headers.get('set-cookie'), null)
    }
    const own = await post(
      new Visitor(),
      { language: 'fr-CA', back: '/me' },
      { 'sec-fetch-site': 'same-origin' },
    )
    assert.match(own.headers.get('set-cookie') ?? '', /fr-CA/)
  })
  test('asking for the switch without a form changes nothing', async () => {
    const answer = await new Visitor().open(`${house.url}/language?language=fr-CA&back=/me`)
    assert.equal(answer.status, 404)
    assert.equal(answer.headers.get('set-cookie'), null)
  })
})
