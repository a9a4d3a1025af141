import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { bankKeys } from '../../sandbox/people/people.ts'
import { tags } from './sentences.ts'

/** What must have been understood of a question about money, besides its kind. */
const understood = z.strictObject({
  answer: z.enum(['balance', 'spending', 'transactions', 'income']),
  merchant: z.string().optional(),
  payer: z.string().optional(),
  category: z.string().optional(),
  /** Several shops or kinds, in the order said. */
  places: z.array(z.string()).min(2).optional(),
  /** `last-week`, `last-30-days`, `march` … (see periods.ts) */
  period: z.string().optional(),
  against: z.string().optional(),
  measure: z.enum(['sum', 'average', 'count', 'biggest']).optional(),
  by: z.enum(['month', 'category', 'merchant']).optional(),
  /** A kind of account, or last four digits. */
  account: z.string().optional(),
  limit: z.int().optional(),
  nth: z.int().optional(),
  /** A later page of a list: how many are newer. */
  skip: z.int().optional(),
  /** One payment before what was shown. */
  alone: z.boolean().optional(),
  min: z.string().optional(),
  pending: z.boolean().optional(),
  pay: z.boolean().optional(),
})
export type Understood = z.infer<typeof understood>

/** A mark (see marks.ts), several of which one will do (`a|b`), or what must have been understood. */
const single = z.union([z.string().min(1), understood])
const mark = z.union([single, z.strictObject({ any: z.array(single).min(2) })])
export type Mark = z.infer<typeof mark>

const act = z.union([z.strictObject({ say: z.string().min(1) }), z.strictObject({ tap: z.string().min(1) })])
export type Act = z.infer<typeof act>

const rest = {
  expect: z.array(mark).min(1),
  not: z.array(mark).optional(),
  /** What this customer does when that was not the answer: each once, in turn. */
  else: z.array(act).optional(),
}
const turn = z.union([
  z.strictObject({ say: z.string().min(1), ...rest }),
  z.strictObject({ tap: z.string().min(1), ...rest }),
])
export type ScriptTurn = z.infer<typeof turn>

const script = z.strictObject({
  id: z.string(),
  locale: z.enum(tags),
  who: z.string(),
  bank: z.enum(bankKeys),
  /** What was agreed when linking: all said, all masked, or nothing linked. */
  grant: z.enum(['say', 'mask', 'none']),
  /** The fewest turns of the customer that reach the goal. */
  minimum: z.int().min(1),
  goal: z.string(),
  turns: z.array(turn).min(1),
})
export type Script = z.infer<typeof script>

const folder = join(import.meta.dirname, '..', '..', 'nlu', 'conversations')

/** Every scripted conversation of `nlu/conversations/`. */
export function readScripts(): Script[] {
  const scripts = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .flatMap((name) => z.array(script).parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
  return scripts
}
