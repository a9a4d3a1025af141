#!/usr/bin/env node
// Plain JavaScript for Node 18 and newer: finds Node 24 and runs the command line with it.
import { fileURLToPath } from 'node:url'
import { findNode, runNode } from '../scripts/node.mjs'

const cli = new URL('../src/cli/guichet.ts', import.meta.url)
if (Number(process.versions.node.split('.')[0]) >= 24 || findNode() === process.execPath)
  await import(cli.href)
else runNode([fileURLToPath(cli), ...process.argv.slice(2)])
