import { z } from 'zod'
import { decimalText, parseDecimal } from '../../src/core/money.ts'
import { isRefusal, refuse } from '../../src/core/refusal.ts'
import type { Refusal } from '../../src/core/refusal.ts'
import type { Bank, Customer } from './bank.ts'
import type { Consent } from './consent.ts'
import type { Fault, Faults } from './fault.ts'
import { faultShape } from './fault.ts'
import type { AccountKind } from './ledger/life.ts'
import type { Entry } from './ledger/month.ts'

const accountWord = z
  .string()
  .max(60)
  .describe('checking, savings or card; or the last four digits; or the account id')
const amountWord = z.union([z.string().max(20), z.number()]).transform(String)
const personWord = z.string().min(1).max(40).describe('key of a sandbox person: ana')

/** Bodies of `POST /sandbox/...`, and the arguments of the typed functions. Amounts are decimals: "12.50". */
export const controlShapes = {
  purchase: z.object({
    person: personWord,
    account: accountWord.default('checking'),
    amount: amountWord,
    merchant: z.string().min(1).max(100),
    mcc: z
      .string()
      .regex(/^\d{4}$/)
      .default('5999'),
    memo: z.string().max(255).optional(),
    /** How long it stays pending before it is booked under a new id; 0 = booked at once. */
    postAfterSeconds: z.coerce.number().int().min(0).max(604_800).default(60),
  }),
  /** Money in or out between people: positive amounts come in. */
  payment: z.object({
    person: personWord,
    account: accountWord.default('checking'),
    amount: amountWord,
    counterparty: z.string().min(1).max(100),
    memo: z.string().max(255).optional(),
  }),
  salary: z.object({ person: personWord, amount: amountWord.optional() }),
  suspicious: z.object({
    person: personWord,
    account: accountWord.optional(),
    amount: amountWord.optional(),
  }),
  freeze: z.object({
    person: personWord,
    account: accountWord.default('card'),
    frozen: z.union([z.boolean(), z.stringbool()]).default(true),
  }),
  fault: faultShape,
  'clear-faults': z.object({}),
  /** Ends consents as the bank would: of one person, or all. */
  'expire-consents': z.object({ person: personWord.optional() }),
  'revoke-consents': z.object({ person: personWord.optional() }),
  reset: z.object({}),
} as const
export type ControlAct = keyof typeof controlShapes

export type Booked = {
  readonly accountId: string
  /** The id it is listed under now. */
  readonly transactionId: string
  /** The id it will have, or has, once booked. */
  readonly bookedId: string
  readonly pending: boolean
  readonly amount: string
  readonly currency: string
}
export type ControlRefusal = Refusal<'unknown_person' | 'unknown_account' | 'bad_amount' | 'frozen' | 'full'>

export type AccountView = {
  readonly accountId: string
  readonly kind: AccountKind
  readonly nickname: string
  readonly lastFour: string
  readonly currency: string
  readonly postedMinor: number
  readonly availableMinor: number
  readonly pendingCount: number
  readonly frozen: boolean
}

export type Control = {
  purchase(request: z.input<typeof controlShapes.purchase>): Promise<Booked | ControlRefusal>
  payment(request: z.input<typeof controlShapes.payment>): Promise<Booked | ControlRefusal>
  salary(request: z.input<typeof controlShapes.salary>): Promise<Booked | ControlRefusal>
  suspicious(request: z.input<typeof controlShapes.suspicious>): Promise<Booked | ControlRefusal>
  freeze(
    request: z.input<typeof controlShapes.freeze>,
  ): Promise<{ accountId: string; frozen: boolean } | ControlRefusal>
  fault(request: z.input<typeof faultShape>): void
  clearFaults(): void
  faults(): readonly (Fault & { readonly left: number | null })[]
  people(): readonly {
    readonly person: string
    readonly name: string
    readonly username: string
    readonly password: string
    readonly subject: string
    readonly accounts: readonly AccountView[]
  }[]
  consents(): readonly (Pick<Consent, 'id' | 'clientId' | 'person' | 'accountIds' | 'expiresAt'> & {
    readonly standing: string
  })[]
  /** Returns how many ended. */
  endConsents(how: 'expired' | 'revoked', person?: string): Promise<number>
  reset(): Promise<void>
}

/** After so many movements made by hand a bank wants a reset. */
const maxByHand = 20_000

