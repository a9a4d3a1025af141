import { generalEncoder, type Encoder, type EncoderFiles } from './encoder.ts'
import { rowOf, type FeatureOptions, type Features } from './features.ts'
import { outputs, softmax, type Network } from './logistic.ts'
import {
  nearest,
  nearestCentre,
  outOfScopeBy,
  scoreOf,
  type Examples,
  type OutOfScope,
  type Signs,
} from './out-of-scope.ts'
import { languages, type Language } from './reading.ts'
import { margins, type LinearModel } from './svm.ts'

/** A sentence as the heads take it. */
export type Prepared = {
  /** As written (or normalised): the words and letters of the features. */
  readonly plain: string
  /** What the encoder reads: English where a gloss could be made. */
  readonly embedText: string
  /** More texts whose words and letters count too (a gloss beside the original). */
  readonly views?: readonly string[]
  readonly language?: Language
}
/** Done before training and before each reading alike. */
export type Preparation = {
  /** The way it is done. A model trained another way is refused. */
  readonly id: string
  /** What it is done with (words of a glossary). A model trained with other words still reads, a little worse. */
  readonly revision: string
  readonly prepare: (text: string, language: Language) => Prepared
  /** Who reads `embedText`. */
  readonly encoder: () => EncoderFiles
  readonly features: FeatureOptions
  /** The text of the `n`th training sentence once more with typing errors; undefined where none can be made. */
  readonly again?: (text: string, n: number, language: Language) => string | undefined
  /** Where the sentences are many, and of several authors and languages. */
  readonly learning?: Learning
  /** Log-odds of a class before anything is read; 0 where not told. */
  readonly prior?: (label: string) => number
}
export type Learning = {
  /** Sentences judged, and those from which the heads that judge them learnt. */
  readonly judged: number
  readonly learnt: number
  /** Sentences of each language that the encoder reads: the words-and-letters head learns from all. */
  readonly embedded: Readonly<Record<Language, number>>
  /** Classes of what is not served at all. */
  readonly away: (label: string) => boolean
  /** Classes of a single author: they seem too easy to say how far to trust the heads. */
  readonly oneAuthor: (label: string) => boolean
}

export const asWritten: Preparation = {
  id: 'as written',
  revision: '',
  features: { least: 1, words: 1 },
  encoder: generalEncoder,
  prepare: (text) => ({ plain: text, embedText: text }),
}

export type Scales = readonly (readonly number[])[]

/** What was learnt. Everything here goes into the artifact. */
export type Model = {
  readonly classes: readonly string[]
  readonly options: FeatureOptions
  readonly features: Features
  readonly svm: LinearModel
  /** Heads over the embedding; none where no encoder could be loaded. */
  readonly networks: readonly Network[]
  /** Trust in each head: the SVM first, then the networks. A row for all, or one for each of `languages`. */
  readonly scales: Scales
  /** Log-odds of each class before anything is read. */
  readonly prior: readonly number[]
  readonly examples: Examples
  readonly outOfScope: OutOfScope
  /** Hash of the encoder, null for none. */
  readonly encoder: string | null
}

export type Verdict = {
  /** Best first; calibrated probabilities of all classes sum to 1. */
  readonly guesses: readonly { readonly label: string; readonly p: number }[]
  /** Higher: more like what was learnt. Compare with the model's threshold. */
  readonly score: number
  /** Probability that nothing learnt fits, 0 to 1. */
  readonly outOfScope: number
  /** "Because you said something like this": the nearest learnt example among the best guesses. */
  readonly nearest: { readonly text: string; readonly label: string; readonly cosine: number } | null
}

/** Best guesses whose examples are compared with the sentence. */
const compared = 5

export type Classifier = {
  readonly model: Model
  /** At most `many` guesses. Never throws for any text. */
  classify(text: string, options?: { readonly language?: Language; readonly many?: number }): Promise<Verdict>
}

/** A model made ready to answer. `encoder`: the one it was trained with, or null to go without (TF-IDF alone). */
export function openClassifier(
  model: Model,
  encoder: Encoder | null,
  { prepare }: Preparation = asWritten,
): Classifier {
  return {
    model,
    async classify(text, { language = 'en', many = 3 } = {}) {
      const prepared = prepare(text, language)
      const [point] = encoder && model.networks.length > 0 ? await encoder.embed([prepared.embedText]) : []
      return judge(model, prepared, point ?? null, many)
    },
  }
}

/** What each head says of a sentence. */
export function votesOf(
  model: Pick<Model, 'features' | 'options' | 'svm' | 'networks'>,
  prepared: Prepared,
  point: Float32Array | null,
): Float32Array[] {
  const row = rowOf(model.features, viewsOf(prepared), model.options)
  const votes = [margins(model.svm, row)]
  if (point) for (const network of model.networks) votes.push(outputs(network, point))
  return votes
}

/** The trust in each head for sentences of one language. */
export const scalesFor = (scales: Scales, language: Language): readonly number[] =>
  scales[languages.indexOf(language)] ?? scales[0]!

export const viewsOf = ({ plain, views = [] }: Prepared): readonly string[] => [plain, ...views]

/** Adds the heads' votes by the trust in each, and finds the signs of likeness. */
export function weigh(
  { scales, prior, examples, networks }: Pick<Model, 'scales' | 'prior' | 'examples' | 'networks'>,
  votes: readonly Float32Array[],
  point: Float32Array | null,
  language: Language = 'en',
) {
  const joint = Float64Array.from(prior)
  const trust = scalesFor(scales, language)
  votes.forEach((head, h) => {
    // Without the encoder the SVM speaks alone, with the trust of all.
    const scale = trust[h]! * (networks.length > 0 && votes.length === 1 ? 2 : 1)
    for (let c = 0; c < joint.length; c++) joint[c]! += scale * head[c]!
  })
  softmax(joint)
  const order = [...joint.keys()].sort((a, b) => joint[b]! - joint[a]!)
  const near = point ? nearest(examples, point, order.slice(0, compared)) : { cosine: 0, example: -1 }
  const signs: Signs = [
    Math.max(...votes[0]!),
    Math.log(joint[order[0]!]!),
    near.cosine,
    point ? nearestCentre(examples, point) : 0,
  ]
  return { joint, order, near, signs }
}

/** One sentence, judged. `point`: its embedding, null where there is none. */
export function judge(model: Model, prepared: Prepared, point: Float32Array | null, many: number): Verdict {
  const { joint, order, near, signs } = weigh(
    model,
    votesOf(model, prepared, point),
    point,
    prepared.language,
  )
  return {
    guesses: order.slice(0, many).map((c) => ({ label: model.classes[c]!, p: joint[c]! })),
    score: scoreOf(model.outOfScope.line, signs),
    outOfScope: outOfScopeBy(model.outOfScope.line, signs),
    nearest:
      near.example < 0
        ? null
        : {
            text: model.examples.texts[near.example]!,
            label: model.classes[classOf(model.examples.starts, near.example)]!,
            cosine: near.cosine,
          },
  }
}

function classOf(starts: Int32Array, example: number): number {
  let c = 0
  while (starts[c + 1]! <= example) c++
  return c
}
