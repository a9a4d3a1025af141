import { createHash } from 'node:crypto'
import { z } from 'zod'
import { OperatorError } from '../core/operator-error.ts'
import { readExamples, readText, type Example } from './csv.ts'

/** A data set in its parts; a part that the files lack is empty. */
export type Labelled = {
  readonly train: readonly Example[]
  readonly val: readonly Example[]
  readonly test: readonly Example[]
  /** Out of scope: in no class. */
  readonly oosTrain: readonly Example[]
  readonly oosVal: readonly Example[]
  readonly oosTest: readonly Example[]
}

export const formats = ['csv', 'clinc'] as const
export type Format = (typeof formats)[number]

const pairs = z.array(z.tuple([z.string(), z.string()])).optional()
const clincShape = z.object({
  train: pairs,
  val: pairs,
  test: pairs,
  oos_train: pairs,
  oos_val: pairs,
  oos_test: pairs,
})

/**
 * Reads a training and a test file: `csv` (`text,category`), or `clinc`, the JSON of the CLINC150 data set
 * (`{train: [[text, intent]…], val, test, oos_train, oos_val, oos_test}`, the keys spread over either file). Throws
 * OperatorError naming the file and what is wrong with it.
 */
export function readLabelled(trainFile: string, testFile: string, format: Format): Labelled {
  const empty = { val: [], oosTrain: [], oosVal: [], oosTest: [] }
  if (format === 'csv') return { train: readExamples(trainFile), test: readExamples(testFile), ...empty }
  const one = readClinc(trainFile)
  const two = testFile === trainFile ? one : readClinc(testFile)
  // The training file's own parts are for training; the test file's for testing.
  const get = (key: keyof typeof one, first: typeof one, second: typeof one) =>
    (first[key] ?? second[key] ?? []).map(([text, label]) => ({ text, label }))
  const parts = {
    train: get('train', one, two),
    val: get('val', one, two),
    test: get('test', two, one),
    oosTrain: get('oos_train', one, two),
    oosVal: get('oos_val', one, two),
    oosTest: get('oos_test', two, one),
  }
  if (parts.train.length === 0)
    throw new OperatorError('json_malformed', `${trainFile}: there is no key "train" with sentences in it.`)
  if (parts.test.length > 0) return parts
  if (parts.val.length === 0)
    throw new OperatorError('json_malformed', `${testFile}: there is no key "test" with sentences in it.`)
  // Without a test part the validation part is tested on, and the threshold comes from cross-validation.
  return { ...parts, test: parts.val, val: [] }
}

function readClinc(file: string) {
  let json: unknown
  try {
    json = JSON.parse(readText(file))
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause
    throw new OperatorError(
      'json_malformed',
      `${file}: this is not JSON. Is it CSV? Then leave out --format clinc.`,
    )
  }
  const parsed = clincShape.safeParse(json)
  if (!parsed.success)
    throw new OperatorError(
      'json_malformed',
      parsed.error.issues
        .slice(0, 5)
        .map(({ path, message }) => `${file}: ${path.join('.') || 'the whole'}: ${message}.`),
    )
  return parsed.data
}

/** SHA-256 of a file's text, for the manifest. */
export const fileHash = (file: string): string => createHash('sha256').update(readText(file)).digest('hex')
