import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { languageTags } from '../core/words.ts'
import { OperatorError } from '../core/operator-error.ts'
import type { OwnAnswer } from './caller.ts'

const texts = (limit: number) =>
  z
    .strictObject(
      Object.fromEntries(languageTags.map((tag) => [tag, z.string().min(1).max(limit).optional()])) as Record<
        (typeof languageTags)[number],
        z.ZodOptional<z.ZodString>
      >,
    )
    .refine((said) => Object.values(said).some((text) => text !== undefined), 'says nothing in any language')

/** A bank's answers file: the name of an intent of its own (`own:…`) or of a topic (`topic:…`) → what is said. */
const answersSchema = z.record(
  z.string().regex(/^(own|topic):[a-z0-9_-]{1,60}$/, 'must be own:name or topic:name'),
  z.strictObject({
    /** On a button: at most 20 characters. */
    title: texts(20),
    say: texts(600),
    next: z
      .array(z.enum(['person', 'bank-page', 'balance', 'transactions', 'card-lost', 'permissions']))
      .max(3)
      .default(['person', 'bank-page']),
  }),
)

/** Reads the bank's own answers; every fault of the file at once. */
export function readOwnAnswers(file: string | undefined): ReadonlyMap<string, OwnAnswer> {
  if (file === undefined) return new Map()
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new OperatorError(
      'answers_unreadable',
      `The answers file ${file} cannot be read as JSON. Correct understanding.answersFile, or the file.`,
    )
  }
  const read = answersSchema.safeParse(value)
  if (!read.success)
    throw new OperatorError(
      'answers_faulty',
      read.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`),
    )
  const own = (said: Readonly<Record<string, string | undefined>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(said).flatMap(([tag, text]) => (text === undefined ? [] : [[tag, text]])),
    )
  return new Map(
    Object.entries(read.data).map(([name, { title, say, next }]) => [
      name,
      { title: own(title), say: own(say), next },
    ]),
  )
}
