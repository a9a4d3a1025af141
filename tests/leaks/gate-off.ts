import { registerHooks } from 'node:module'
import { stripTypeScriptTypes } from 'node:module'

/*
 * The twin's sabotage, loaded with --import: the gate says `say` to everything. It is done to the source as it is
 * loaded, so that the product has no switch for it.
 */
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith('/src/disclosure/decide.ts')) return loaded
    const source = Buffer.from(loaded.source as Uint8Array).toString('utf8')
    const open = source.replace(
      'export function decide(question: Question): Decision {',
      `$&\n  if (question !== null) return Object.freeze({ exposure: 'say', bound: 'none' })`,
    )
    if (open === source) throw new Error('the gate was not found where it was')
    return { format: 'module', shortCircuit: true, source: stripTypeScriptTypes(open) }
  },
})
