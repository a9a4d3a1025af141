import { calibrationError, fitScales, type Votes } from './calibrate.ts'
import { scalesFor, votesOf, weigh, type Learning, type Scales } from './classifier.ts'
import { asRead, deal, part, pointOf, sampled, type Data } from './data.ts'
import { trainHeads, type Heads, type School } from './heads.ts'
import { rowsOf, softmax } from './logistic.ts'
import { matrix } from './matrix.ts'
import type { Signs } from './out-of-scope.ts'
import { languages, type Language } from './reading.ts'
import type { WordsHead } from './words-head.ts'

/** Sentences to learn from, and others to be judged by what was learnt. */
export type Split = { readonly learn: Int32Array; readonly judge: Int32Array }

/** Classes are left out in so many turns. */
const turns = 3
/** Judged sentences of a language from which its own trust is told. */
const leastApart = 300
/** From so many sentences on, one part of them says enough. */
const plenty = 12_000

/** Which sentences judge, and which they are judged by. */
export function splitsOf(data: Data, seed: number, learning?: Learning): Split[] {
  if (learning) return [byAuthor(data, learning, seed)]
  const { labels } = data
  // A few sentences are soon learnt again: more folds, so that the heads judged are nearly those that will be used. Of
  // very many, a part says enough.
  const folds = labels.length > 4000 ? 3 : 6
  const fold = deal(labels, folds, seed)
  const numbers = Int32Array.from(labels.keys())
  return Array.from({ length: labels.length > plenty ? 1 : folds }, (_, k) => ({
    learn: numbers.filter((i) => fold[i] !== k),
    judge: numbers.filter((i) => fold[i] === k),
  }))
}

/**
 * People write differently: heads judged on sentences of those that they learnt from would seem too good. Each author's
 * sentences stand together in the file, so the last ones of every class in every language are by another hand.
 */
function byAuthor(data: Data, { judged, learnt }: Learning, seed: number): Split {
  const { learn, judge } = lastApart(groupsOf(data))
  return { learn: sampled(learn, learnt, seed), judge: sampled(judge, judged, seed) }
}

const groupsOf = ({ labels, prepared }: Data): string[] =>
  prepared.map(({ language = '' }, i) => `${labels[i]!} ${language}`)

/** The share of each group, from its end, that is not learnt from but judges. */
const keptApart = 0.1

/** Parts each group, given as the name of the group that each sentence belongs to. The encoder's recipe does it so too. */
export function lastApart(groups: readonly string[]): Split {
  const members = Map.groupBy(groups.keys(), (i) => groups[i]!)
  const learn: number[] = []
  const judge: number[] = []
  for (const numbers of members.values()) {
    const cut = Math.ceil(numbers.length * (1 - keptApart))
    learn.push(...numbers.slice(0, cut))
    judge.push(...numbers.slice(cut))
  }
  return { learn: Int32Array.from(learn).sort(), judge: Int32Array.from(judge).sort() }
}

/** Classes left out of training, and their sentences judged. */
export function leftOutSplits(
  data: Data,
  names: readonly string[],
  seed: number,
  learning?: Learning,
): Split[] {
  if (learning) return [withoutAway(data, names, learning, seed)]
  const { labels } = data
  const classes = names.length
  const group = deal(new Int32Array(classes), Math.min(turns, classes), seed + 9)
  const numbers = Int32Array.from(labels.keys())
  return Array.from({ length: labels.length > plenty ? 1 : turns }, (_, k) => ({
    learn: numbers.filter((i) => group[labels[i]!] !== k),
    judge: numbers.filter((i) => group[labels[i]!] === k),
  }))
}

/**
 * An encoder that was taught our classes knows each of them, also one left out here: what it does not know is like what
 * people wrote who wanted what no counter does.
 */
function withoutAway(data: Data, names: readonly string[], learning: Learning, seed: number): Split {
  const { learn, judge } = lastApart(groupsOf(data))
  const away = (i: number) => learning.away(names[data.labels[i]!]!)
  return {
    learn: sampled(
      learn.filter((i) => !away(i)),
      learning.learnt / 2,
      seed,
    ),
    judge: judge.filter(away),
  }
}

/** What heads that have not seen the sentences say of them, and the signs once the trust in each head is known. */
export type Crossed = {
  readonly votes: readonly Votes[]
  readonly labels: Int32Array
  readonly languages: readonly Language[]
  readonly signs: (scales: Scales) => Signs[]
}

/** Learns and judges each split. `words`: the words-and-letters head of each, being learnt. */
export async function crossVotes(
  data: Data,
  school: School,
  splits: readonly Split[],
  words: readonly Promise<WordsHead>[],
): Promise<Crossed> {
  const { classes } = school
  const total = splits.reduce((sum, { judge }) => sum + judge.length, 0)
  const labels = new Int32Array(total)
  const spoken: Language[] = []
  const judgedBy: { heads: Heads; sentence: number }[] = []
  let votes: Votes[] = []
  for (const [n, { learn, judge }] of splits.entries()) {
    const heads = await trainHeads(part(data, learn), school, words[n]!)
    for (const i of judge) {
      const at = judgedBy.length
      const one = votesOf(heads, asRead(data, i), pointOf(data, i))
      if (votes.length === 0) votes = one.map(() => new Float32Array(total * classes))
      one.forEach((head, h) => votes[h]!.set(head, at * classes))
      labels[at] = data.labels[i]!
      spoken.push(data.prepared[i]!.language ?? 'en')
      judgedBy.push({ heads, sentence: i })
    }
  }
  const signs = (scales: Scales) =>
    judgedBy.map(({ heads, sentence }, at) => {
      const own = votes.map((head) => head.subarray(at * classes, (at + 1) * classes))
      return weigh({ ...heads, scales, prior: school.prior }, own, pointOf(data, sentence), spoken[at]).signs
    })
  return { votes, labels, languages: spoken, signs }
}

/** The trust in each head: for each language apart where several authors wrote in several. */
export function scalesOf(
  { votes, labels, languages: spoken }: Crossed,
  { classes, prior }: School,
  oneAuthor?: (label: number) => boolean,
): Scales {
  const all = fitScales(votes, labels, classes, prior)
  if (!oneAuthor) return [all]
  return languages.map((language) => {
    const chosen = Int32Array.from(labels.keys()).filter(
      (i) => spoken[i] === language && !oneAuthor(labels[i]!),
    )
    if (chosen.length < leastApart) return all
    const rows = votes.map(
      (head) => rowsOf(matrix(labels.length, classes, head as Float32Array<ArrayBuffer>), chosen).data,
    )
    return fitScales(
      rows,
      chosen.map((i) => labels[i]!),
      classes,
      prior,
    )
  })
}

/** Share right, and how far the stated probability is off, under these scales. */
export function figuresOf(
  { votes, labels, languages: spoken }: Crossed,
  { classes, prior }: School,
  scales: Scales,
) {
  const stated: number[] = []
  const right: boolean[] = []
  const row = new Float64Array(classes)
  for (let i = 0; i < labels.length; i++) {
    row.set(prior)
    const trust = scalesFor(scales, spoken[i]!)
    votes.forEach((head, h) => {
      for (let c = 0; c < classes; c++) row[c]! += trust[h]! * head[i * classes + c]!
    })
    softmax(row)
    const best = row.indexOf(Math.max(...row))
    stated.push(row[best]!)
    right.push(best === labels[i])
  }
  return {
    accuracy: right.filter(Boolean).length / Math.max(right.length, 1),
    ece: calibrationError(stated, right),
  }
}
