import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A recorded payload of a platform: `{source, platform, kind, payload}`. */
export type Sample = {
  readonly file: string
  readonly platform: string
  readonly kind: string
  readonly payload: unknown
  /** The payload as JSON with the digits of large numbers kept, as a platform would write it. */
  readonly text: string
}

type Context = { readonly source?: string }
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: Context) => unknown,
) => unknown
const rawJson = (text: string): unknown =>
  (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text)

/** Every `.json` file below the directory; a file that is not a sample comes back with the reason. */
export function readSamples(
  directory: string,
): (Sample | { readonly file: string; readonly fault: string })[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return files.map((path) => {
    const file = path.slice(directory.length).replace(/^[/\\]/, '')
    try {
      return readSample(file, readFileSync(path, 'utf8'))
    } catch (error) {
      return { file, fault: `not readable: ${error instanceof Error ? error.name : 'unknown'}` }
    }
  })
}

function readSample(
  file: string,
  content: string,
): Sample | { readonly file: string; readonly fault: string } {
  const { platform, kind, payload } = JSON.parse(content) as Record<string, unknown>
  if (typeof platform !== 'string' || typeof kind !== 'string' || payload === undefined) {
    return { file, fault: 'not of the form {source, platform, kind, payload}' }
  }
  const exact = parse(content, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? rawJson(source) : value,
  ) as { readonly payload: unknown }
  return { file, platform, kind, payload, text: JSON.stringify(exact.payload) }
}

/** JSON as Meta puts it on the wire: non-ASCII, and a few more, as escapes (§2 of the platform's webhook page). */
export const escaped = (json: string): string =>
  json
    .replaceAll('/', '\\/')
    .replaceAll(
      /[<%@\u0080-\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
