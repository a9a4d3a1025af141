import { calibrationError } from './calibrate.ts'
import type { Classifier, Verdict } from './classifier.ts'
import type { Example } from './csv.ts'

/** One test sentence and what was made of it. */
export type Judged = { readonly example: Example; readonly verdict: Verdict }

/** How well a classifier does on sentences it has not seen. Shares are 0 to 1. */
export type Quality = {
  readonly accuracy: number
  readonly top3: number
  readonly macroF1: number
  /** Expected calibration error, 15 bins. */
  readonly ece: number
}

/** Every sentence, judged. */
export async function judgeAll(classifier: Classifier, examples: readonly Example[]): Promise<Judged[]> {
  const all: Judged[] = []
  for (const example of examples)
    all.push({
      example,
      verdict: await classifier.classify(example.text, { language: example.language ?? 'en' }),
    })
  return all
}

/** The figures of sentences judged. */
export function qualityOf(judged: readonly Judged[]): Quality {
  const right = judged.map(({ example, verdict }) => verdict.guesses[0]?.label === example.label)
  const rows = perClass(judged).filter(({ true: many }) => many > 0)
  return {
    accuracy: right.filter(Boolean).length / Math.max(judged.length, 1),
    top3:
      judged.filter(({ example, verdict }) =>
        verdict.guesses.slice(0, 3).some(({ label }) => label === example.label),
      ).length / Math.max(judged.length, 1),
    macroF1: rows.reduce((sum, { f1 }) => sum + f1, 0) / Math.max(rows.length, 1),
    ece: calibrationError(
      judged.map(({ verdict }) => verdict.guesses[0]?.p ?? 0),
      right,
    ),
  }
}

export type ClassQuality = {
  readonly label: string
  /** Sentences of this class, sentences said to be of it, and those that are both. */
  readonly true: number
  readonly said: number
  readonly both: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** Each class's own figures, by name. */
export function perClass(judged: readonly Judged[]): ClassQuality[] {
  const rows = new Map<string, { true: number; said: number; both: number }>()
  const row = (label: string) => {
    const found = rows.get(label) ?? { true: 0, said: 0, both: 0 }
    rows.set(label, found)
    return found
  }
  for (const { example, verdict } of judged) {
    const said = verdict.guesses[0]?.label
    row(example.label).true++
    if (said !== undefined) row(said).said++
    if (said === example.label) row(said).both++
  }
  return [...rows]
    .map(([label, one]) => {
      const precision = one.said > 0 ? one.both / one.said : 0
      const recall = one.true > 0 ? one.both / one.true : 0
      const f1 = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0
      return { label, ...one, precision, recall, f1 }
    })
    .sort((a, b) => (a.label < b.label ? -1 : 1))
}
