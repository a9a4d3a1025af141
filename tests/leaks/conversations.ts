import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom, type Random } from '../../sandbox/platform/random.ts'
import type { Accepted } from '../../sandbox/platform/world.ts'
import { exposures, type Exposure } from '../../src/consent/exposure.ts'
import type { Purpose } from '../../src/consent/purpose.ts'
import { dayMs, minuteMs } from '../../src/core/clock.ts'
import { newSecret } from '../../src/core/id.ts'
import { moveLinking, startLinking } from '../../src/customer/linking.ts'
import type { Policy } from '../../src/disclosure/policy.ts'
import { entriesOf } from '../../src/pipeline/entries.ts'
import type { Agreed } from '../../src/pipeline/records.ts'
import { openTestHouse, until, type TestHouse, type TestHouseOptions } from '../house.ts'
import { contactOf, type Knowledge, type Opened } from './audit.ts'
import { openCanaryBank, type CanaryBank } from './bank.ts'
import { openMint, wholeOf, type CanaryCustomer } from './canary.ts'
import { anyPolicy } from './policies.ts'
import { openSearch } from './search.ts'

export type Run = AsyncDisposable & {
  readonly house: TestHouse
  readonly bank: CanaryBank
  readonly knowledge: Knowledge
  readonly conversations: number
  /** What the generated people did, by kind of act. */
  readonly acts: ReadonlyMap<string, number>
}

const purposes = ['balance', 'transactions', 'insights'] as const satisfies readonly Purpose[]
const institutionsInRun = 8
const atOnce = 150
const waves = 6

type Talker = {
  readonly psid: string
  readonly customers: CanaryCustomer[]
  /** Each person's own chance: what one does is not changed by who is faster today. */
  readonly random: Random
}

