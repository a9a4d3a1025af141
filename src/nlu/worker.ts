import { parentPort, workerData } from 'node:worker_threads'
import { OperatorError } from '../core/operator-error.ts'
import { clausesOf } from './clauses.ts'
import type { Classifier, Verdict } from './classifier.ts'
import { loadClassifier } from './load.ts'
import { languages, type Guess, type Reading, type ReadingContext } from './reading.ts'

/** The thread that reads: its model and encoder are its own, so the web server's event loop never waits for it. */
export type Ask = { readonly text: string; readonly context: ReadingContext }
export type Told =
  | { readonly ready: true; readonly withoutEncoder: boolean; readonly outdated: boolean }
  | { readonly failed: { readonly code: string; readonly faults: readonly string[] } }
  /** In the order asked. */
  | { readonly readings: readonly Reading[] }

/** Text → what it may mean. The model can say nothing but the names it was trained with. */
export async function readText(classifier: Classifier, { text, context }: Ask): Promise<Reading> {
  const { clauses, ...rest } = clausesOf(text, context)
  const read: Reading['clauses'][number][] = []
  for (const clause of clauses)
    read.push({
      ...clause,
      ...guessesOf(await classifier.classify(clause.text, { language: rest.language })),
    })
  return { ...rest, clauses: read }
}

function guessesOf({ guesses, outOfScope }: Verdict) {
  const away = guesses.find(({ label }) => label === 'out-of-scope')?.p ?? 0
  return {
    guesses: guesses.map(({ label, p }): Guess => ({ name: label as Guess['name'], p })),
    outOfScope: Math.max(outOfScope, away),
  }
}

if (parentPort) {
  const port = parentPort
  const tell = (told: Told) => port.postMessage(told)
  try {
    const { modelFile } = workerData as { modelFile: string }
    const loaded = await loadClassifier(new URL(modelFile))
    // The first sentence of each language pays for compiling and for its glossary: not a customer's.
    for (const language of languages) await loaded.classifier.classify('balance saldo solde', { language })
    port.on('message', (asked: readonly Ask[]) => void readAll(asked))
    // One after the other: side by side would be no faster on one core, and each run holds memory of its own.
    const readAll = async (asked: readonly Ask[]) => {
      const readings: Reading[] = []
      for (const one of asked) readings.push(await readText(loaded.classifier, one))
      tell({ readings })
    }
    tell({ ready: true, withoutEncoder: loaded.withoutEncoder !== null, outdated: loaded.outdated })
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    tell({ failed: { code: error.code, faults: error.faults } })
    port.close()
  }
}
