import { randomBytes } from 'node:crypto'
import type { Clock } from '../../src/core/clock.ts'
import type { BankKey, Person } from '../people/people.ts'
import { people } from '../people/people.ts'
import type { ConsentBook } from './consent.ts'
import { openConsentBook } from './consent.ts'
import type { Institution } from './institution.ts'
import { institutions } from './institution.ts'
import type { Journal } from './journal.ts'
import { stableId } from './ledger/chance.ts'
import { localDay } from './ledger/calendar.ts'
import { lifeOf } from './ledger/life.ts'
import type { Holding, Ledger } from './ledger/ledger.ts'
import { openLedger } from './ledger/ledger.ts'
import type { Entry } from './ledger/month.ts'

export type Customer = {
  readonly person: Person
  readonly username: string
  readonly password: string
  /** The bank's stable identifier of this customer (`sub`, FDX `customerId`). */
  readonly subject: string
  readonly ledger: Ledger
}

export type Account = { readonly customer: Customer; readonly holding: Holding }

/** One institution behind its two faces (authorization server and API): customers, accounts, consents. */
export type Bank = {
  readonly institution: Institution
  readonly clock: Clock
  readonly consents: ConsentBook
  readonly journal: Journal
  /** The first moment this sandbox ran: histories reach back from here. */
  readonly base: number
  customers(): readonly Customer[]
  customer(person: string): Customer | undefined
  bySubject(subject: string): Customer | undefined
  /** Right username and password, or undefined. */
  signIn(username: string, password: string): Customer | undefined
  account(id: string): Account | undefined
  frozen(accountId: string): boolean
  freeze(accountId: string, frozen: boolean): Promise<void>
  /** Books a movement made by hand; survives a restart. `day` and ids are filled in. */
  book(
    customer: Customer,
    movement: Pick<Entry, 'account' | 'kind' | 'amountMinor' | 'description'> &
      Partial<Pick<Entry, 'memo' | 'merchant' | 'mcc' | 'counterparty'>> & { readonly postAfterMs: number },
  ): Promise<Entry>
  /** How many movements were made by hand since the last reset. */
  madeByHand(): number
  /** Takes back everything made by hand. Consents and tokens are the caller's to forget. */
  resetMoney(): Promise<void>
}

export function openBank(options: {
  key: BankKey
  journal: Journal
  clock: Clock
  seed: number
  base: number
}): Bank {
  const { key, journal, clock, seed, base } = options
  const institution = institutions[key]
  const consents = openConsentBook(journal, clock)
  const frozen = new Set(journal.all('frozen:').map(([name]) => name.slice('frozen:'.length)))
  let made = journal.all('entry:').length
  const customers = new Map<string, Customer>()
  const accounts = new Map<string, Account>()

  const loginAt = (person: Person) => person.logins.find((login) => login.bank === key)
  const here = people.filter((person) => loginAt(person) && lifeOf(key, person.key))

  function customer(personKey: string): Customer | undefined {
    const known = customers.get(personKey)
    if (known) return known
    const person = here.find((one) => one.key === personKey)
    const login = person && loginAt(person)
    const life = lifeOf(key, personKey)
    if (!person || !login || !life) return undefined
    const fresh: Customer = {
      person,
      username: login.username,
      password: login.password,
      subject: stableId('cus-', seed, key, personKey),
      ledger: openLedger({
        seed,
        bank: key,
        person: personKey,
        zone: person.timeZone,
        life,
        base,
        clock,
        extra: journal.all(`entry:${personKey}:`).map(([, entry]) => entry as Entry),
      }),
    }
    customers.set(personKey, fresh)
    for (const holding of fresh.ledger.holdings) accounts.set(holding.id, { customer: fresh, holding })
    return fresh
  }

  const all = () => here.map((person) => customer(person.key)!)

  return {
    institution,
    clock,
    consents,
    journal,
    base,
    customers: all,
    customer,
    bySubject: (subject) => {
      const person = here.find((one) => stableId('cus-', seed, key, one.key) === subject)
      return person && customer(person.key)
    },
    signIn(username, password) {
      const name = username.trim().toLowerCase()
      const person = here.find((one) => {
        const login = loginAt(one)
        return login?.username === name && login.password === password
      })
      return person && customer(person.key)
    },
    account(id) {
      const known = accounts.get(id)
      if (known) return known
      if (customers.size < here.length) all()
      return accounts.get(id)
    },
    frozen: (accountId) => frozen.has(accountId),
    async freeze(accountId, on) {
      if (on) {
        frozen.add(accountId)
        await journal.set(`frozen:${accountId}`, true)
      } else {
        frozen.delete(accountId)
        await journal.delete(`frozen:${accountId}`)
      }
    },
    async book(owner, movement) {
      const { postAfterMs, ...rest } = movement
      const at = clock()
      const zone = owner.ledger.zone
      const entry: Entry = {
        memo: null,
        merchant: null,
        mcc: null,
        counterparty: null,
        ...rest,
        id: `txn${randomBytes(12).toString('hex')}`,
        pendingId: postAfterMs > 0 ? `auth${randomBytes(12).toString('hex')}` : null,
        at,
        day: localDay(at, zone),
        postAt: at + postAfterMs,
        postDay: localDay(at + postAfterMs, zone),
        linked: true,
      }
      owner.ledger.add(entry)
      made++
      await journal.set(`entry:${owner.person.key}:${entry.id}`, entry)
      return entry
    },
    madeByHand: () => made,
    async resetMoney() {
      made = 0
      for (const prefix of ['entry:', 'frozen:'])
        for (const [name] of journal.all(prefix)) await journal.delete(name)
      frozen.clear()
      customers.clear()
      accounts.clear()
    },
  }
}