/** Runs generated conversations against the whole house. The same seed gives the same people, policies and acts. */
export async function converse(options: {
  seed: number
  conversations: number
  trouble: boolean
  house?: TestHouseOptions
}): Promise<Run> {
  const mint = openMint(options.seed)
  const { random, whole } = mint
  const folder = mkdtempSync(join(tmpdir(), 'guichet-leaks-'))
  const bank = await openCanaryBank(createRandom(options.seed + 1))
  const policies = new Map<string, Policy>()
  const moreBanks: NonNullable<TestHouseOptions['moreBanks']> = []
  for (let i = 0; i < institutionsInRun; i++) {
    const id = `canary-${i}`
    const policy = anyPolicy(id, mint)
    policies.set(id, policy)
    writeFileSync(join(folder, `${id}.json`), JSON.stringify(policy))
    moreBanks.push({
      id,
      name: `Canary Bank ${'ABCDEFGH'[i]}`,
      standard: 'fdx',
      issuer: `${bank.url}/${id}`,
      resourceUrl: `${bank.url}/${id}/fdx/v6`,
      clientId: 'guichet',
      policyFile: join(folder, `${id}.json`),
      allowHttpLoopback: true,
      currency: 'USD',
      timeZone: random.pick(['UTC', 'America/New_York', 'Asia/Tokyo']),
    })
  }
  const house = await openTestHouse({
    unknownWaitMs: 3_000,
    ...options.house,
    reckoned: false,
    moreBanks,
    platform: { recorder: { entries: 400_000, bytes: 512 << 20 }, ...options.house?.platform },
  })
  const accepted: Accepted[] = []
  house.platform.onAccepted((one) => accepted.push(one))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const dpopJwk = privateKey.export({ format: 'jwk' }) as JsonWebKey

  const acts = new Map<string, number>()
  const customers = new Map<string, CanaryCustomer[]>()
  const wrote = new Map<string, string>()
  const onceTaps = new Map<string, number>()
  const takenBack: { psid: string; institution: string; purpose: Purpose | null; at: number }[] = []
  const frozen = new Map<string, { from: number; until: number }[]>()
  const erased = new Map<string, Opened[]>()

  const say = (psid: string, text: string): void => {
    wrote.set(psid, `${wrote.get(psid) ?? ''} ${text.toLowerCase()}`)
    house.platform.sendText(psid, text)
  }

  /** What linking ends with, without its pages: agreed, a code given out, and brought back by the platform. */
  async function link(talker: Talker, customer: CanaryCustomer): Promise<void> {
    const contact = await contactOf(house, talker.psid)
    if (!contact) return
    const now = house.clock.now()
    const { random } = talker
    const whole = wholeOf(random)
    const { linking } = await startLinking(
      house.db,
      contact.ref,
      contact.keys.box,
      { redirectUri: 'https://m.example/', chatCode: '1234-AB' },
      now,
    )
    const covered =
      random.next() < 0.6 ? 'all' : customer.accounts.filter(() => random.next() < 0.6).map(({ id }) => id)
    const agreed: Agreed = {
      institution: customer.institution,
      channel: 'messenger',
      language: 'en-US',
      accounts: covered,
      accountNames: customer.accounts
        .filter(({ id }) => covered === 'all' || covered.includes(id))
        .map(({ nickname, lastFour }) => ({ nickname, lastFour })),
      items: Object.fromEntries(
        purposes
          .filter(() => random.next() < 0.9)
          .map((purpose) => [
            purpose,
            random.pick<Exposure>([...exposures, 'say', 'say', 'say', 'mask', 'band']),
          ]),
      ),
      givenAt: now,
      validUntil:
        random.next() < 0.05
          ? now - 1_000
          : random.next() < 0.05
            ? now + whole(500, 4_000)
            : now + whole(1, 365) * dayMs,
      disclosureHash: '0'.repeat(64),
      method: 'linking-page',
      policyVersion: policies.get(customer.institution)?.version ?? 0,
      bankConsentId: `consent-${customer.id}`,
    }
    const code = newSecret()
    await moveLinking(house.db, linking, contact.keys.box, {
      step: 'agreed',
      body: {
        ...linking.body,
        institution: customer.institution,
        subject: customer.id,
        tokens: {
          accessToken: customer.token,
          refreshToken: null,
          expiresAt: now + 30 * dayMs,
          dpopJwk,
          consentId: `consent-${customer.id}`,
        },
        agreed,
      },
      code,
      expiresAt: now + 5 * minuteMs,
    })
    house.platform.raw(talker.psid, { account_linking: { status: 'linked', authorization_code: code } })
  }

  const someAccount = ({ random, customers }: Talker) => random.pick(random.pick(customers).accounts)
  const someWord = (talker: Talker): string =>
    talker.random.next() < 0.7 ? talker.random.pick(someAccount(talker).transactions).word : 'corner market'
  const questions: readonly ((talker: Talker) => string)[] = [
    ({ random }) =>
      random.pick([
        'balance',
        'Balance??',
        'bal',
        'BALANCES',
        'how much money do i have',
        'what do I have',
        'whats available',
        'how much is left in my checking',
        'show my savings',
        'my credit card balance',
      ]),
    ({ random }) =>
      random.pick([
        'last payments',
        'last 5 transactions',
        'show my last 10 purchases',
        'recent activity',
        'charges this month',
        'transactions last week',
        'payments on my credit card',
        'three last payments',
      ]),
    ({ random }) =>
      random.pick([
        'how much did I spend last month',
        'what did i spend this week',
        'spending',
        'how much have I paid since January',
        'spent in the last 30 days',
      ]),
    (talker) => `how much did I spend at ${someWord(talker)} last month`,
    (talker) => `payments at ${someWord(talker)}`,
    (talker) => `show card ending ${talker.random.next() < 0.8 ? someAccount(talker).lastFour : '0000'}`,
    (talker) => `transactions on account ${someAccount(talker).lastFour} at ${someWord(talker)} this year`,
    ({ random }) =>
      random.pick([
        'ballance',
        'blance pls',
        'trasactions',
        'spnd last wek',
        'hi',
        'help',
        'thanks',
        '?',
        'asdf',
        '🙂',
        'what have you told facebook',
        'bye',
        '\u0000\u202e',
        '{x, plural, other {}}',
        'x'.repeat(1_900),
      ]),
  ]

  /** One thing that a person does, or that happens to them. Returns what must be waited for before the next one. */
  async function act(talker: Talker): Promise<void> {
    const { psid, random } = talker
    const customer = random.pick(talker.customers)
    const kind = random.pick([
      ...Array.from<string>({ length: 22 }).fill('ask'),
      ...Array.from<string>({ length: 8 }).fill('once'),
      'payload',
      'payload',
      'payload',
      'forged',
      'hide',
      'unlink',
      'stop',
      'person',
      'attach',
      'withdraw',
      'narrow',
      'change',
      'change',
      'freeze',
      'logout',
      'bank-ends',
      'relink',
      'twice',
      'edit',
    ])
    acts.set(kind, (acts.get(kind) ?? 0) + 1)
    const contact = await contactOf(house, psid)
    if (!contact) return
    const { records } = house.engine
    switch (kind) {
      case 'ask':
        return say(psid, random.pick(questions)(talker))
      case 'twice':
        say(psid, random.pick(questions)(talker))
        return say(psid, random.pick(questions)(talker))
      case 'payload':
        return house.platform.raw(psid, {
          postback: {
            mid: `m_${newSecret()}`,
            title: 'x',
            payload: random.pick([
              'BALANCE',
              'TRANSACTIONS',
              'HELP',
              'PERMISSIONS',
              'RESUME',
              'LINK',
              'NONSENSE',
              '__proto__',
              'x'.repeat(900),
            ]),
          },
        })
      case 'once':
        try {
          house.platform.quickReply(psid, 'Show here, this once')
        } catch {
          try {
            house.platform.tap(psid, 'Show here, this once')
          } catch {
            return say(psid, 'balance')
          }
        }
        onceTaps.set(psid, (onceTaps.get(psid) ?? 0) + talker.customers.length)
        return
      case 'forged': {
        // A handle that was given to somebody else, or to nobody.
        const other = random.pick(talkers)
        const handle =
          (await contactOf(house, other.psid))?.thread.context.questions?.[0]?.handle ?? 'aaaaaaaaaaaa'
        if (other !== talker)
          house.platform.raw(psid, {
            postback: { mid: `m_${newSecret()}`, title: 'x', payload: `once:${handle}` },
          })
        return
      }
      case 'hide':
        return say(psid, random.pick(['hide', 'stop showing figures']))
      case 'unlink':
        return say(psid, random.pick(['unlink my account', 'sign out']))
      case 'stop':
        return say(psid, random.pick(['stop', 'start']))
      case 'person':
        // From now on a change of hands may be our own.
        calledFor.add(psid)
        return say(psid, 'agent')
      case 'attach':
        return void house.platform.sticker(psid)
      case 'edit':
        return say(psid, `my account number is ${someAccount(talker).number}`)
      case 'withdraw':
      case 'narrow': {
        const purpose = kind === 'withdraw' ? null : random.pick(purposes)
        if (random.next() < 0.5) say(psid, random.pick(questions)(talker))
        if (await records.takeBack(contact, customer.institution, purpose))
          takenBack.push({ psid, institution: customer.institution, purpose, at: house.clock.now() })
        return
      }
      case 'change':
        if (random.next() < 0.5) say(psid, random.pick(questions)(talker))
        return void (await records.change(
          contact,
          customer.institution,
          random.pick(purposes),
          random.pick(exposures.slice(1)),
        ))
      case 'freeze':
        house.platform.passThread(psid)
        thawing.push(psid)
        return
      case 'logout':
        return house.platform.logout(psid)
      case 'bank-ends':
        return bank.refuse(customer)
      default:
        // Whoever signs in at the bank has shown who they are.
        for (const one of frozen.get(psid) ?? []) one.until = Math.min(one.until, house.clock.now())
        return link(talker, customer)
    }
  }
  const talkers: Talker[] = []
  const thawing: string[] = []
  const calledFor = new Set<string>()

  const quiet = (delivered: boolean): Promise<void> =>
    until(
      async () => {
        await house.platform.settle()
        await house.engine.pipeline.quiet()
        const { waiting, reading, commits } = house.engine.pipeline.load
        return (
          house.platform.counters().webhooks.waiting === 0 &&
          waiting + reading + commits === 0 &&
          (!delivered || house.engine.deliverer.outstanding === 0)
        )
      },
      () =>
        JSON.stringify({
          ...house.engine.pipeline.load,
          onTheirWay: house.engine.deliverer.outstanding,
          webhooks: house.platform.counters().webhooks,
        }),
      90_000,
    )
  const trouble = (): void => {
    bank.trouble = 0.06
    for (const [kind, rate] of [
      ['500', 0.02],
      ['1357046', 0.005],
      ['drop_after_accept', 0.003],
      ['drop', 0.01],
      ['timeout_after_accept', 0.003],
    ] as const)
      house.platform.fault({ kind, rate, delayMs: 200, seed: whole(1, 1e6) })
  }
  const calm = (): void => {
    bank.trouble = 0
    house.platform.clearFaults()
  }

  async function group(count: number): Promise<void> {
    const here = Array.from({ length: count }, (): Talker => {
      const institutions = new Set(
        Array.from(
          { length: random.next() < 0.15 ? 2 : 1 },
          () => `canary-${whole(0, institutionsInRun - 1)}`,
        ),
      )
      const owned = [...institutions].map((institution) => mint.customer(institution))
      for (const customer of owned) bank.add(customer)
      const { psid } = house.platform.newPerson()
      customers.set(psid, owned)
      return { psid, customers: owned, random: createRandom(whole(0, 2 ** 32 - 1)) }
    })
    talkers.splice(0, talkers.length, ...here)
    for (const { psid } of here) say(psid, 'hello')
    await quiet(true)
    if (options.trouble) trouble()
    for (const talker of here)
      for (const customer of talker.customers) if (talker.random.next() < 0.97) await link(talker, customer)
    await quiet(false)
    for (let wave = 0; wave < waves; wave++) {
      await Promise.all(here.map((talker) => act(talker)))
      await quiet(false)
      const at = house.clock.now()
      for (const psid of thawing.splice(0)) {
        if (!calledFor.has(psid))
          frozen.set(psid, [...(frozen.get(psid) ?? []), { from: at, until: Number.POSITIVE_INFINITY }])
        house.platform.returnThread(psid)
      }
    }
    calm()
    await quiet(true)
    // Banks that did not answer are asked again, with whatever was taken back since.
    house.clock.advance(20_000)
    await house.runJobs()
    await quiet(true)
    for (const { psid } of here.filter(({ random }) => random.next() < 0.02)) {
      const contact = await contactOf(house, psid)
      if (!contact) continue
      const before = await entriesOf(house.db, contact)
      await house.engine.records.erase(contact)
      erased.set(psid, before)
    }
  }

  try {
    let made = 0
    while (made < options.conversations) {
      const count = Math.min(atOnce, options.conversations - made)
      await group(count)
      made += count
      if (options.trouble && made === Math.min(options.conversations, atOnce * 2)) {
        // The platform says that it is too much; what waits outlives a restart.
        house.platform.fault({ kind: '429', count: 3 })
        for (const { psid } of talkers.slice(0, 30)) say(psid, 'balance')
        await quiet(false)
        calm()
        await house.reopen()
        await quiet(true)
      }
    }
  } catch (error) {
    await house[Symbol.asyncDispose]()
    await bank[Symbol.asyncDispose]()
    throw error
  }
  return {
    house,
    bank,
    knowledge: {
      search: openSearch(mint.canaries),
      customers,
      policies,
      wrote,
      onceTaps,
      takenBack,
      frozen,
      erased,
      accepted,
    },
    conversations: options.conversations,
    acts,
    [Symbol.asyncDispose]: async () => {
      await house[Symbol.asyncDispose]()
      await bank[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
