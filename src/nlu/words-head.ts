import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { fitFeatures, rowOf, withTable, type FeatureOptions, type Features } from './features.ts'
import { seeded } from './random.ts'
import { rivalsOf } from './rivals.ts'
import { trainSvm, type LinearModel } from './svm.ts'

/** Learning the words-and-letters head, in a thread of its own where there is much: the encoder reads meanwhile. */
export type WordsTask = {
  /** The views of each sentence, and its class. */
  readonly views: readonly (readonly string[])[]
  readonly labels: Int32Array
  readonly classes: number
  readonly options: FeatureOptions
  readonly seed: number
}
export type WordsHead = { readonly features: Features; readonly svm: LinearModel }

/** Sentences from which a thread is worth its start. */
const many = 5000
const veryMany = 50_000
/** Classes that each of very many sentences is compared with. */
const rivals = 24

/** Features and support vector machines of the sentences. */
export async function trainWords(task: WordsTask): Promise<WordsHead> {
  if (task.views.length < many) return learn(task)
  const worker = new Worker(new URL(import.meta.url), { workerData: { wordsTask: task } })
  return await new Promise<WordsHead>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread that learns words ended with ${code}`)))
  })
}

function learn({ views, labels, classes, options, seed }: WordsTask): WordsHead {
  const features = fitFeatures(views, options)
  const rows = views.map((one) => rowOf(features, one, options))
  const svm = trainSvm(rows, labels, classes, features.hashes.length, {
    cost: 1,
    // Of very many sentences, what the last rounds would add was not found again in other authors' sentences.
    epochs: rows.length < veryMany ? 30 : 6,
    tolerance: rows.length < veryMany ? 0.1 : 0.3,
    random: seeded(seed),
    ...(rows.length < veryMany
      ? {}
      : { rivals: rivalsOf(rows, labels, classes, features.hashes.length, rivals) }),
  })
  return options.most === undefined ? { features, svm } : shortened({ features, svm }, options.most)
}

/** Those features alone whose weights say most: the rest is most of the memory and next to none of the accuracy. */
function shortened({ features, svm }: WordsHead, most: number): WordsHead {
  const { hashes, idf } = features
  if (hashes.length <= most) return { features, svm }
  const { classes, weights, scales, bias } = svm
  const says = Float64Array.from(hashes, (_, f) => {
    let square = 0
    for (let c = 0; c < classes; c++) square += weights[f * classes + c]! ** 2
    return Math.sqrt(square) * scales[f]! * idf[f]!
  })
  const kept = Int32Array.from(hashes.keys())
    .sort((a, b) => says[b]! - says[a]!)
    .slice(0, most)
    .sort()
  const fewer = new Int8Array(kept.length * classes)
  kept.forEach((f, at) => fewer.set(weights.subarray(f * classes, (f + 1) * classes), at * classes))
  return {
    features: withTable(
      Uint32Array.from(kept, (f) => hashes[f]!),
      Float32Array.from(kept, (f) => idf[f]!),
    ),
    svm: { classes, weights: fewer, scales: Float32Array.from(kept, (f) => scales[f]!), bias },
  }
}

if (!isMainThread && parentPort) {
  const { wordsTask } = (workerData ?? {}) as { wordsTask?: WordsTask }
  if (wordsTask) {
    const { features, svm } = learn(wordsTask)
    parentPort.postMessage({ features, svm }, [svm.weights.buffer as ArrayBuffer])
  }
}
