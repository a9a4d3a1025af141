import { joined, part, wordsOf, type Data } from './data.ts'
import type { FeatureOptions } from './features.ts'
import { rowsOf, trainNetwork, type Network, type NetworkOptions } from './logistic.ts'
import type { Products } from './matrix.ts'
import { centresOf, quantised, type Examples } from './out-of-scope.ts'
import { seeded } from './random.ts'
import { trainWords, type WordsHead } from './words-head.ts'

/** What every training of a run has in common. */
export type School = {
  readonly classes: number
  /** The classes' own names, read as a sentence each: a bank calls its intents what they are about. */
  readonly named: Data
  readonly products: Products | null
  readonly features: FeatureOptions
  /** Log-odds of each class before anything is read. */
  readonly prior: readonly number[]
  readonly seed: number
}

/** All that is learnt from sentences, save how far to trust it. */
export type Heads = WordsHead & {
  readonly options: FeatureOptions
  readonly networks: readonly Network[]
  readonly examples: Examples
}

/** Sentences a class, on average, under which there is too little to learn a hidden layer from alone. */
const few = 30
/** And over which half the units, and fewer rounds, learn as much. */
const plenty = 150

/** Every head. `words`: the words-and-letters head, being learnt. */
export async function trainHeads(given: Data, school: School, words: Promise<WordsHead>): Promise<Heads> {
  const networks = await trainNetworks(given, school)
  return {
    options: school.features,
    ...(await words),
    networks,
    examples: examplesOf(given, school.classes),
  }
}

/** The sentences and the names of their classes. */
function withNames(given: Data, { named }: School): Data {
  const present = new Set(given.labels)
  const names = Int32Array.from(named.labels.keys()).filter((i) => present.has(named.labels[i]!))
  return joined(given, part(named, names))
}

/** Begins to learn words and letters; needs no embedding. */
export async function startWords(given: Data, school: School): Promise<WordsHead> {
  const { classes, features: options, seed } = school
  return await trainWords({ ...wordsOf(withNames(given, school)), classes, options, seed })
}

async function trainNetworks(given: Data, school: School): Promise<Network[]> {
  const { products, classes, seed } = school
  const { points, labels } = withNames(given, school)
  const networks: Network[] = []
  if (products && points)
    for (const options of recipe(given.labels.length / new Set(given.labels).size))
      networks.push(
        await trainNetwork(products, points, labels, classes, {
          ...options,
          random: seeded(seed + 1 + networks.length),
        }),
      )
  return networks
}

/**
 * The heads over the embedding. With plenty of sentences some labels are wrong, and smoothing keeps them from being
 * learnt by heart; with few, each counts, and plain regression steadies the hidden layer.
 */
function recipe(examplesAClass: number): Omit<NetworkOptions, 'random'>[] {
  const hidden = { hidden: 512, dropout: 0.3, decay: 1e-5 }
  if (examplesAClass >= plenty)
    return [{ ...hidden, hidden: 256, epochs: 8, batch: 256, rate: 0.012, smoothing: 0.1 }]
  if (examplesAClass >= few) return [{ ...hidden, epochs: 12, batch: 256, rate: 0.012, smoothing: 0.1 }]
  return [
    { ...hidden, epochs: 40, batch: 32, rate: 0.004, smoothing: 0 },
    { hidden: 0, dropout: 0, decay: 3e-5, epochs: 60, batch: 32, rate: 0.1, smoothing: 0 },
  ]
}

/** Examples kept to find the nearest: all, up to so many of a class. */
const mostKept = 150

function examplesOf({ points, labels, texts }: Data, classes: number): Examples {
  const taken = new Int32Array(classes)
  // Spread over the class: its sentences may be in the order of their languages.
  const order = Int32Array.from(labels.keys())
  seeded(1).shuffle(order)
  const kept = order.filter((i) => taken[labels[i]!]!++ < mostKept).sort()
  const dimensions = points?.columns ?? 0
  const starts = new Int32Array(classes + 1)
  for (const i of kept) starts[labels[i]! + 1]!++
  for (let c = 0; c < classes; c++) starts[c + 1]! += starts[c]!
  const known = {
    dimensions,
    ...quantised(points ? rowsOf(points, kept).data : new Float32Array()),
    starts,
  }
  return { ...known, texts: Array.from(kept, (i) => texts[i]!), centres: centresOf(known) }
}
