import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { freshDatabase } from '../../tests/database.ts'
import { booleanArray, numberArray, plainArray, textArray } from './pg-array.ts'

test('arrays written by hand are read by PostgreSQL as they were meant, whatever text is in them', async () => {
  await using db = await freshDatabase()
  const text = fc.option(fc.string({ unit: 'binary', maxLength: 40 }).filter((s) => s.isWellFormed()))
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { maxLength: 12 }),
      fc.array(fc.option(fc.integer()), { maxLength: 12 }),
      async (texts, numbers) => {
        const { rows } = await db.pool.query<{
          texts: string[]
          numbers: number[]
          flags: boolean[]
          plain: string[]
        }>(
          'select $1::text[] as texts, $2::integer[] as numbers, $3::boolean[] as flags, $4::text[] as plain',
          [
            textArray(texts),
            numberArray(numbers),
            booleanArray(numbers.map((n) => n !== null)),
            plainArray(['msg_A', null]),
          ],
        )
        // NUL cannot be held by PostgreSQL text.
        assert.deepEqual(
          rows[0]?.texts,
          texts.map((one) => one?.replaceAll('\0', '') ?? null),
        )
        assert.deepEqual(rows[0]?.numbers, numbers)
        assert.deepEqual(
          rows[0]?.flags,
          numbers.map((n) => n !== null),
        )
        assert.deepEqual(rows[0]?.plain, ['msg_A', null])
      },
    ),
    { numRuns: 60 },
  )
})
