import { channelKinds } from '../channel/channel.ts'
import { exposures } from '../consent/exposure.ts'
import { clusterNames, fieldNames } from '../consent/field.ts'
import { purposeNames } from '../consent/purpose.ts'

/** Words that are asked for as purposes and never will be (12 CFR 1033.421(a); DESIGN section 2). */
const never = /advert|marketing|profil|sell|sale|train|target|cross|third.?part/i

/** What to write instead of a key that a policy does not have. */
export function didYouMean(path: readonly PropertyKey[], key: string): string {
  const [known, what] = knownAt(path)
  if (/[*?]|^(all|any|default|everything|else|other)$/i.test(key))
    return `a policy names each ${what}; there is no "everything". Write them one by one: ${known.join(', ')}`
  if (path[0] === 'purposes' && path.length === 1 && never.test(key))
    return 'is not a purpose and cannot become one: advertising, profiling, selling and training are not in the list'
  const near = nearest(key, known)
  return near === null
    ? `is not a ${what}; there are: ${known.join(', ')}`
    : `is not a ${what}; did you mean ${near}?`
}

/** What belongs at a place whose form is wrong or which is missing. */
export function whatToWrite(path: readonly PropertyKey[]): string {
  const part = String(path[0] ?? '')
  if (part === 'purposes' && path.length > 1)
    return 'write ceilings by channel, as in { "messenger": "mask" }'
  return forms[part] ?? 'write a policy as a JSON object; policies/harbor.json is a whole example'
}

const forms: Readonly<Record<string, string>> = {
  institution: 'write the institution\'s key: 1 to 32 lower-case letters, digits or hyphens, as in "harbor"',
  version: 'write a whole number from 1, one higher with each change',
  note: 'write a sentence of at most 500 characters, or leave it out',
  purposes: 'write an object of purposes; {} withholds everything',
  outsideText:
    'write ceilings by cluster and channel, as in { "merchants": { "messenger": "mask" } }; {} withholds them',
  bandsMinor:
    'write thresholds per currency in minor units, 1 to 12 whole numbers from 0, as in { "USD": [10000, 100000] }',
  lookbackDays: 'write a whole number of days from 1 to 730',
  grantDays: 'write a whole number of days from 1 to 365',
}

const topKeys = [
  'format',
  'institution',
  'version',
  'note',
  'purposes',
  'outsideText',
  'bandsMinor',
  'seal',
  'lookbackDays',
  'grantDays',
]

function knownAt(path: readonly PropertyKey[]): [readonly string[], string] {
  const last = path.at(-1)
  if (path.length === 0) return [topKeys, 'part of a policy']
  if (last === 'purposes' && path.length === 1) return [purposeNames, 'purpose']
  if (last === 'clusters' || last === 'outsideText') return [clusterNames, 'cluster']
  if (last === 'fields') return [fieldNames, 'field']
  if (path[0] === 'purposes' && path.length === 2) return [[...channelKinds, 'clusters', 'fields'], 'channel']
  if (path[0] === 'purposes' || path[0] === 'outsideText') return [channelKinds, 'channel']
  return [exposures, 'word of a policy']
}

/** The known word within two edits, or null. */
function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null
  let least = 3
  for (const candidate of known) {
    const distance = edits(word.slice(0, 40).toLowerCase(), candidate)
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

/** Levenshtein distance, one row at a time. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] ?? 0
}
