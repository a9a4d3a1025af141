/**
 * Where things stand in a policy file. JSON.parse forgets lines and silently takes the last of two equal keys; a
 * policy in which a later line quietly overrules an earlier one is not a policy anyone has read.
 */
export type PolicyText = {
  readonly value: unknown
  /** Line (from 1) of the member or element at a path such as `purposes.balance.messenger`. */
  lineOf(path: readonly PropertyKey[]): number
  readonly repeated: readonly { readonly path: string; readonly line: number }[]
}
export type TextFault = { readonly path: string; readonly line: number; readonly say: string }

const maxCharacters = 262_144
const maxDepth = 12
const joint = '\u0000'

/** Parses JSON text and remembers the lines. Depth and size are bounded. */
export function readPolicyText(text: string): PolicyText | TextFault {
  if (text.length > maxCharacters)
    return {
      path: '',
      line: 1,
      say: `the file is larger than ${maxCharacters} characters; a policy needs a hundredth of that`,
    }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const say = error instanceof Error ? error.message : ''
    const line = Number(/line (\d+)/.exec(say)?.[1] ?? positionLine(text, /position (\d+)/.exec(say)?.[1]))
    return {
      path: '',
      line,
      say: 'this is not JSON: look for a missing comma, quote or bracket near this line',
    }
  }
  const lines = new Map<string, number>()
  const repeated: { path: string; line: number }[] = []
  const tooDeep = walk(text, lines, repeated)
  if (tooDeep !== null)
    return { path: '', line: tooDeep, say: `nested deeper than ${maxDepth} levels; a policy has five` }
  return {
    value,
    repeated,
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const line = lines.get(path.slice(0, length).map(String).join(joint))
        if (line !== undefined) return line
      }
      return 1
    },
  }
}

const positionLine = (text: string, position: string | undefined): number =>
  text.slice(0, position === undefined ? text.length : Number(position)).split('\n').length

/** One pass over text already known to be JSON. Returns the line at which it is nested too deep, or null. */
function walk(
  text: string,
  lines: Map<string, number>,
  repeated: { path: string; line: number }[],
): number | null {
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+|\n/g
  const frames: { keys: Set<string> | null; path: string[]; index: number; key: string | null }[] = []
  let line = 1
  for (const [found] of text.matchAll(token)) {
    if (found === '\n') {
      line++
      continue
    }
    const frame = frames.at(-1)
    if (found === '}' || found === ']') {
      frames.pop()
    } else if (found === ',') {
      if (frame) {
        frame.index++
        frame.key = null
      }
    } else if (found === ':') {
      continue
    } else if (frame?.keys && frame.key === null) {
      const key = String(JSON.parse(found))
      const path = [...frame.path, key]
      if (frame.keys.has(key)) repeated.push({ path: path.join('.'), line })
      else lines.set(path.join(joint), line)
      frame.keys.add(key)
      frame.key = key
    } else {
      const path = frame ? [...frame.path, frame.key ?? String(frame.index)] : []
      if (frame && !frame.keys) lines.set(path.join(joint), line)
      if (found === '{' || found === '[') {
        if (frames.length >= maxDepth) return line
        frames.push({ keys: found === '{' ? new Set() : null, path, index: 0, key: null })
      }
    }
  }
  return null
}
