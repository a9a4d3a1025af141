// npm start: installs if needed, then hands over to start.ts under Node 24.
import { join } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { root, runNode } from './node.mjs'

await ensureInstalled()
runNode([join(root, 'scripts', 'start.ts'), ...process.argv.slice(2)], { watchParent: true })
