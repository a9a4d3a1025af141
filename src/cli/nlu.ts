import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { OperatorError } from '../core/operator-error.ts'
import { packModel } from '../nlu/artifact.ts'
import { readExamples, readText, type Example } from '../nlu/csv.ts'
import { fileHash, formats, readLabelled, type Format } from '../nlu/labelled.ts'
import { encoderOrNot, loadClassifier, ownModelFile } from '../nlu/load.ts'
import { ownPreparation } from '../nlu/prepare.ts'
import { intentNames, type Language } from '../nlu/reading.ts'
import { reportPage } from '../nlu/report.ts'
import {
  countsOf,
  evaluate,
  judgeAll,
  qualityOf,
  type Judged,
  type Quality,
  type Report,
} from '../nlu/score.ts'
import { trainModel } from '../nlu/train.ts'
import { withTypos } from '../nlu/typos.ts'
import { command, err, out, styled, table } from './terminal.ts'

const folder = fileURLToPath(new URL('../../nlu/', import.meta.url))
const shipped = fileURLToPath(ownModelFile)
const seed = 1

/** `guichet nlu train | eval`: the model that understands what customers write. */
export function registerNlu(program: Command): void {
  const nlu = program.command('nlu').description('language understanding: train it, score it')

  nlu
    .command('train')
    .description("train the product's model from its own sentences, help topics and a bank's own file")
    .option(
      '--own <files...>',
      "a bank's own sentences (text,category): new intents, or more examples of ours",
    )
    .option('--topics <files...>', 'sentences of help topics (text,category), instead of nlu/topics/*.csv')
    .option('--out <file>', 'where to write the model', shipped)
    .option('--json', 'answer in JSON')
    .action(command(train))

  nlu
    .command('eval')
    .description('score: a fresh classifier on labelled files, or the model in use on our own sentences')
    .option('--train <file>', 'labelled sentences to learn from')
    .option('--test <file>', 'labelled sentences to be judged by')
    .addOption(new Option('--format <format>', 'form of both files').choices(formats).default('csv'))
    .option(
      '--shots <n>',
      'learn from so many examples of each class (mean of three draws)',
      whole(1, 100_000),
    )
    .option('--seed <n>', 'for draws and training', whole(0, 2_000_000_000), seed)
    .option('--typos', 'score the sentences with typing errors put in, too')
    .option('--model <file>', 'the model to score, where no --train is given', shipped)
    .option('--report <file>', 'write what is confused with what, as a page')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
  guichet nlu eval --train train.csv --test test.csv --report confusions.html
  guichet nlu eval --train train.csv --test test.csv --shots 10
  guichet nlu eval --train train_val.json --test test.json --format clinc --json
  guichet nlu eval                 scores the model in use on nlu/own/*.test.csv`,
    )
    .action(command(score))
}

const whole = (least: number, most: number) => (value: string) => {
  const number = Number(value)
  if (!Number.isInteger(number) || number < least || number > most)
    throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`)
  return number
}

type TrainOptions = { own?: string[]; topics?: string[]; out: string; json?: boolean }

async function train(options: TrainOptions): Promise<void> {
  const from = performance.now()
  const say = sayer(options.json, from)
  const ownFiles = csvIn('own', '.train.csv')
  const topicFiles = options.topics ?? csvIn('topics', '.csv')
  const renamed = topicIntents()
  const examples = [
    ...ownFiles.flatMap((file) => examplesOf(file, (category) => category)),
    ...topicFiles.flatMap((file) => examplesOf(file, (category) => renamed[category] ?? `topic:${category}`)),
    ...(options.own ?? []).flatMap((file) =>
      examplesOf(file, (category) =>
        (intentNames as readonly string[]).includes(category) ? category : `own:${category}`,
      ),
    ),
  ]
  if (examples.length === 0)
    throw new OperatorError('file_unreadable', `${join(folder, 'own')}: there are no *.train.csv files.`)
  const { encoder, why } = await encoderOrNot()
  await using _ = encoder
  if (why) err(`${styled('yellow', '!', process.stderr)} ${why} Training on words and letters alone.`)
  const preparation = ownPreparation()
  const { model, figures } = await trainModel(examples, encoder, { preparation, seed, progress: say })
  const counts = countsOf(examples)
  const packed = packModel(model, {
    date: new Date().toISOString(),
    seed,
    preparation: preparation.id,
    revision: preparation.revision,
    datasets: [...ownFiles, ...topicFiles, ...(options.own ?? [])].map((file) => ({
      name: basename(file),
      sha256: fileHash(file),
      rows: readExamples(file).length,
    })),
    counts,
    figures,
  })
  writeWhole(options.out, packed)
  const seconds = (performance.now() - from) / 1000
  if (options.json)
    return out(
      JSON.stringify({
        ok: true,
        out: options.out,
        bytes: packed.length,
        classes: model.classes.length,
        examples: examples.length,
        figures,
        trainSeconds: seconds,
      }),
    )
  const kind = (starts: string) => model.classes.filter((name) => name.startsWith(starts)).length
  const [topics, own] = [kind('topic:'), kind('own:')]
  out(
    `${examples.length} sentences: ${model.classes.length - topics - own} intents, ${topics} help topics, ${own} of the bank's own.`,
  )
  out(
    `Cross-validated: ${percent(figures.accuracy)} right, stated confidence off by ${percent(figures.ece)} on average.`,
  )
  out(`Written to ${options.out} (${(packed.length / 1e6).toFixed(1)} MB) after ${seconds.toFixed(0)} s.`)
}

type EvalOptions = {
  train?: string
  test?: string
  format: Format
  shots?: number
  seed: number
  typos?: boolean
  model: string
  report?: string
  json?: boolean
}

async function score(options: EvalOptions): Promise<void> {
  if ((options.train === undefined) !== (options.test === undefined))
    throw new OperatorError('usage', '--train and --test belong together: give both, or neither.')
  if (options.train === undefined || options.test === undefined) return await scoreShipped(options)
  const say = sayer(options.json)
  const labelled = readLabelled(options.train, options.test, options.format)
  const { encoder, why } = await encoderOrNot()
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

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** Progress goes to standard error, with the time since the start; not at all for a machine. */
const sayer =
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

function csvIn(under: string, ending: string): string[] {
  const at = join(folder, under)
  if (!existsSync(at)) return []
  return readdirSync(at)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(at, name))
}

/** Sentences of a file; their language is in its name (`es-US.train.csv`) or its column `language`. */
function examplesOf(file: string, label: (category: string) => string): Example[] {
  const named = /^(es|fr)-/.exec(basename(file))?.[1] as Language | undefined
  return readExamples(file).map((one) => ({ language: named ?? 'en', ...one, label: label(one.label) }))
}

/** Help topics that are one of our intents by another name: their sentences teach the intent. */
function topicIntents(): Record<string, string> {
  const file = join(folder, 'topics', 'intents.json')
  return existsSync(file) ? (JSON.parse(readText(file)) as Record<string, string>) : {}
}

/** All of it or nothing: a reader never sees half a model. */
function writeWhole(file: string, bytes: Buffer): void {
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

function writeReport(file: string | undefined, judged: readonly Judged[], title: string): void {
  if (file === undefined) return
  writeWhole(file, Buffer.from(reportPage(judged, title)))
  err(`What is confused with what: ${file}`)
}
