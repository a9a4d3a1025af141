import { movesMoney } from './amount-words.ts'
import { functionWords, requestWords } from './function-words.ts'
import type { Token } from './token.ts'

/** Names tried against a customer's lists; more would be guessing. */
const mostNames = 5
const longest = 6

const leads =
  /^(?:at|from|to|with|for|en|a|al|con|de|del|para|por|chez|au|aux|avec|pour|d|l|by|via|dans|on|donde|named|called)$/
const glue =
  /^(?:and|n|of|the|de|la|le|les|del|los|las|du|des|y|et|e|d|l|&|'|-|\.|on|in|to|a|al|s|as|for|st|\+|!)$/
const determiner =
  /^(?:the|my|our|mi|mis|mon|ma|mes|el|la|los|las|le|les|l|un|una|une|a|an|this|that|that|su|tu|his|her|their|some|d|de|dem)$/

/**
 * What may name a merchant or a person, best first, as written: quoted pieces, then what follows a preposition or a verb
 * that moves money, then capitals, then whatever is left over. Never words of slots, nor function words by themselves.
 */
export function namesIn(tokens: readonly Token[], text: string, busy: (at: number) => boolean): string[] {
  const found: { name: string; score: number; at: number }[] = []
  const content = (at: number): boolean => {
    const token = tokens[at]
    if (!token || busy(at) || token.kind === 'sign') return false
    if (token.kind === 'mark') return false
    if (token.kind === 'number') return false
    // "Stop & Shop", "Home Depot", "Best Buy": words of asking, but half a name.
    if (tokens[at + 1]?.raw === '&' || tokens[at - 1]?.raw === '&') return true
    if (token.word === 'stop' && tokens[at + 2]?.word === 'shop') return true
    if (
      /^(?:depot|buy|app|tree|general|club)$/.test(token.word) &&
      at > 0 &&
      !functionWords.has(tokens[at - 1]?.word ?? '') &&
      !requestWords.has(tokens[at - 1]?.word ?? '') &&
      tokens[at - 1]?.kind === 'word'
    )
      return true
    return (
      !functionWords.has(token.word) &&
      !isVerb(token, tokens[at - 1]) &&
      !(requestWords.has(token.word) && !capital(token, at)) &&
      !movesMoneyVerb(token, at)
    )
  }
  const movesMoneyVerb = (token: Token, at: number): boolean =>
    movesMoney(token.word) && !(capital(token, at) && at > 0)
  const capital = (token: Token, at: number): boolean =>
    at > 0 && /^\p{Lu}\p{Ll}/u.test(token.raw) && !/[.?!]/.test(tokens[at - 1]?.raw ?? '')
  const add = (from: number, next: number, score: number): void => {
    const start = tokens[from]?.start ?? 0
    const end = tokens[next - 1]?.end ?? start
    found.push({
      name: text.slice(start, end).replace(/'s?$|^['"]|['"]$/gu, (cut) => (cut === "'s" ? cut : '')),
      score,
      at: from,
    })
  }
  for (const match of text.matchAll(/"([^"]{1,60})"/g))
    if (match[1]?.trim()) found.push({ name: match[1].trim(), score: 10, at: -1 })

  for (let at = 0; at < tokens.length; ) {
    if (!content(at) && !startsFigureName(tokens, at, content)) {
      at += 1
      continue
    }
    let next = at + 1
    for (let reach = next; reach < tokens.length && reach - at < longest; reach += 1) {
      const token = tokens[reach] as Token
      const numeral = token.kind === 'number' && !busy(reach) && /^\d{1,3}$/.test(token.raw)
      if (content(reach) || (numeral && (tokens[reach - 1]?.raw === '-' || reach === next))) next = reach + 1
      else if (!(glue.test(token.word) && !busy(reach)) || !gluesOn(tokens, reach, at)) break
    }
    // The article of a name is no part of it; the preposition before it says how good it is.
    let lead = at - 1
    while (
      lead >= 0 &&
      determiner.test(tokens[lead]?.word ?? '') &&
      !/^(?:a|d|l)$/.test(tokens[lead]?.word ?? '')
    )
      lead -= 1
    const before = tokens[lead]
    const afterVerb = before?.kind === 'word' && movesMoney(before.word)
    const word = before?.word ?? ''
    const proper = /^\p{Lu}\p{Ll}/u.test(tokens[at]?.raw ?? '') && at > 0
    let score = proper ? 3 : 0
    if (afterVerb) score += 4
    else if (/^(?:at|chez|from|to|with|en|con|a|avec)$/.test(word)) score += 4
    else if (leads.test(word)) score += 3
    else if (at === 0) score += 1
    if (next - at > 4 && !proper) score -= 2
    add(at, next, score)
    at = next
  }
  found.sort((a, b) => b.score - a.score || a.at - b.at)
  const names: string[] = []
  for (const { name } of found) {
    const trimmed = name.trim()
    if (trimmed && trimmed.length <= 80 && !names.includes(trimmed)) names.push(trimmed)
    // "walgreens y cvs" may be two, "Ben and Jerry's" is one: the whole first, then its halves.
    for (const part of trimmed.split(/ (?:and|y|et|&|vs) /iu).slice(0, 3))
      if (part !== trimmed && !names.includes(part.trim()) && part.trim()) names.push(part.trim())
    if (names.length >= mostNames) break
  }
  return names.slice(0, mostNames)
}

/**
 * "enséñamelos", "pasé", "remboursée": orders and things done, by their endings. After a preposition it is somebody
 * ("a josé"), with a capital a name.
 */
const isVerb = ({ raw, word }: Token, before: Token | undefined): boolean =>
  !/^\p{Lu}/u.test(raw) &&
  word.length >= 4 &&
  !leads.test(before?.word ?? '') &&
  (/(?:[éó]|ées?|és)$/u.test(raw) || /[aei](?:me|te|se|nos)l[aoe]s?$/.test(word))

/** "7-Eleven", "5 Guys", "99 Ranch": a figure no slot took, with a capital behind it. */
function startsFigureName(tokens: readonly Token[], at: number, content: (at: number) => boolean): boolean {
  const token = tokens[at]
  if (token?.kind !== 'number' || !/^\d{1,3}$/.test(token.raw)) return false
  const after = tokens[at + 1]?.raw === '-' && tokens[at + 1]?.glued ? at + 2 : at + 1
  return content(after) && (after === at + 2 || /^\p{Lu}/u.test(tokens[after]?.raw ?? ''))
}

/** "bed bath and beyond", "Ana de la Cruz": a small word inside a name, not one that starts the next thing said. */
function gluesOn(tokens: readonly Token[], at: number, from: number): boolean {
  const token = tokens[at] as Token
  if (/^(?:&|'|-|and|n|y|et|e)$/.test(token.word)) return true
  // Prepositions hold a name together only between capitals.
  const upper = (place: number): boolean => /^\p{Lu}/u.test(tokens[place]?.raw ?? '')
  return upper(from) && (upper(at + 1) || upper(at + 2))
}
