import { join } from 'node:path'
import type { Pool } from 'pg'
import { type Child, startChild } from './child.ts'
import type { Seeding } from './customers.ts'
import { lanes, type House } from './gateway.ts'

/** Makes customers `from` ≤ n < `to`, linked to Harbor Bank, in two processes side by side. */
export async function seedCustomers(
  database: { readonly url: string; readonly pool: Pool },
  house: House,
  range: { readonly from: number; readonly to: number; readonly tokens?: Seeding['tokens'] },
): Promise<number> {
  const began = performance.now()
  const workers = range.to - range.from > 20_000 ? 2 : 1
  const share = Math.ceil((range.to - range.from) / workers)
  await Promise.all(
    Array.from({ length: workers }, async (_, i) => {
      const worker: Child = await startChild(join(import.meta.dirname, 'customers.ts'))
      try {
        const seeding: Seeding = {
          url: database.url,
          kek: house.kek,
          lanes,
          institution: 'harbor',
          from: range.from + i * share,
          to: Math.min(range.to, range.from + (i + 1) * share),
          now: Date.now(),
          tokens: range.tokens ?? [],
        }
        await worker.ask('seed', seeding)
      } finally {
        await worker[Symbol.asyncDispose]()
      }
    }),
  )
  // As autovacuum would have left them; and no checkpoint of our making falls into the measurement.
  for (const table of [
    'customer_contact',
    'conversation_thread',
    'customer_link',
    'consent_grant',
    'consent_record',
  ])
    await database.pool.query(`vacuum (analyze) ${table}`)
  await database.pool.query('checkpoint')
  return (performance.now() - began) / 1_000
}
