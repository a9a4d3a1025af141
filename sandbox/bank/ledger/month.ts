import type { Chance } from './chance.ts'
import { chance, stableId } from './chance.ts'
import type { Day } from './calendar.ts'
import { dayOf, daysIn, instant, weekday } from './calendar.ts'
import type { AccountKind, Life } from './life.ts'
import type { Shop } from './shop.ts'
import { memos } from './shop.ts'

export type EntryKind =
  | 'purchase'
  | 'refund'
  | 'salary'
  | 'bill'
  | 'transfer'
  | 'card-payment'
  | 'person'
  | 'cash'
  | 'interest'

/**
 * One movement on one account. `amountMinor` is signed from the holder's side: minus = money out (or more owed on a
 * card). `at` is when it happened, `postAt` when the bank books it; between the two it is pending, under `pendingId`.
 */
export type Entry = {
  readonly id: string
  readonly pendingId: string | null
  readonly account: AccountKind
  readonly kind: EntryKind
  readonly amountMinor: number
  readonly at: number
  readonly day: Day
  readonly postAt: number
  readonly postDay: Day
  readonly description: string
  readonly memo: string | null
  readonly merchant: string | null
  readonly mcc: string | null
  /** The other person or firm, where there is one. */
  readonly counterparty: string | null
  /** A card payment's booked row names its authorisation only at some banks, some of the time. */
  readonly linked: boolean
}

export type MonthOf = {
  readonly seed: number
  readonly bank: string
  readonly person: string
  readonly zone: string
  readonly life: Life
}

type Draft = {
  account: AccountKind
  kind: EntryKind
  amountMinor: number
  day: Day
  minute: number
  settleDays?: number
  description: string
  memo?: string
  shop?: Shop
  counterparty?: string
}

function entryOf(of: MonthOf, luck: Chance, draft: Draft, serial: string): Entry {
  const at = instant(draft.day, draft.minute, of.zone)
  const settle = draft.settleDays ?? 0
  const words = [of.seed, of.bank, of.person, draft.account, serial]
  return {
    id: stableId('txn', 'booked', ...words),
    pendingId: settle > 0 ? stableId('auth', 'pending', ...words) : null,
    account: draft.account,
    kind: draft.kind,
    amountMinor: draft.amountMinor,
    at,
    day: draft.day,
    postAt: settle > 0 ? instant(draft.day + settle, 330, of.zone) : at,
    postDay: draft.day + settle,
    description: draft.description,
    memo: draft.memo ?? null,
    merchant: draft.shop?.name ?? null,
    mcc: draft.shop?.mcc ?? null,
    counterparty: draft.counterparty ?? null,
    linked: luck.happens(0.7),
  }
}

const cost = (luck: Chance, shop: Shop): number => luck.between(shop.low, shop.high)
const sumOf = (entries: readonly Entry[], account: AccountKind): number =>
  entries.reduce((total, entry) => (entry.account === account ? total + entry.amountMinor : total), 0)

/** Everything bought in a month, by debit card on checking and by credit card where there is one. */
function purchases(of: MonthOf, year: number, month: number): Entry[] {
  const { life } = of
  const { town, pace } = life
  const luck = chance(of.seed, of.bank, of.person, 'buys', year, month)
  const credit: AccountKind = life.accounts.some((plan) => plan.kind === 'card') ? 'card' : 'checking'
  const entries: Entry[] = []
  const first = dayOf(year, month, 1)

  const buy = (account: AccountKind, shop: Shop, day: Day, minute: number, amount = cost(luck, shop)) => {
    const serial = `${day}-${entries.length}`
    entries.push(
      entryOf(
        of,
        luck,
        {
          account,
          kind: 'purchase',
          amountMinor: -amount,
          day,
          minute,
          settleDays: luck.between(1, account === 'card' ? 3 : 2),
          description: `${shop.name.toUpperCase()} #${luck.between(100, 999)}`,
          shop,
        },
        serial,
      ),
    )
    return amount
  }

  for (let date = 0; date < daysIn(year, month); date++) {
    const day = first + date
    const wd = weekday(day)
    // The weekly shop is on Saturday, with a top-up now and then.
    if (wd === 6) buy('checking', town.market, day, luck.between(570, 720))
    else if (luck.happens(0.09 * pace)) {
      const { low, high } = town.market
      buy(
        'checking',
        town.market,
        day,
        luck.between(1_020, 1_200),
        luck.between(Math.round(low / 4), Math.round(high / 3)),
      )
    }
    if (wd > 0 && wd < 6 && luck.happens(0.42 * pace))
      buy('checking', luck.pick(town.coffee), day, luck.between(450, 560))
    if (wd > 0 && wd < 6 && luck.happens(0.4 * pace)) buy(credit, town.transit, day, luck.between(470, 540))
    if ((wd === 5 || wd === 6 || wd === 0) && luck.happens(0.45 * pace))
      buy(credit, luck.pick(town.dining), day, luck.between(1_090, 1_300))
    if (luck.happens(0.085 * pace)) {
      const place = luck.pick(town.shopping)
      const amount = buy(credit, place, day, luck.between(660, 1_240))
      if (luck.happens(0.14) && date + 6 < daysIn(year, month)) {
        entries.push(
          entryOf(
            of,
            luck,
            {
              account: credit,
              kind: 'refund',
              amountMinor: amount,
              day: day + 5,
              minute: 700,
              settleDays: 1,
              description: `${town.words.refund} ${place.name.toUpperCase()}`,
              shop: place,
            },
            `refund-${day}-${entries.length}`,
          ),
        )
      }
    }
  }
  for (const [index, service] of town.subscriptions.entries())
    if (index < 2 || pace >= 1) buy(credit, service, first + 2 + index * 7, 190)
  if (pace >= 0.8 && luck.happens(0.2))
    buy(credit, luck.pick(town.large), first + luck.between(4, 24), luck.between(600, 1_260))
  return entries
}

