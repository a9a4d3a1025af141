import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { personalTables as consentTables } from '../../src/consent/forget.ts'
import { personalTables as conversationTables } from '../../src/conversation/forget.ts'
import { personalTables as customerTables } from '../../src/customer/forget.ts'
import { personalTables as disclosureTables } from '../../src/disclosure/forget.ts'
import { many } from '../../src/core/sql.ts'
import { subjectRef } from '../../src/customer/link.ts'
import { addPasskey } from '../../src/customer/session.ts'
import { auditLog } from '../../src/tlog/audit.ts'
import { openTestHouse, pageId, type TestHouse } from '../house.ts'
import { type PersonHandle, saying } from '../person.ts'
import { type Page, Visitor } from '../visitor.ts'

const ana = { username: 'ana', password: 'sandbox' }
const forgotten = [...consentTables, ...conversationTables, ...customerTables, ...disclosureTables]

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor'] })
})
after(() => house[Symbol.asyncDispose]())

async function withHistory(): Promise<PersonHandle> {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
  await person.say('balance')
  await person.say('last 3 payments')
  return person
}
async function eraseMe(person: PersonHandle) {
  const page = await person.visit('/me/erase')
  return page.press('Erase everything', { typed: 'erase' })
}
async function rowsOf(contactId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of forgotten)
    counts[table] =
      (await house.db.query(`select 1 from ${table} where contact_id = $1`, [contactId])).rowCount ?? 0
  return counts
}

test('every table that names a contact is in some room’s list of what it forgets', async () => {
  const rows = await many<{ table_name: string }>(
    house.db,
    `select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
      where table_schema = 'public' and column_name = 'contact_id' and table_type = 'BASE TABLE' order by 1`,
  )
  // Kept on purpose: that somebody was erased, so that a restored backup erases them again.
  const kept = ['customer_erasure']
  assert.deepEqual(
    rows.map(({ table_name }) => table_name).filter((name) => !kept.includes(name)),
    forgotten.toSorted(),
  )
})

