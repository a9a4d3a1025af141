import { people } from '../people/people.ts'
import type { World } from './world.ts'

/** What the phone page's buttons can make happen at a sandbox bank. */
export const bankEvents = [
  { key: 'payment', title: 'A payment' },
  { key: 'salary', title: 'Salary arrives' },
] as const

const deadlineMs = 5_000

/** Asks a bank of `bankControl` to make something happen to the person behind this PSID; null when there is no such bank or event. */
export async function callBank(world: World, given: { bank: string; event: string; psid: string }): Promise<{ done: boolean; status: number | null; why?: string } | null> {
  const base = world.options.bankControl?.[given.bank]
  const event = bankEvents.find((one) => one.key === given.event)
  if (base === undefined || !event) return null
  const person = people.find((one) => one.psid === given.psid)
  if (!person) return { done: false, status: null, why: 'This customer has no account at a sandbox bank.' }
  try {
    const answer = await fetch(new URL(`/sandbox/${event.key}`, base), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ person: person.key }),
      signal: AbortSignal.timeout(deadlineMs),
      redirect: 'error',
    })
    await answer.body?.cancel()
    return answer.ok ? { done: true, status: answer.status } : { done: false, status: answer.status, why: `The bank answered ${answer.status}.` }
  } catch {
    return { done: false, status: null, why: 'The bank does not answer.' }
  }
}
