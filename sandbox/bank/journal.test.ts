import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openJournal } from './journal.ts'

async function withFolder(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-bank-'))
  try {
    await use(join(folder, 'bank.jsonl'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('what was set is there after a reopening; what was deleted is not', () =>
  withFolder(async (path) => {
    {
      await using journal = await openJournal(path)
      await Promise.all([journal.set('a:1', { x: 1 }), journal.set('a:2', 'two'), journal.set('b:1', [3])])
      await journal.delete('a:2')
    }
    await using journal = await openJournal(path)
    assert.deepEqual(journal.get('a:1'), { x: 1 })
    assert.equal(journal.get('a:2'), undefined)
    assert.deepEqual(journal.all('a:'), [['a:1', { x: 1 }]])
    assert.equal((await stat(path)).mode & 0o077, 0, 'keys are in there: nobody else reads it')
  }))

test('a set is on disk when it resolves, without any closing', () =>
  withFolder(async (path) => {
    await using journal = await openJournal(path)
    await journal.set('k', 'durable')
    assert.match(await readFile(path, 'utf8'), /durable/)
  }))

test('a line torn by a crash costs that line only, and the file is whole again afterwards', () =>
  withFolder(async (path) => {
    {
      await using journal = await openJournal(path)
      await journal.set('kept', 1)
    }
    await appendFile(path, '{"k":"torn","v":{"half')
    {
      await using journal = await openJournal(path)
      assert.equal(journal.get('kept'), 1)
      assert.equal(journal.get('torn'), undefined)
      await journal.set('next', 2)
    }
    await using journal = await openJournal(path)
    assert.equal(journal.get('next'), 2)
  }))

test('a long history is rewritten short', () =>
  withFolder(async (path) => {
    {
      await using journal = await openJournal(path)
      for (let round = 0; round < 150; round++) await journal.set('same', round)
    }
    {
      await using journal = await openJournal(path)
      assert.equal(journal.get('same'), 149)
    }
    assert.equal((await readFile(path, 'utf8')).trim().split('\n').length, 1)
  }))
