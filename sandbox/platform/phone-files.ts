import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { createHash } from 'node:crypto'
import { extname, join } from 'node:path'

export type PhoneFile = { readonly type: string; readonly body: Buffer; readonly etag: string }

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Node says once that removing types is experimental; what it does is pinned by our tests, so that line is kept from the terminal. */
function stripQuietly(source: string): string {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}

/** The phone page's files, read once; its TypeScript modules lose their types and are served under their own names. */
export function loadPhoneFiles(folder: string): ReadonlyMap<string, PhoneFile> {
  const files = new Map<string, PhoneFile>()
  for (const name of readdirSync(folder)) {
    const type = types[extname(name)]
    if (type === undefined || name.endsWith('.test.ts')) continue
    const text = readFileSync(join(folder, name), 'utf8')
    const body = Buffer.from(extname(name) === '.ts' ? stripQuietly(text) : text)
    files.set(name, {
      type,
      body,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    })
  }
  return files
}
