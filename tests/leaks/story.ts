import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Policy } from '../../src/disclosure/policy.ts'
import { fixedWords } from '../../src/intent/rights.ts'
import type { TestHouse } from '../house.ts'
import { audit } from './audit.ts'
import { receivedOf } from './received.ts'
import { openSearch } from './search.ts'

const folder = join(import.meta.dirname, '..', '..', 'policies')

/**
 * What every story's house is asked when it closes: is every message that the platform received one log entry's very
 * bytes, told no further than grant and policy allowed, and does it speak of money only where its entry says so?
 * People who were erased are left out: what opens their entries is gone, as it should be.
 */
export async function auditStory(house: TestHouse, policies: ReadonlyMap<string, Policy>): Promise<string[]> {
  const { messages } = receivedOf(house.platform.recorded())
  const people = new Set(messages.map(({ psid }) => psid))
  const onceTaps = new Map<string, number>()
  for (const psid of people) {
    const taps = house.platform
      .transcript(psid)
      .filter(
        (one) => one.from === 'person' && (JSON.stringify(one).includes('once:') || isAsked(one)),
      ).length
    // One tap asks every bank that is linked.
    onceTaps.set(psid, taps * house.engine.counterDeps.counters.size)
  }
  const { rows } = await house.db.query<{ lane: number; contact_id: string }>(
    'select lane, contact_id from customer_erasure',
  )
  const erased = new Set(rows.map((row) => row.contact_id))
  const { unaccounted } = await audit(house, {
    search: openSearch([]),
    customers: new Map(),
    policies: new Map([...shipped(), ...policies]),
    wrote: new Map(),
    onceTaps,
    takenBack: [],
    frozen: new Map(),
    erased: new Map(),
    accepted: null,
    leftOut: erased,
  })
  return [...unaccounted]
}

/** "Show it here", in words. */
const isAsked = (one: object): boolean =>
  'text' in one && typeof one.text === 'string' && fixedWords(one.text)?.ask.kind === 'once'

const shipped = (): [string, Policy][] =>
  readdirSync(folder).map((name) => [
    name.replace(/\.json$/, ''),
    JSON.parse(readFileSync(join(folder, name), 'utf8')) as Policy,
  ])
