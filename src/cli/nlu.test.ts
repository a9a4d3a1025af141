import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const folder = mkdtempSync(join(tmpdir(), 'guichet-nlu-'))
after(() => rmSync(folder, { recursive: true }))
const guichet = (...given: string[]) => {
  const file = fileURLToPath(new URL('guichet.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, 'nlu', ...given], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const file = (name: string, content: string): string => {
  const at = join(folder, name)
  writeFileSync(at, content)
  return at
}

test('a labelled file of one’s own is learnt and scored, with every figure under its name', () => {
  const rows = ['how much is left', 'my balance', 'money in my account', 'show what I have', 'funds please']
    .map((text) => `${text},balance`)
    .concat(
      ['send 20 to Ana', 'pay my friend', 'transfer money', 'wire it to Sam', 'pay Jo'].map(
        (text) => `${text},pay`,
      ),
    )
  const train = file('train.csv', ['text,category', ...rows].join('\n'))
  const testing = file('test.csv', 'text,category\nhow much do I have,balance\npay Ana,pay\n')
  const report = join(folder, 'confusions.html')
  const { status, stdout, stderr } = guichet(
    'eval',
    '--train',
    train,
    '--test',
    testing,
    '--json',
    '--report',
    report,
  )
  assert.equal(status, 0, stderr)
  const said = JSON.parse(stdout) as Record<string, unknown>
  assert.deepEqual([said['accuracy'], said['classes'], said['examples'], said['oos']], [1, 2, 10, null])
  for (const name of ['macroF1', 'ece', 'top3', 'memoryMb', 'coldStartMs', 'trainSeconds'])
    assert.equal(typeof said[name], 'number', name)
  assert.deepEqual(Object.keys(said['latencyMs'] as object), ['p50', 'p99'])
})

test('amounts and dates are scored on a file of the form of NLU++, and none of its text is repeated', () => {
  const slots = { amount_of_money: { text: '400 pounds', value: { amount: 400 } } }
  const one = file('slots.json', JSON.stringify([{ text: 'did I spend 400 pounds', slots }]))
  const { status, stdout, stderr } = guichet('eval', '--slots', one, '--json')
  assert.equal(status, 0, stderr)
  const said = JSON.parse(stdout) as Record<string, unknown>
  assert.deepEqual([said['amounts'], said['missed']], [{ right: 1, of: 1 }, 0])
  assert.doesNotMatch(stdout, /spend/)
  assert.match(guichet('eval', '--slots', file('other.json', '{}')).stderr, /form of NLU\+\+/)
})

test('what is wrong with a file or a call is said in a line, without a stack', () => {
  const bad = file('bad.csv', 'text,category\nfine,a\nno category\n')
  const cases: [string[], RegExp, number][] = [
    [['eval', '--train', bad, '--test', bad], /bad\.csv: line 3: /, 1],
    [['eval', '--train', bad], /--train and --test belong together/, 1],
    [['eval', '--train', bad, '--test', bad, '--format', 'xml'], /Allowed choices are csv, clinc/, 2],
    [['eval', '--model', join(folder, 'none.nlu')], /no readable model/, 1],
  ]
  for (const [given, says, code] of cases) {
    const { status, stderr } = guichet(...given)
    assert.match(stderr, says)
    assert.doesNotMatch(stderr, /\n\s+at /)
    assert.equal(status, code)
  }
})
