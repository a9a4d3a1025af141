import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { OperatorError } from '../core/operator-error.ts'
import { packModel } from '../nlu/artifact.ts'
import { countsOf, readExamples } from '../nlu/csv.ts'
import { fileHash, formats } from '../nlu/labelled.ts'
import { encoderOrNot, ownModelFile } from '../nlu/load.ts'
import { ownPreparation } from '../nlu/prepare.ts'
import { intentNames } from '../nlu/reading.ts'
import { trainModel } from '../nlu/train.ts'
import { score } from './nlu-eval.ts'
import { csvIn, examplesOf, folder, ownExamples, ownFiles, percent, sayer, writeWhole } from './nlu-files.ts'
import { command, err, out, styled } from './terminal.ts'

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
    .option('--slots <file>', 'score amounts and dates instead, on a JSON file of the form of NLU++')
    .option('--report <file>', 'write what is confused with what, as a page')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
  guichet nlu eval --train train.csv --test test.csv --report confusions.html
  guichet nlu eval --train train.csv --test test.csv --shots 10
  guichet nlu eval --train train_val.json --test test.json --format clinc --json
  guichet nlu eval --slots folds.json
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
  const topicFiles = options.topics ?? csvIn('topics', '.csv')
  const examples = [
    ...ownExamples(topicFiles),
    ...(options.own ?? []).flatMap((file) =>
      examplesOf(file, (category) =>
        (intentNames as readonly string[]).includes(category) ? category : `own:${category}`,
      ),
    ),
  ]
  if (examples.length === 0)
    throw new OperatorError('file_unreadable', `${join(folder, 'own')}: there are no *.train.csv files.`)
  const preparation = ownPreparation()
  const { encoder, why } = await encoderOrNot(preparation)
  await using _ = encoder
  if (why) err(`${styled('yellow', '!', process.stderr)} ${why} Training on words and letters alone.`)
  const { model, figures } = await trainModel(examples, encoder, { preparation, seed, progress: say })
  const counts = countsOf(examples)
  const packed = packModel(model, {
    date: new Date().toISOString(),
    seed,
    preparation: preparation.id,
    revision: preparation.revision,
    datasets: [...ownFiles(), ...topicFiles, ...(options.own ?? [])].map((file) => ({
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
