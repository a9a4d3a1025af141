import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import { appSecret } from './gateway.ts'
import { appId, pageId } from './webhook.ts'

const peersDir = join(import.meta.dirname, '..', 'peers')

/**
 * Installs the peers from their own lockfile, once for each version of it. Never part of the product's installation.
 * Returns why not, or null.
 */
export function installPeers(say: (text: string) => void): string | null {
  const lock = join(peersDir, 'package-lock.json')
  const mark = join(peersDir, 'node_modules', '.installed')
  const wanted = readFileSync(lock, 'utf8')
  if (existsSync(mark) && statSync(mark).mtimeMs >= statSync(lock).mtimeMs) return null
  say('installing the peers (bench/peers, once) …')
  const done = spawnSync('npm', ['ci', '--loglevel=error'], { cwd: peersDir, encoding: 'utf8' })
  if (done.status !== 0)
    return (done.stderr || String(done.error)).trim().split('\n').at(-1) ?? 'npm ci failed'
  writeFileSync(mark, String(wanted.length))
  return null
}

export type PeerName = 'bottender' | 'bare'

/** Starts a peer in production mode against the simulator. */
export async function startPeer(
  name: PeerName,
  platformPort: number,
): Promise<Child & { readonly port: number }> {
  const child = await startChild(join(peersDir, name, name === 'bottender' ? 'start.mjs' : 'echo.mjs'), {
    cwd: join(peersDir, name),
    env: {
      PEER_GRAPH_URL: `http://127.0.0.1:${platformPort}`,
      PEER_APP_SECRET: appSecret,
      PEER_APP_ID: appId,
      PEER_PAGE_ID: pageId,
    },
  })
  return { ...child, port: Number(child.ready) }
}
