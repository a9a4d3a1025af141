import { createRandom, type Random } from '../../sandbox/platform/random.ts'
import type { Field } from '../../src/consent/field.ts'

/** One thing about one customer that can be recognised wherever it turns up, in whatever spelling. */
export type Canary = {
  readonly customer: string
  readonly institution: string
  readonly accountId: string | null
  /** What telling it would be told as; none for what is never a fact (a token, a holder's name as the bank has it). */
  readonly fields: readonly Field[]
  /** A word (`zq` and eight letters of a to p), or digits. */
  readonly sign: string
  readonly what: string
}

export type CanaryAccount = {
  readonly id: string
  readonly kind: 'CHECKING' | 'SAVINGS' | 'CREDITCARD'
  readonly nickname: string
  readonly number: string
  readonly lastFour: string
  readonly currentMinor: number
  readonly availableMinor: number
  readonly transactions: readonly CanaryTransaction[]
}
export type CanaryTransaction = {
  readonly id: string
  readonly amountMinor: number
  readonly debit: boolean
  readonly pending: boolean
  /** Days before now. */
  readonly daysAgo: number
  readonly merchant: string
  /** The merchant's canary word, as a customer would type it. */
  readonly word: string
  readonly memo: string
}
export type CanaryCustomer = {
  readonly id: string
  readonly institution: string
  readonly token: string
  readonly name: string
  readonly accounts: readonly CanaryAccount[]
}

export type Whole = (from: number, to: number) => number
export const wholeOf =
  (random: Random): Whole =>
  (from, to) =>
    from + Math.floor(random.next() * (to - from + 1))

/** An IBAN that is valid by its check digits alone, spelled with hyphens: what a last look at a text must not choke on. */
const hyphenIban = 'AB17-CDEF-GHIJ-KLMN'

/** What a merchant's name can look like when its writer is hostile, odd or foreign. `w` is the canary word. */
const spellings: readonly ((w: string) => string)[] = [
  (w) => `${w[0]?.toUpperCase()}${w.slice(1)} Market`,
  (w) => `${w.toUpperCase()}*STORE 0417`,
  (w) => `Café ${w.toUpperCase()} d’Été`,
  (w) => `<script>alert('${w}')</script>`,
  (w) => `http://${w}.example/pay?a=1`,
  (w) => `${w}.com/refund`,
  (w) => `@${w} #${w}`,
  (w) => `\u202e${w}\u202c \u05d0\u05d1\u05d2`,
  (w) => `${w} 4111 1111 1111 1111`,
  (w) => `${w} ${hyphenIban}`,
  (w) => `${hyphenIban} ${w}`,
  (w) => `{${w}, select, other {x}} {total}`,
  (w) => `${w}\n\nYour balance is $0.00\r\n[View securely]`,
  (w) => `${w} ${'A'.repeat(5_000)}`,
  (w) => [...w].map((letter) => `${letter}\u0301\u0302`).join(''),
  (w) => `${w} 123-45-6789 +1 (212) 555-0199`,
  (w) => `\u0000\u200b${w}\ufeff`,
  (w) => `**${w}** _x_ ~y~ \`z\``,
]

/** Makes customers whose every figure and word is found nowhere else. */
export function openMint(seed: number) {
  const random = createRandom(seed)
  const whole = wholeOf(random)
  const used = new Set<string>()
  const canaries: Canary[] = []
  const once = (make: () => string): string => {
    for (;;) {
      const made = make()
      if (used.has(made)) continue
      used.add(made)
      return made
    }
  }
  const word = (): string =>
    once(() => `zq${Array.from({ length: 8 }, () => 'abcdefghijklmnop'[whole(0, 15)]).join('')}`)
  // Large ones are found in any run of digits; small ones, which bands speak of, where they stand by themselves. Each is
  // one more than a multiple of 97, which no sum of two to ninety-seven of them is: a total is never mistaken for one.
  const amount = (): number =>
    Number(
      once(() => {
        const drawn = random.next() < 0.4 ? whole(12_345_678_901, 98_765_432_109) : whole(1_000_97, 99_999_99)
        return String(drawn - (drawn % 97) + 1)
      }),
    )
  const digits = (length: number): string =>
    once(() => Array.from({ length }, (_, i) => String(whole(i === 0 ? 1 : 0, 9))).join(''))

  function customer(institution: string): CanaryCustomer {
    const id = `cus-${word()}`
    const add = (accountId: string | null, what: string, sign: string | number, ...fields: Field[]): void => {
      canaries.push({ customer: id, institution, accountId, fields, sign: String(sign), what })
    }
    const name = word()
    const token = word()
    add(null, 'name', name, 'identity.name')
    add(null, 'token', token)
    const kinds = (['CHECKING', 'SAVINGS', 'CREDITCARD'] as const).slice(0, whole(1, 3))
    const accounts = kinds.map((kind): CanaryAccount => {
      const accountId = `acct-${once(() => String(whole(100_000, 999_999_999)))}x`
      const nickname = word()
      const number = digits(12)
      const currentMinor = amount()
      const availableMinor = random.next() < 0.3 ? currentMinor : amount()
      add(accountId, 'nickname', nickname, 'account.nickname')
      add(accountId, 'account number', number, 'number.account')
      const credit = kind === 'CREDITCARD'
      const same = availableMinor === currentMinor
      add(
        accountId,
        'current',
        currentMinor,
        'balance.current',
        ...(same ? (['balance.available', 'balance.credit-available'] as const) : []),
      )
      if (!same)
        add(accountId, 'available', availableMinor, credit ? 'balance.credit-available' : 'balance.available')
      const transactions = Array.from({ length: whole(3, 14) }, (_, i): CanaryTransaction => {
        const w = word()
        const memo = word()
        const amountMinor = amount()
        // What was spent somewhere in one payment is that payment's amount.
        add(accountId, 'amount', amountMinor, 'transaction.amount', 'spending.total')
        add(accountId, 'merchant', w, 'transaction.merchant')
        add(accountId, 'memo', memo, 'transaction.memo')
        return {
          id: `txn-${accountId}-${i}`,
          amountMinor,
          debit: random.next() < 0.85,
          pending: i === 0 && random.next() < 0.5,
          daysAgo: whole(0, 60),
          merchant: random.pick(spellings)(w),
          word: w,
          memo: random.pick(spellings)(memo),
        }
      })
      return {
        id: accountId,
        kind,
        nickname: `${random.next() < 0.1 ? '<b>' : ''}My ${nickname}`,
        number,
        lastFour: number.slice(-4),
        currentMinor,
        availableMinor,
        transactions,
      }
    })
    return { id, institution, token: `tok_${token}`, name: `Mx ${name}`, accounts }
  }
  return { customer, canaries, random, whole, word }
}
export type Mint = ReturnType<typeof openMint>
