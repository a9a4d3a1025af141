import { basename } from 'node:path'
import { OperatorError } from '../core/operator-error.ts'
import { readLabelled, type Format } from '../nlu/labelled.ts'
import { asWritten } from '../nlu/classifier.ts'
import { encoderOrNot, loadClassifier } from '../nlu/load.ts'
import { reportPage } from '../nlu/report.ts'
import { judgeAll, qualityOf, type Judged, type Quality } from '../nlu/quality.ts'
import { evaluate, type Report } from '../nlu/score.ts'
import { scoreSlots, type SlotScore, type Tally } from '../nlu/slots/score.ts'
import { withTypos } from '../nlu/typos.ts'
import { csvIn, examplesOf, percent, sayer, writeWhole } from './nlu-files.ts'
import { err, out, styled, table } from './terminal.ts'

export type EvalOptions = {
  train?: string
  test?: string
  format: Format
  shots?: number
  seed: number
  typos?: boolean
  model: string
  slots?: string
  report?: string
  json?: boolean
}

/** `guichet nlu eval`: prints the figures, as a table or in JSON. */
export async function score(options: EvalOptions): Promise<void> {
  if (options.slots !== undefined) return await slotFigures(options.slots, options.json)
  if ((options.train === undefined) !== (options.test === undefined))
    throw new OperatorError('usage', '--train and --test belong together: give both, or neither.')
  if (options.train === undefined || options.test === undefined) return await scoreShipped(options)
  const say = sayer(options.json)
  const labelled = readLabelled(options.train, options.test, options.format)
  const { encoder, why } = await encoderOrNot(asWritten)
  await using _ = encoder
  if (why) err(`${styled('yellow', '!', process.stderr)} ${why} Scoring words and letters alone.`)
  const { report, judged } = await evaluate(labelled, encoder, {
    seed: options.seed,
    shots: options.shots ?? null,
    typos: options.typos ? withTypos : null,
    progress: say,
  })
  writeReport(options.report, judged, `${basename(options.train)} → ${basename(options.test)}`)
  if (options.json) return out(JSON.stringify(report))
  out(linesOf(report))
}

async function scoreShipped(options: EvalOptions): Promise<void> {
  await using loaded = await loadClassifier(options.model)
  if (loaded.outdated)
    err(
      `${styled('yellow', '!', process.stderr)} The glossary has changed since this model was trained: guichet nlu train.`,
    )
  const all: Judged[] = []
  const rows: string[][] = []
  const languages: Record<string, Quality & { tested: number; typos?: Quality }> = {}
  for (const file of csvIn('own', '.test.csv')) {
    const examples = examplesOf(file, (category) => category)
    const judged = await judgeAll(loaded.classifier, examples)
    all.push(...judged)
    const quality = qualityOf(judged)
    const typos = options.typos
      ? qualityOf(
          await judgeAll(
            loaded.classifier,
            examples.map((one, i) => ({ ...one, text: withTypos(one.text, options.seed + i, one.language) })),
          ),
        )
      : undefined
    const name = basename(file, '.test.csv')
    languages[name] = { tested: examples.length, ...quality, ...(typos && { typos }) }
    rows.push([
      name,
      String(examples.length),
      ...[quality.accuracy, quality.top3, quality.macroF1, quality.ece].map(percent),
      ...(typos ? [percent(typos.accuracy)] : []),
    ])
  }
  writeReport(options.report, all, 'Our own sentences')
  if (options.json)
    return out(
      JSON.stringify({
        model: loaded.manifest.date,
        classes: loaded.classifier.model.classes.length,
        languages,
      }),
    )
  out(
    table(
      [
        '',
        'sentences',
        'right',
        'top 3',
        'macro-F1',
        'calibration error',
        ...(options.typos ? ['with typos'] : []),
      ],
      rows,
    ),
  )
}

function linesOf(report: Report): string {
  const { oos, latencyMs, typos } = report
  const rows = [
    ['classes, sentences learnt, judged', `${report.classes}, ${report.examples}, ${report.tested}`],
    ['right', percent(report.accuracy)],
    ['right among the best three', percent(report.top3)],
    ['macro-F1', percent(report.macroF1)],
    ['calibration error (15 bins)', percent(report.ece)],
    ...(oos
      ? [
          [
            'out of scope caught',
            `${percent(oos.recallAt95Kept)} (${percent(oos.kept)} of in scope kept; threshold from ${oos.thresholdFrom})`,
          ],
          ['area under the curve', oos.auroc.toFixed(4)],
        ]
      : []),
    ...(typos ? [['right with typing errors', percent(typos.accuracy)]] : []),
    [
      'a sentence, median and 99th percentile',
      `${latencyMs.p50.toFixed(2)} ms, ${latencyMs.p99.toFixed(2)} ms`,
    ],
    ['memory of a fresh process', `${report.memoryMb.toFixed(0)} MB`],
    ['from its start to its first answer', `${report.coldStartMs.toFixed(0)} ms`],
    ['training', `${report.trainSeconds.toFixed(1)} s`],
    ['seeds', report.seeds.join(', ')],
  ]
  return table(['', report.shots === null ? '' : `${report.shots} examples a class`], rows)
}

async function slotFigures(file: string, json: boolean | undefined): Promise<void> {
  let found: SlotScore
  try {
    found = await scoreSlots(file)
  } catch (cause) {
    throw new OperatorError('file_unreadable', `${file}: it cannot be read as JSON of the form of NLU++.`, {
      cause,
    })
  }
  if (json) {
    // The utterances missed are the data set's own text: in a report for a machine they have no place.
    const { misses, ...figures } = found
    return out(JSON.stringify({ ...figures, missed: misses.length }))
  }
  const share = ({ right, of }: Tally) => [of === 0 ? 'none' : percent(right / of), `${right} of ${of}`]
  out(
    table(
      ['', 'right', ''],
      [
        ['amounts', ...share(found.amounts)],
        ['stretches of days, both ends', ...share(found.periods)],
        ['first days', ...share(found.from)],
        ['last days', ...share(found.to)],
        ['single days', ...share(found.dates)],
        ['all dates', ...share(found.ranges)],
        ['nothing found where nothing is', ...share(found.clean)],
        ['a sentence, median', `${found.p50Ms.toFixed(2)} ms`, ''],
        ['99th percentile', `${found.p99Ms.toFixed(2)} ms`, ''],
      ],
    ),
  )
}

function writeReport(file: string | undefined, judged: readonly Judged[], title: string): void {
  if (file === undefined) return
  writeWhole(file, Buffer.from(reportPage(judged, title)))
  err(`What is confused with what: ${file}`)
}
