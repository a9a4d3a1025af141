import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { OperatorError } from '../core/operator-error.ts'
import { parseCsv, readExamples } from './csv.ts'
import { readLabelled } from './labelled.ts'

const folder = mkdtempSync(join(tmpdir(), 'guichet-csv-'))
after(() => rmSync(folder, { recursive: true }))
const file = (content: string, name = 'x.csv'): string => {
  const at = join(folder, name)
  writeFileSync(at, content)
  return at
}
const faultsOf = (work: () => unknown): readonly string[] => {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof OperatorError, String(error))
    return error.faults
  }
  return assert.fail('nothing was wrong')
}

test('whatever a cell holds, it is read back as it was written', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r', 'é', '😀') })
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), fc.boolean(), (rows, crlf) => {
      const quoted = (one: string) => `"${one.replaceAll('"', '""')}"`
      const source = rows.map((row) => row.map(quoted).join(',')).join(crlf ? '\r\n' : '\n')
      const read = parseCsv(source)
      assert.deepEqual(read.faults, [])
      assert.deepEqual(
        read.rows.map(({ cells }) => cells),
        rows,
      )
    }),
  )
})

test('columns are found by their names, and a language may be given', () => {
  const at = file('id,category,text,language\r\n1,balance,"how much, please?",en\r\n2,balance,cuánto,es\r\n')
  assert.deepEqual(readExamples(at), [
    { text: 'how much, please?', label: 'balance', language: 'en' },
    { text: 'cuánto', label: 'balance', language: 'es' },
  ])
})

test('each bad line is named by its number, also after a text of several lines', () => {
  const at = file('text,category\n"two\nlines",a\nno category,\n,b\ntoo,many,commas\n"x"y,c\n')
  const faults = faultsOf(() => readExamples(at))
  assert.deepEqual(
    faults.map((fault) => /line (\d+)/.exec(fault)?.[1]),
    ['7', '4', '5', '6'],
  )
  assert.match(faults.join(), /quotes around it/)
})

test('a missing file, a missing header, an empty file and an open quote are said plainly', () => {
  assert.match(faultsOf(() => readExamples(join(folder, 'none.csv')))[0]!, /no such file/)
  assert.match(faultsOf(() => readExamples(file('a,b\n1,2\n')))[0]!, /line 1 must be the header/)
  assert.match(faultsOf(() => readExamples(file('text,category\n')))[0]!, /no rows/)
  assert.match(
    faultsOf(() => readExamples(file('text,category\n"never closed,a\n')))[0]!,
    /line 2.*never closed/,
  )
})

test('CLINC files may hold their parts in either file, and a missing part is lived without', () => {
  const train = file(
    JSON.stringify({ train: [['a', 'x']], val: [['b', 'x']], oos_val: [['c', 'oos']] }),
    'train.json',
  )
  const test = file(JSON.stringify({ test: [['d', 'x']], oos_test: [['e', 'oos']] }), 'test.json')
  const both = readLabelled(train, test, 'clinc')
  assert.deepEqual(
    [both.train, both.val, both.test, both.oosTest].map(([one]) => one?.text),
    ['a', 'b', 'd', 'e'],
  )
  const one = readLabelled(train, train, 'clinc')
  assert.deepEqual([one.test[0]?.text, one.val.length, one.oosVal[0]?.text], ['b', 0, 'c'])
  assert.match(faultsOf(() => readLabelled(file('text,category\n', 'y.csv'), test, 'clinc'))[0]!, /not JSON/)
  assert.match(
    faultsOf(() => readLabelled(file('{"train":[["a"]]}', 'z.json'), test, 'clinc'))[0]!,
    /train\.0/,
  )
})
