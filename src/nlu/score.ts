import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatorError } from '../core/operator-error.ts'
import { packModel } from './artifact.ts'
import { asWritten, openClassifier, type Preparation } from './classifier.ts'
import { countsOf, type Example } from './csv.ts'
import type { Encoder } from './encoder.ts'
import type { Labelled } from './labelled.ts'
import { areaUnder, scoreKeeping } from './out-of-scope.ts'
import { judgeAll, qualityOf, type Judged, type Quality } from './quality.ts'
import type { Probe } from './probe.ts'
import { seeded } from './random.ts'
import type { Language } from './reading.ts'
import { trainModel } from './train.ts'

export type OutOfScopeQuality = {
  /** Share of out-of-scope sentences caught by the threshold. */
  readonly recallAt95Kept: number
  /** Share of in-scope test sentences that the same threshold kept. */
  readonly kept: number
  readonly auroc: number
  /** Where the threshold came from: `val` (its sentences are not tested on) or `train` (cross-validated). */
  readonly thresholdFrom: 'val' | 'train'
}

export type Report = Quality & {
  readonly oos: OutOfScopeQuality | null
  readonly latencyMs: { readonly p50: number; readonly p99: number }
  readonly memoryMb: number
  readonly coldStartMs: number
  readonly trainSeconds: number
  readonly classes: number
  /** Sentences trained on, and tested on. */
  readonly examples: number
  readonly tested: number
  /** Seeds of the draws; one for a run on all examples. */
  readonly seeds: readonly number[]
  readonly shots: number | null
  readonly encoder: string | null
  /** Under the typo generator, where asked for. */
  readonly typos: Quality | null
}

export type EvaluateOptions = {
  readonly seed: number
  /** Examples of each class to train on, drawn at random, three times over. Null: all. */
  readonly shots: number | null
  /** Spoils a sentence as hurried thumbs do; null: not asked for. */
  readonly typos: ((text: string, seed: number, language?: Language) => string) | null
  readonly preparation?: Preparation
  readonly progress?: (says: string) => void
}

/** Trains afresh and scores: the whole of `guichet nlu eval`. The judged sentences are those of the last draw. */
export async function evaluate(
  { train, val, test, oosVal, oosTest }: Labelled,
  encoder: Encoder | null,
  { seed, shots, typos, preparation = asWritten, progress = () => {} }: EvaluateOptions,
): Promise<{ report: Report; judged: Judged[] }> {
  known(train, test)
  const seeds = shots === null ? [seed] : [seed, seed + 1, seed + 2]
  const runs: { quality: Quality; oos: OutOfScopeQuality | null; typos: Quality | null; seconds: number }[] =
    []
  let judged: Judged[] = []
  let probed: Probe | null = null
  let examples = train.length
  for (const draw of seeds) {
    const chosen = shots === null ? train : drawn(train, shots, draw)
    examples = chosen.length
    if (shots !== null) progress(`draw with seed ${draw}: ${chosen.length} sentences`)
    const from = performance.now()
    const { model, figures } = await trainModel(chosen, encoder, { preparation, seed: draw, progress })
    const seconds = (performance.now() - from) / 1000
    const classifier = openClassifier(model, encoder, preparation)
    progress(`scoring ${test.length} sentences`)
    judged = await judgeAll(classifier, test)
    const inVal = val.length > 0 ? (await judgeAll(classifier, val)).map(({ verdict }) => verdict.score) : []
    const away = oosTest.length > 0 ? oosTest : oosVal
    const oos = away.length > 0 ? (await judgeAll(classifier, away)).map(({ verdict }) => verdict.score) : []
    const threshold = inVal.length > 0 ? scoreKeeping(inVal) : model.outOfScope.threshold
    const inTest = judged.map(({ verdict }) => verdict.score)
    runs.push({
      quality: qualityOf(judged),
      oos:
        oos.length === 0
          ? null
          : {
              recallAt95Kept: share(oos, (score) => score < threshold),
              kept: share(inTest, (score) => score >= threshold),
              auroc: areaUnder(inTest, oos),
              thresholdFrom: inVal.length > 0 ? 'val' : 'train',
            },
      typos: typos
        ? qualityOf(
            await judgeAll(
              classifier,
              test.map((one, i) => ({ ...one, text: typos(one.text, draw + i, one.language) })),
            ),
          )
        : null,
      seconds,
    })
    if (probed) continue
    progress('measuring a fresh process')
    const counts = countsOf(chosen)
    const manifest = {
      date: new Date(0).toISOString(),
      seed: draw,
      preparation: preparation.id,
      revision: preparation.revision,
      datasets: [],
      counts,
      figures,
    }
    probed = probe(
      packModel(model, manifest),
      test.slice(0, 1000).map(({ text }) => text),
    )
  }
  const mean = (of: (run: (typeof runs)[number]) => number) =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length
  const meanQuality = (of: (run: (typeof runs)[number]) => Quality): Quality => ({
    accuracy: mean((run) => of(run).accuracy),
    top3: mean((run) => of(run).top3),
    macroF1: mean((run) => of(run).macroF1),
    ece: mean((run) => of(run).ece),
  })
  return {
    judged,
    report: {
      ...meanQuality(({ quality }) => quality),
      oos: runs[0]!.oos && {
        recallAt95Kept: mean(({ oos }) => oos!.recallAt95Kept),
        kept: mean(({ oos }) => oos!.kept),
        auroc: mean(({ oos }) => oos!.auroc),
        thresholdFrom: runs[0]!.oos.thresholdFrom,
      },
      ...probed!,
      trainSeconds: mean(({ seconds }) => seconds),
      classes: new Set(train.map(({ label }) => label)).size,
      examples,
      tested: test.length,
      seeds,
      shots,
      encoder: encoder?.hash ?? null,
      typos: typos && meanQuality((run) => run.typos!),
    },
  }
}

/** Every test label must have been trained on. */
function known(train: readonly Example[], test: readonly Example[]): void {
  const labels = new Set(train.map(({ label }) => label))
  const strange = [...new Set(test.map(({ label }) => label))].filter((label) => !labels.has(label))
  if (strange.length > 0)
    throw new OperatorError(
      'unknown_category',
      `The test file has ${strange.length} categories that the training file lacks: ${strange.slice(0, 5).join(', ')}.`,
    )
}

const share = (scores: readonly number[], passes: (score: number) => boolean): number =>
  scores.filter(passes).length / Math.max(scores.length, 1)

/** So many examples of each class, at random; all where there are fewer. */
export function drawn(examples: readonly Example[], shots: number, seed: number): Example[] {
  const order = Int32Array.from(examples.keys())
  seeded(seed).shuffle(order)
  const taken = new Map<string, number>()
  return Array.from(order, (i) => examples[i]!).filter(({ label }) => {
    const many = taken.get(label) ?? 0
    taken.set(label, many + 1)
    return many < shots
  })
}

/** A young generation as small as the reading thread's (understanding.ts). */
const asInWorker = ['--max-semi-space-size=2']

/** Loads a packed model in a fresh process and lets it answer. */
function probe(packed: Buffer, texts: readonly string[]): Probe {
  const folder = mkdtempSync(join(tmpdir(), 'guichet-nlu-'))
  try {
    const file = join(folder, 'model.nlu')
    writeFileSync(file, packed)
    const said = execFileSync(
      process.execPath,
      [...asInWorker, fileURLToPath(new URL('probe.ts', import.meta.url)), file],
      {
        input: JSON.stringify(texts),
        encoding: 'utf8',
        timeout: 120_000,
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    )
    return JSON.parse(said) as Probe
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
