import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reachability } from './reachable.ts'

test('a page is not held up by something that hangs, nor asks it again at once', async () => {
  const reach = reachability(() => 0)
  let asked = 0
  const hangs = (): Promise<never> => {
    asked++
    return new Promise(() => {})
  }
  assert.equal(await reach('bank', hangs), 'trouble')
  assert.equal(await reach('bank', hangs), 'trouble')
  assert.equal(asked, 1)
})

test('what answers is up, what fails is not', async () => {
  const reach = reachability(() => 0)
  assert.equal(await reach('bank', () => Promise.resolve()), 'ok')
  assert.equal(await reach('page', () => Promise.reject(new Error('down'))), 'trouble')
})
