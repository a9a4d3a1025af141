import { randomInt } from 'node:crypto'
import * as z from 'zod'
import { people } from '../people/people.ts'
import type { World } from './world.ts'

type BankEvent = {
  readonly key: string
  readonly title: string
  readonly path: string
  body(person: string): Record<string, unknown>
  said(booked: string): string
}

const shops = [
  ['Ferry Street Bakery', '5462'],
  ['Juniper Books', '5942'],
  ['Northside Hardware', '5251'],
  ['Lantern Noodles', '5812'],
  ['Park Garage', '7523'],
] as const
const amount = (from: number, to: number): string => (randomInt(from * 100, to * 100) / 100).toFixed(2)

/** What the phone page's buttons can make happen at a sandbox bank: its own `POST /sandbox/<act>` doors. */
const events: readonly BankEvent[] = [
  {
    key: 'purchase',
    title: 'A card payment',
    path: 'purchase',
    body: (person) => {
      const [merchant, mcc] = shops[randomInt(shops.length)] as (typeof shops)[number]
      return { person, merchant, mcc, amount: amount(4, 95), account: 'checking' }
    },
    said: (booked) => `The bank took ${booked} for a payment.`,
  },
  {
    key: 'salary',
    title: 'Salary arrives',
    path: 'salary',
    body: (person) => ({ person }),
    said: (booked) => `The bank booked a salary of ${booked}.`,
  },
  {
    key: 'friend',
    title: 'A friend sends money',
    path: 'payment',
    body: (person) => ({ person, amount: amount(10, 60), counterparty: 'Noor Haddad', memo: 'dinner' }),
    said: (booked) => `${booked} came in from Noor Haddad.`,
  },
  {
    key: 'suspicious',
    title: 'A suspicious payment',
    path: 'suspicious',
    body: (person) => ({ person }),
    said: (booked) => `A payment of ${booked} that looks wrong.`,
  },
  {
    key: 'down',
    title: 'The bank goes down',
    path: 'fault',
    body: () => ({ kind: 'maintenance', area: 'all' }),
    said: () => 'The bank is in maintenance until you bring it back.',
  },
  {
    key: 'up',
    title: 'The bank is back',
    path: 'clear-faults',
    body: () => ({}),
    said: () => 'The bank answers again.',
  },
  {
    key: 'expire',
    title: 'The bank ends the link',
    path: 'expire-consents',
    body: (person) => ({ person }),
    said: () => 'The bank no longer lets the gateway read this account.',
  },
]
export const bankEvents = events.map(({ key, title }) => ({ key, title }))

const deadlineMs = 5_000
const bookedShape = z.object({ amount: z.string(), currency: z.string() })

export type BankAnswer = { readonly done: boolean; readonly status: number | null; readonly said: string }

/** Asks a bank of `bankControl` to make something happen to the person behind this PSID; null when there is no such bank or event. */
export async function callBank(
  world: World,
  given: { bank: string; event: string; psid: string },
): Promise<BankAnswer | null> {
  const base = world.options.bankControl?.[given.bank]
  const event = events.find((one) => one.key === given.event)
  if (base === undefined || !event) return null
  const person = people.find((one) => one.psid === given.psid)
  if (!person) return { done: false, status: null, said: 'This customer has no account at a sandbox bank.' }
  try {
    const answer = await fetch(new URL(`/sandbox/${event.path}`, base), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event.body(person.key)),
      signal: AbortSignal.timeout(deadlineMs),
      redirect: 'error',
    })
    const booked = bookedShape.safeParse(await answer.json().catch(() => null))
    if (!answer.ok)
      return {
        done: false,
        status: answer.status,
        said:
          answer.status === 404
            ? 'This customer has no such account at this bank.'
            : `The bank answered ${answer.status}.`,
      }
    return {
      done: true,
      status: answer.status,
      said: event.said(
        booked.success ? `${booked.data.amount.replace('-', '')} ${booked.data.currency}` : 'an amount',
      ),
    }
  } catch {
    return { done: false, status: null, said: 'The bank does not answer.' }
  }
}