describe('erasing', () => {
  test('asks for a word, says what goes and what stays, and does nothing for another word', async () => {
    const person = await withHistory()
    const page = await person.visit('/me/erase')
    assert.match(page.words, /Nothing has changed yet/)
    const wrong = await page.press('Erase everything', { typed: 'yes' })
    assert.equal(wrong.status, 400)
    assert.ok(wrong.html.includes('value="yes"'))
    assert.equal((await person.grants())[0]?.state, 'active')
    await eraseMe(person)
  })

  test('removes every row of every room, destroys the key, gives the bank its key back and closes the browser', async () => {
    const active = (): number =>
      house.banks.harbor.consents().filter(({ standing }) => standing === 'active').length
    const before = active()
    const person = await withHistory()
    const contactId = (await person.contact())?.ref.contactId ?? ''
    const card = person.linkOf('Open my payments')
    for (const [table, count] of Object.entries(await rowsOf(contactId)))
      assert.ok(count > 0, `${table} has something to forget`)
    const done = await eraseMe(person)
    assert.equal(done.status, 200)
    await house.settle()
    assert.deepEqual(
      Object.values(await rowsOf(contactId)),
      forgotten.map(() => 0),
    )
    assert.equal(await person.contact(), null)
    assert.equal(active(), before)
    assert.equal((await person.visit('/me?bank=harbor')).status, 401)
    // The card's address says to strangers what it said before: nothing.
    assert.equal((await new Visitor().open(card)).status, 401)
    // No copy of the wrapped key is left anywhere in the database.
    const erasures = await many<{ report: unknown }>(
      house.db,
      'select report from customer_erasure where contact_id = $1',
      [contactId],
    )
    assert.equal(erasures.length, 1)
    assert.doesNotMatch(JSON.stringify(erasures), /Ana|key"/)
  })

  test('says the same in the chat’s own terms: whoever writes again is a stranger', async () => {
    const person = await withHistory()
    await eraseMe(person)
    await house.settle()
    const answers = await person.say('balance')
    assert.match(answers[0]?.text ?? '', saying('bot.hello'))
    assert.match(answers.at(-1)?.text ?? '', saying('refused.not-linked'))
    // And linking again begins from nothing.
    await person.link({ bank: 'harbor', login: ana })
    assert.deepEqual(
      (await person.grants()).map(({ version }) => version),
      [1],
    )
  })

  test('what others could hold of it is worth nothing: old buttons, an old code, an old session', async () => {
    const person = await withHistory()
    const code = new URL(
      person.browser.trail.findLast((url) => url.includes('authorization_code')) ?? '',
    ).searchParams.get('authorization_code')
    await person.say('last 3 payments')
    const cookie = person.browser.cookiesOf('localhost')
    await eraseMe(person)
    await house.settle()
    const shown = await person.tap('Show here, this once')
    assert.doesNotMatch(shown.map(({ text }) => text).join(), /\$/)
    house.platform.raw(person.psid, { account_linking: { status: 'linked', authorization_code: code } })
    await house.settle()
    assert.equal((await person.grants()).length, 0)
    assert.equal(
      (await new Visitor().open(`${house.url}/me?bank=harbor`, { headers: { cookie } })).status,
      401,
    )
  })

  test('leaves the log whole: it still verifies from end to end, and says that an erasure happened, not whose', async () => {
    const person = await withHistory()
    await eraseMe(person)
    await house.settle()
    const audit = await auditLog(house.db, { keys: [house.logKey] })
    assert.deepEqual(audit.faults, [])
    const entries = await many<{ entries: Buffer }>(
      house.db,
      'select entries from tlog_batch order by batch_id',
    )
    const text = Buffer.concat(entries.map((row) => row.entries)).toString('latin1')
    assert.equal(text.includes(person.psid), false)
    assert.doesNotMatch(text, /Ana|\$\d/)
  })

  test('a bank that cannot be reached gets its key back later, although nothing of the customer is left', async () => {
    const active = (): number =>
      house.banks.harbor.consents().filter(({ standing }) => standing === 'active').length
    const before = active()
    const person = await withHistory()
    const contactId = (await person.contact())?.ref.contactId ?? ''
    house.banks.harbor.fault({ kind: 'maintenance', area: 'all', retryAfterSeconds: 1 })
    const done = await eraseMe(person)
    house.banks.harbor.clearFaults()
    assert.match(done.words, /keep trying/)
    assert.deepEqual(
      Object.values(await rowsOf(contactId)),
      forgotten.map(() => 0),
    )
    assert.equal(active(), before + 1)
    // What waits holds the bank's key alone, sealed: nothing that says whose it is.
    const { rows } = await house.db.query<{ payload: unknown }>(
      'select payload from graphile_worker._private_jobs',
    )
    assert.equal(JSON.stringify(rows).includes(person.psid), false)
    house.clock.advance(20_000)
    await house.runJobs()
    assert.equal(active(), before)
  })

  test('erases only this customer', async () => {
    const mine = await withHistory()
    const ben = house.person('ben')
    await ben.link({ bank: 'harbor', choices: { balance: 'say' } })
    await eraseMe(mine)
    await house.settle()
    assert.match((await ben.say('balance')).at(-1)?.text ?? '', /\$/)
    assert.ok(house.engine.contacts.refOf({ channel: 'messenger', account: pageId, user: ben.psid }))
  })
})

describe('a chat that is linked to two banks', () => {
  const ben = { username: 'ben', password: 'sandbox' }
  let both: TestHouse
  before(async () => {
    both = await openTestHouse({ serves: ['harbor', 'granite'] })
  })
  after(() => both[Symbol.asyncDispose]())

  /** Linked to both, signed in at Harbor. */
  async function ofTwoBanks(): Promise<PersonHandle> {
    const person = both.stranger()
    await person.link({ bank: 'granite', login: ben, choices: { balance: 'say' } })
    await person.link({ bank: 'harbor', login: ben, choices: { balance: 'say' } })
    await person.say('balance')
    return person
  }
  const states = async (person: PersonHandle) =>
    Object.fromEntries((await person.grants()).map(({ body, state }) => [body.institution, state]))
  const erasePageOf = async (person: PersonHandle) => {
    const page = await person.visit('/me/erase?bank=harbor')
    assert.equal(page.heading, 'Erase my data')
    return page
  }
  const namedOn = (page: Page): string[] => page.all('line').map((line) => line.replace(/ Bank.*/, ' Bank'))

  test('is erased whole, and the page names every bank before the word is typed', async () => {
    const person = await ofTwoBanks()
    const page = await erasePageOf(person)
    assert.deepEqual(namedOn(page), ['HBHarbor Bank', 'GBGranite Bank'])
    assert.match(page.words, /so Granite Bank goes with it/)
    assert.deepEqual(await states(person), { granite: 'active', harbor: 'active' })
    const done = await page.press('Erase everything at 2 banks', { typed: 'erase' })
    assert.equal(done.status, 200)
    assert.match(done.words, /Harbor Bank and Granite Bank/)
    assert.equal(await person.contact(), null)
  })

  test('a bank that was linked after the page was opened is not erased unread', async () => {
    const person = both.stranger()
    await person.link({ bank: 'harbor', login: ben })
    const page = await erasePageOf(person)
    assert.deepEqual(namedOn(page), ['HBHarbor Bank'])
    const elsewhere = new Visitor()
    await person.link({ bank: 'granite', login: ben, visitor: elsewhere })
    const again = await page.press('Erase everything', { typed: 'erase' })
    assert.equal(again.status, 400)
    assert.match(again.words, /Nothing was erased/)
    assert.deepEqual(namedOn(again), ['HBHarbor Bank', 'GBGranite Bank'])
    assert.deepEqual(await states(person), { granite: 'active', harbor: 'active' })
    const done = await again.press('Erase everything at 2 banks', { typed: 'erase' })
    assert.equal(done.status, 200)
  })

  test('nor by a form that names no bank at all', async () => {
    const person = await ofTwoBanks()
    const page = await erasePageOf(person)
    for (const named of [null, '', 'harbor']) {
      const refused = await page.press('Erase everything at 2 banks', { typed: 'erase', named })
      assert.equal(refused.status, 400)
    }
    assert.deepEqual(await states(person), { granite: 'active', harbor: 'active' })
  })

  test('twin: erasing itself knows no bank from another, so without the names Granite would go unsaid', async () => {
    const person = await ofTwoBanks()
    await both.engine.records.erase((await person.contact()) ?? assert.fail())
    assert.equal(await person.contact(), null)
    assert.equal((await person.grants()).length, 0)
  })

  test('the narrower choice takes back everything at one bank, keeps its diary, and leaves the other bank as it was', async () => {
    const person = await ofTwoBanks()
    const page = await erasePageOf(person)
    const effect = await page.follow('Only take back everything at Harbor Bank')
    assert.match(effect.words, /Nothing about your money at Harbor Bank/)
    assert.deepEqual(await states(person), { granite: 'active', harbor: 'active' })
    const done = await effect.press('Take it back')
    assert.equal(done.heading, 'Done')
    assert.match(done.words, /key for this was returned/)
    assert.deepEqual(await states(person), { granite: 'active', harbor: 'withdrawn' })
    const left = await person.visit('/me/left?bank=harbor')
    assert.match(left.words, /\$\d/)
    // What is left to choose then is to erase all, and it says what that is.
    const rest = await erasePageOf(person)
    assert.doesNotMatch(rest.words, /Only take back/)
    assert.match(rest.words, /its diary goes too/)
  })

  test('the narrower choice reaches every chat of the customer at that bank', async () => {
    const login = { username: 'ana', password: 'sandbox' }
    const one = both.stranger()
    const two = both.stranger()
    for (const person of [one, two]) await person.link({ bank: 'harbor', login })
    const page = await erasePageOf(two)
    const done = await (await page.follow(/^Only take back everything/)).press('Take it back')
    assert.equal(done.heading, 'Done')
    for (const person of [one, two]) assert.deepEqual(await states(person), { harbor: 'withdrawn' })
  })
})

test('a message that waited for somebody who was erased is not sent by the next process either', async () => {
  await using other = await openTestHouse({ serves: ['harbor'] })
  const person = other.person('ana')
  await person.link({ bank: 'harbor', choices: { balance: 'say' } })
  other.platform.outage(true)
  other.platform.sendText(person.psid, 'balance')
  await other.decided()
  const page = await person.visit('/me/erase')
  await page.press('Erase everything', { typed: 'ERASE' })
  await other.reopen()
  other.platform.outage(false)
  await other.settle()
  assert.doesNotMatch(
    person
      .replies()
      .map(({ text }) => text)
      .join('\n'),
    /\$/,
  )
})

test('passkeys and signed-in browsers go with the last chat of a customer, and not before', async () => {
  await using other = await openTestHouse({ serves: ['harbor'] })
  const one = other.stranger()
  const two = other.stranger()
  for (const person of [one, two]) await person.link({ bank: 'harbor', login: ana })
  const contact = await one.contact()
  assert.ok(contact)
  const [link] = (await other.engine.contacts.money(contact)).links
  assert.ok(link)
  const ref = subjectRef(other.engine.subjects, 'harbor', link.subject)
  await addPasskey(other.db, {
    credentialId: Buffer.from('a key of hers'),
    institution: 'harbor',
    subjectRef: ref,
    publicKey: Buffer.alloc(32),
    counter: 0,
    transports: '[]',
  })
  const left = async (): Promise<number> => {
    let rows = 0
    for (const table of ['customer_session', 'customer_passkey'])
      rows += (await other.db.query(`select 1 from ${table} where subject_ref = $1`, [ref])).rowCount ?? 0
    return rows
  }
  // The operator erases one chat: the other still needs its keys.
  await other.engine.records.erase(contact)
  assert.equal(await left(), 3)
  const page = await two.visit('/me/erase')
  await page.press('Erase everything', { typed: 'ERASE' })
  assert.equal(await left(), 0)
})
