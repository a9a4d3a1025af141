import type { Row } from './features.ts'

/** Entries of a row that are looked at: the words and pairs, and the letters that say most. */
const strongest = 48

/**
 * For each class the sentences that it is learnt from: its own, and those of others that are like it. Of very many
 * sentences, all others would teach it next to nothing more: it has nothing in common with them. `most`: classes that one
 * sentence is compared with, its own included.
 */
export function rivalsOf(
  rows: readonly Row[],
  labels: Int32Array,
  classes: number,
  features: number,
  most: number,
): Int32Array[] {
  const centres = centresOf(rows, labels, classes, features)
  const learnt = Array.from({ length: classes }, (): number[] => [])
  const likeness = new Float32Array(classes)
  rows.forEach((row, i) => {
    likeness.fill(0)
    for (const p of strongOf(row)) {
      const from = row.index[p]! * classes
      const value = row.value[p]!
      for (let c = 0; c < classes; c++) likeness[c]! += value * centres[from + c]!
    }
    likeness[labels[i]!] = Infinity
    const least = likeness.toSorted()[Math.max(0, classes - most)]!
    for (let c = 0; c < classes; c++) if (likeness[c]! >= least) learnt[c]!.push(i)
  })
  return learnt.map((numbers) => Int32Array.from(numbers))
}

/** The mean row of each class, of length one: `centres[feature * classes + class]`. */
function centresOf(
  rows: readonly Row[],
  labels: Int32Array,
  classes: number,
  features: number,
): Float32Array {
  const centres = new Float32Array(classes * features)
  rows.forEach(({ index, value }, i) => {
    for (let p = 0; p < index.length; p++) centres[index[p]! * classes + labels[i]!]! += value[p]!
  })
  const square = new Float64Array(classes)
  for (let at = 0; at < centres.length; at++) square[at % classes]! += centres[at]! ** 2
  for (let at = 0; at < centres.length; at++)
    if (centres[at] !== 0) centres[at]! /= Math.sqrt(square[at % classes]!)
  return centres
}

function strongOf({ value }: Row): Iterable<number> {
  if (value.length <= strongest) return value.keys()
  const least = value.toSorted()[value.length - strongest]!
  return value.keys().filter((p) => value[p]! >= least)
}
