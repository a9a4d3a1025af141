// node scripts/run.mjs FILE …: runs a TypeScript file under Node 24, installing if needed.
import { resolve } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { runNode } from './node.mjs'

const [file, ...rest] = process.argv.slice(2)
if (!file) {
  process.stderr.write('✗ Which file? node scripts/run.mjs FILE …\n')
  process.exit(2)
}
await ensureInstalled()
runNode([resolve(file), ...rest])
