import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { invariant } from '../../core/refusal.ts'
import { patternOpacity, tones } from './accent.ts'
import { tokensCss } from './tokens.ts'

/** How a bank looks: its name, the letters of its mark, and one colour. `id` as in our settings. */
export type Brand = {
  readonly id: string
  readonly name: string
  /** One or two letters. */
  readonly letters: string
  /** `#rrggbb`; made readable in both themes by `tones`. */
  readonly accent: string
}

/** The look of pages that belong to no bank (start page, an address that is not there). */
export const houseBrand: Brand = { id: 'guichet', name: 'Guichet', letters: 'G', accent: '#1c5c4c' }

export type Asset = {
  readonly type: string
  readonly body: Buffer
  readonly br: Buffer
  readonly gzip: Buffer
}
export const scriptNames = ['consent', 'card', 'passkey', 'filter'] as const
export type ScriptName = (typeof scriptNames)[number]
/** Where the pages find their files: paths that name the content, so they may be cached for ever. */
export type AssetPaths = { readonly css: string; readonly scripts: Readonly<Record<ScriptName, string>> }
export type Assets = { readonly files: ReadonlyMap<string, Asset>; readonly paths: AssetPaths }

/** The answer's `Cache-Control` for anything in `Assets.files`. */
export const assetCaching = 'public, max-age=31536000, immutable'

const web = new URL('../../../web/', import.meta.url)
const source = (name: string): string => readFileSync(new URL(name, web), 'utf8')
const squeezed = (css: string): string =>
  css
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,>]) ?/g, '$1')
    .replace(/ \+ (?=[^(){}]*\{)/g, '+')
    .replace(/: /g, ':')
    .replace(/(?<=[ :,(])0\./g, '.')
    .replace(/ (?=[/!]) ?/g, '')
    .replace(/\/ /g, '/')
    .replace(/@media \(/g, '@media(')
    .replace(/="([a-z]+)"\]/g, '=$1]')
    .replace(/::(before|after)/g, ':$1')
    .replace(/;}/g, '}')
    .trim()

/** A rosette of fine crossing lines, as engraved on bank notes. White, to lie faintly over a bank's band. */
function engraving(): string {
  const turns = Array.from(
    { length: 23 },
    (_, i) => `<use href="#e" transform="rotate(${((i + 1) * 7.5).toFixed(1)})"/>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-200 -200 400 400" fill="none" stroke="#fff" stroke-opacity="${patternOpacity}" stroke-width=".8"><g id="e"><ellipse rx="196" ry="74"/><ellipse rx="128" ry="36"/></g>${turns.join('')}</svg>`
}

/** Custom properties of one bank, in both themes. */
export function brandCss(brand: Brand): string {
  invariant(/^[a-z0-9-]{1,32}$/.test(brand.id), 'a brand id is an institution id')
  const rule = (theme: 'light' | 'dark'): string => {
    const { band, accent, onAccent, tint } = tones(brand.accent, theme)
    return `[data-brand=${JSON.stringify(brand.id)}]{--band:${band};--accent:${accent};--on-accent:${onAccent};--tint:${tint}}`
  }
  return `${rule('light')}@media(prefers-color-scheme:dark){${rule('dark')}}`
}

/** The shared part of the style sheet as it is served, before the banks' own colours. */
export const kitCss = (engravingPath: string): string =>
  tokensCss() + squeezed(source('kit.css')).replaceAll('engraving.svg', engravingPath)

/**
 * Every file the pages need, read once, hashed and compressed ahead. Serve `files` by path with `assetCaching`; put
 * `paths` into each page's frame.
 */
export function assets(brands: readonly Brand[]): Assets {
  const files = new Map<string, Asset>()
  const add = (extension: string, type: string, text: string): string => {
    const body = Buffer.from(text)
    const name = createHash('sha256').update(body).digest('base64url').slice(0, 16)
    const path = `/assets/${name}.${extension}`
    const br = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
    files.set(path, { type, body, br, gzip: gzipSync(body, { level: 9 }) })
    return path
  }
  const script = (text: string): string => add('js', 'text/javascript; charset=utf-8', text)

  const unique = new Map([houseBrand, ...brands].map((brand) => [brand.id, brand]))
  const css = add(
    'css',
    'text/css; charset=utf-8',
    kitCss(add('svg', 'image/svg+xml', engraving())) + [...unique.values()].map(brandCss).join(''),
  )
  // The passkey library's bundle sets a global; two lines make it a module. MIT, its notice stays on top.
  const bundle = readFileSync(
    new URL('../dist/bundle/index.umd.min.js', import.meta.resolve('@simplewebauthn/browser')),
    'utf8',
  )
  const webauthn = script(
    `${bundle}\nexport const { startAuthentication, startRegistration, browserSupportsWebAuthn } = globalThis.SimpleWebAuthnBrowser\n`,
  )
  const scripts = {
    consent: script(source('consent.js')),
    card: script(source('card.js')),
    filter: script(source('filter.js')),
    passkey: script(source('passkey.js').replace('./webauthn.js', webauthn)),
  }
  return { files, paths: { css, scripts } }
}
