import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/**
 * How many times a second this disk makes an 8 kB write durable (fdatasync): the physical limit under every commit.
 * Takes about `budgetMs`. Null when the folder cannot be written.
 */
export function measureFsync(folder: string, budgetMs = 40): number | null {
  const file = join(folder, `fsync-probe.${process.pid}`)
  try {
    const fd = openSync(file, 'w', 0o600)
    try {
      const block = Buffer.alloc(8192, 1)
      writeSync(fd, block, 0, block.length, 0)
      fdatasyncSync(fd) // the first one also makes the file's size durable
      const begin = performance.now()
      let times = 0
      do {
        writeSync(fd, block, 0, block.length, 0)
        fdatasyncSync(fd)
        times++
      } while (performance.now() - begin < budgetMs)
      return Math.round((times * 1_000) / (performance.now() - begin))
    } finally {
      closeSync(fd)
      rmSync(file, { force: true })
    }
  } catch {
    return null
  }
}
