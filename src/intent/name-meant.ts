import type { Clause } from '../nlu/reading.ts'
import { folded } from './sentence-words.ts'

const saying =
  '(?:i mean|i meant|quise decir|quiero decir|quer[ií]a decir|digo|je voulais dire|je veux dire|j’voulais dire)'
const put = new RegExp(
  `^[^\\p{L}\\p{N}]*(?<lead>(?:(?:no|nope|non|perd[oó]n|sorry|oops|oups|wait|espera|attends|pardon|d[eé]sol[eé]e?|disculpa|ay|ah|oh)[\\s,.!]+)*(?:${saying}[\\s,:]+)?)(?:(?:at|from|in|en|a|chez|au|à)\\s+)?(?<name>.+?)(?<tail>[\\s,]+${saying})?[\\s.!?]*$`,
  'iu',
)
const glue = /^(?:the|of|and|la|le|les|el|los|las|de|del|du|des|y|et|n|s)$/i

/**
 * "perdón, taquería la luna quise decir": the name between the words that put it right, whole, however it is written.
 * Null where they put right something else, or there is more than a name.
 */
export function nameMeant({ text, slots }: Clause): string | null {
  if (slots.category !== null || slots.account !== null || slots.periods.length + slots.amounts.length > 0)
    return null
  const { lead = '', name = '', tail } = put.exec(text)?.groups ?? {}
  if (lead === '' && tail === undefined) return null
  const words = folded(name).split(/[^\p{L}\p{N}]+/u)
  const named = new Set(
    slots.names.flatMap((one) =>
      folded(one)
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u),
    ),
  )
  const known = (word: string): boolean => named.has(word.toLowerCase())
  return words.length <= 5 && words.some(known) && words.every((word) => known(word) || glue.test(word))
    ? name.slice(0, 80)
    : null
}

/** "Solo Blue Heron", "just groceries": one place of what was asked, and nothing else. "Just curious" asks for nothing. */
export const narrows = ({ text, slots }: Clause): boolean =>
  only.test(folded(text)) &&
  slots.names.length + (slots.category === null ? 0 : 1) === 1 &&
  folded(text).split(/\s+/).length <= 6
const only =
  /^\W*(?:(?:ok|okay|no|and|but|y|pero|et|mais|pis|well|bueno|pues|bon|ben)\W+)*(?:only|just|solo|solamente|nomas|juste|seulement|rien que)\W+(?!(?:an?|un|una|une|one|some|unos|des)\b)(?!.*\b(?:big|bigger|large|small|little|new|old|recent|grandes?|chic[oa]s?|pequen\w+|nuev[oa]s?|viej[oa]s?|gros|grosses?|petite?s?|nouve\w+|ones)\b)(?!.*(?:ing|curi\w+|pregunt\w+|brome\w+|demand\w+|jas\w+|you|tu|toi|vous|me|yo|moi)\W*$)/i