/** What is owed on the card for a month's purchases, less refunds. Positive. */
export const statementOf = (of: MonthOf, year: number, month: number): number =>
  Math.max(0, -sumOf(purchases(of, year, month), 'card'))

/**
 * All movements of one calendar month. Depends on nothing but the seed, the person and the month, so that the same
 * day always holds the same payments, whenever the sandbox was started.
 */
export function monthOf(of: MonthOf, year: number, month: number): Entry[] {
  const { life } = of
  const { town } = life
  const luck = chance(of.seed, of.bank, of.person, 'month', year, month)
  const first = dayOf(year, month, 1)
  const length = daysIn(year, month)
  const has = (kind: AccountKind) => life.accounts.some((plan) => plan.kind === kind)
  const entries = purchases(of, year, month)
  const add = (draft: Draft) =>
    entries.push(entryOf(of, luck, draft, `${year}-${month}-${draft.kind}-${entries.length}`))
  const on = (date: number): Day => first + Math.min(date, length) - 1

  for (const date of life.schedule === 'twice' ? [15, length] : [28])
    add({
      account: 'checking',
      kind: 'salary',
      amountMinor: life.pay,
      day: on(date),
      minute: 125,
      description: `${town.words.salary} ${life.employer.toUpperCase()}`,
      counterparty: life.employer,
    })
  if (life.rent > 0)
    add({
      account: 'checking',
      kind: 'bill',
      amountMinor: -life.rent,
      day: on(1),
      minute: 300,
      description: `${town.words.rent} ${town.landlord.toUpperCase()}`,
      counterparty: town.landlord,
    })
  if (life.rent > 0)
    for (const [date, service] of [
      [12, town.power],
      [20, town.phone],
    ] as const)
      add({
        account: 'checking',
        kind: 'bill',
        amountMinor: -cost(luck, service),
        day: on(date),
        minute: 320,
        description: service.name.toUpperCase(),
        shop: service,
      })
  add({
    account: 'checking',
    kind: 'cash',
    amountMinor: -luck.pick([2_000, 4_000, 6_000]),
    day: on(luck.between(5, 24)),
    minute: luck.between(600, 1_200),
    description: town.cash,
  })
  for (let times = luck.between(1, 3); times > 0; times--) {
    const friend = luck.pick(town.friends)
    const incoming = luck.happens(0.5)
    const amount = luck.between(800, 6_500)
    add({
      account: 'checking',
      kind: 'person',
      amountMinor: incoming ? amount : -amount,
      day: on(luck.between(2, 27)),
      minute: luck.between(540, 1_320),
      description: `${incoming ? town.words.received : town.words.sent} ${friend.toUpperCase()}`,
      memo: luck.pick(memos),
      counterparty: friend,
    })
  }

  if (has('card')) {
    const [y, m] = month === 1 ? [year - 1, 12] : [year, month - 1]
    const owed = statementOf(of, y, m)
    if (owed > 0) {
      const paid = { kind: 'card-payment', day: on(18), minute: 360 } as const
      add({ ...paid, account: 'checking', amountMinor: -owed, description: town.words.cardPayment })
      add({ ...paid, account: 'card', amountMinor: owed, description: town.words.cardThanks })
    }
  }
  // What the month leaves over goes to savings, what it lacks comes from there: checking neither swells nor sinks.
  const left = Math.floor(sumOf(entries, 'checking') / 1_000) * 1_000
  if (left !== 0) {
    const moved = { kind: 'transfer', day: on(26), minute: 420 } as const
    const description = left > 0 ? town.words.toSavings : town.words.fromSavings
    add({ ...moved, account: 'checking', amountMinor: -left, description })
    if (has('savings')) add({ ...moved, account: 'savings', amountMinor: left, description })
  }
  if (has('savings'))
    add({
      account: 'savings',
      kind: 'interest',
      amountMinor: luck.between(140, 620),
      day: on(length),
      minute: 240,
      description: town.words.interest,
    })
  return entries
}