/** The strings that make a bank do things, for people, tests and the phone page. */
export function openControl(options: {
  readonly bank: Bank
  readonly faults: Faults
  readonly endTokens: (consent: Consent) => Promise<void>
  readonly forget: () => Promise<void>
}): Control {
  const { bank, faults } = options
  const { currency } = bank.institution

  function find(
    person: string,
    account: string,
  ): { customer: Customer; kind: AccountKind; accountId: string } | ControlRefusal {
    const customer = bank.customer(person)
    if (!customer) return refuse('unknown_person')
    const holding = customer.ledger.holdings.find(
      (one) => one.kind === account || one.lastFour === account || one.id === account,
    )
    return holding ? { customer, kind: holding.kind, accountId: holding.id } : refuse('unknown_account')
  }

  async function book(
    found: { customer: Customer; kind: AccountKind; accountId: string },
    amount: string,
    movement: Omit<Parameters<Bank['book']>[1], 'account' | 'amountMinor'> & { readonly sign: 1 | -1 },
  ): Promise<Booked | ControlRefusal> {
    const money = parseDecimal(amount, currency)
    if (!money || money.amountMinor === 0 || Math.abs(money.amountMinor) > 100_000_000)
      return refuse('bad_amount')
    if (bank.madeByHand() >= maxByHand) return refuse('full')
    const { sign, ...rest } = movement
    if (bank.frozen(found.accountId) && sign * money.amountMinor < 0) return refuse('frozen')
    const entry: Entry = await bank.book(found.customer, {
      ...rest,
      account: found.kind,
      amountMinor: sign * money.amountMinor,
    })
    return {
      accountId: found.accountId,
      transactionId: entry.pendingId ?? entry.id,
      bookedId: entry.id,
      pending: entry.pendingId !== null,
      amount: decimalText({ amountMinor: entry.amountMinor, currency }),
      currency,
    }
  }

  return {
    async purchase(request) {
      const asked = controlShapes.purchase.parse(request)
      const found = find(asked.person, asked.account)
      if (isRefusal(found)) return found
      return book(found, asked.amount, {
        sign: -1,
        kind: 'purchase',
        description: asked.merchant.toUpperCase(),
        merchant: asked.merchant,
        mcc: asked.mcc,
        memo: asked.memo ?? null,
        postAfterMs: asked.postAfterSeconds * 1_000,
      })
    },
    async payment(request) {
      const asked = controlShapes.payment.parse(request)
      const found = find(asked.person, asked.account)
      if (isRefusal(found)) return found
      const words = bank.institution.country === 'CA' ? ['VIREMENT À', 'VIREMENT DE'] : ['SENT TO', 'FROM']
      const out = asked.amount.trim().startsWith('-')
      return book(found, asked.amount, {
        sign: 1,
        kind: 'person',
        description: `${out ? words[0] : words[1]} ${asked.counterparty.toUpperCase()}`,
        counterparty: asked.counterparty,
        memo: asked.memo ?? null,
        postAfterMs: 0,
      })
    },
    async salary(request) {
      const asked = controlShapes.salary.parse(request)
      const found = find(asked.person, 'checking')
      if (isRefusal(found)) return found
      return book(found, asked.amount ?? '1234.12', {
        sign: 1,
        kind: 'salary',
        description: bank.institution.country === 'CA' ? 'PAIE EMPLOYEUR' : 'PAYROLL EMPLOYER',
        postAfterMs: 0,
      })
    },
    async suspicious(request) {
      const asked = controlShapes.suspicious.parse(request)
      const wanted =
        asked.account ??
        (bank.customer(asked.person)?.ledger.holdings.some(({ kind }) => kind === 'card')
          ? 'card'
          : 'checking')
      const found = find(asked.person, wanted)
      if (isRefusal(found)) return found
      return book(found, asked.amount ?? '849.99', {
        sign: -1,
        kind: 'purchase',
        description: 'GLOBEX GIFT CARDS ONLINE',
        merchant: 'Globex Gift Cards',
        mcc: '5947',
        postAfterMs: 3_600_000,
      })
    },
    async freeze(request) {
      const asked = controlShapes.freeze.parse(request)
      const found = find(asked.person, asked.account)
      if (isRefusal(found)) return found
      await bank.freeze(found.accountId, asked.frozen)
      return { accountId: found.accountId, frozen: asked.frozen }
    },
    fault: (request) => faults.add(faultShape.parse(request)),
    clearFaults: () => faults.clear(),
    faults: () => faults.list(),
    people: () =>
      bank.customers().map(({ person, username, password, subject, ledger }) => ({
        person: person.key,
        name: person.name,
        username,
        password,
        subject,
        accounts: ledger.holdings.map((holding) => {
          const figures = ledger.figures(holding.id)
          return {
            accountId: holding.id,
            kind: holding.kind,
            nickname: holding.nickname,
            lastFour: holding.lastFour,
            currency,
            postedMinor: figures.posted,
            availableMinor: figures.available,
            pendingCount: ledger.rows(holding.id).filter((row) => row.pending).length,
            frozen: bank.frozen(holding.id),
          }
        }),
      })),
    consents: () =>
      bank.consents.all().map((consent) => ({
        id: consent.id,
        clientId: consent.clientId,
        person: consent.person,
        accountIds: consent.accountIds,
        expiresAt: consent.expiresAt,
        standing: bank.consents.standing(consent),
      })),
    async endConsents(how, person) {
      let ended = 0
      for (const consent of bank.consents.all()) {
        if (bank.consents.standing(consent) !== 'active') continue
        if (person !== undefined && consent.person !== person) continue
        const revocation =
          how === 'revoked' ? ({ reason: 'BUSINESS_RULE', initiator: 'DATA_PROVIDER' } as const) : null
        await bank.consents.change(consent.id, { standing: how, revocation })
        await options.endTokens(consent)
        ended++
      }
      return ended
    },
    async reset() {
      faults.clear()
      await bank.resetMoney()
      await options.forget()
    },
  }
}
