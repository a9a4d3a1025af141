import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatorError } from '../core/operator-error.ts'
import { readExamples, readText, type Example } from '../nlu/csv.ts'
import type { Language } from '../nlu/reading.ts'
import { err, styled } from './terminal.ts'

/** The product's own sentences, topics and model. */
export const folder = fileURLToPath(new URL('../../nlu/', import.meta.url))

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** Progress goes to standard error, with the time since the start; not at all for a machine. */
export const sayer =
  (json: boolean | undefined, from = performance.now()) =>
  (says: string): void => {
    if (!json)
      err(
        styled(
          'dim',
          `${((performance.now() - from) / 1000).toFixed(1).padStart(6)} s  ${says}`,
          process.stderr,
        ),
      )
  }

/** Files of a folder of ours whose name ends so, in order. */
export function csvIn(under: string, ending: string): string[] {
  const at = join(folder, under)
  if (!existsSync(at)) return []
  return readdirSync(at)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(at, name))
}

/** Sentences of a file; their language is in its name (`es-US.train.csv`) or its column `language`. */
export function examplesOf(file: string, label: (category: string) => string): Example[] {
  const named = /^(es|fr)-/.exec(basename(file))?.[1] as Language | undefined
  return readExamples(file).map((one) => ({ language: named ?? 'en', ...one, label: label(one.label) }))
}

/** The sentences that the product's own model learns from: its intents, then the help topics. */
export function ownExamples(topicFiles: readonly string[]): Example[] {
  const renamed = topicIntents()
  return [
    ...ownFiles().flatMap((file) => examplesOf(file, (category) => category)),
    ...topicFiles.flatMap((file) => examplesOf(file, (category) => renamed[category] ?? `topic:${category}`)),
  ]
}
export const ownFiles = (): string[] => csvIn('own', '.train.csv')

/** Help topics that are one of our intents by another name: their sentences teach the intent. */
function topicIntents(): Record<string, string> {
  const file = join(folder, 'topics', 'intents.json')
  return existsSync(file) ? (JSON.parse(readText(file)) as Record<string, string>) : {}
}

/** All of it or nothing: a reader never sees half a model. */
export function writeWhole(file: string, bytes: Buffer): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error('a folder')
    const beside = `${file}.${process.pid}.new`
    writeFileSync(beside, bytes)
    renameSync(beside, file)
  } catch (cause) {
    throw new OperatorError('file_unwritable', `${file}: it cannot be written.`, { cause })
  }
}
