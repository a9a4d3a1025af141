// npm test [-- PATTERN]: installs if needed, then runs every check under Node 24.
import { join } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { root, runNode } from './node.mjs'

await ensureInstalled()
runNode([join(root, 'scripts', 'test.ts'), ...process.argv.slice(2)])
