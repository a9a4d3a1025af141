import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openJudge } from './judge.ts'
import { cases } from './messenger-cases.ts'
import { escaped, readSamples, type Sample } from './samples.ts'

const sample = (kind: string, payload: unknown): Sample => ({
  file: 'made here',
  platform: 'messenger',
  kind,
  payload,
  text: JSON.stringify(payload),
})
const base = { sender: { id: 'PERSON' }, recipient: { id: 'PAGE' }, timestamp: 1_790_000_000_001 }

test('every case of the table passes through the real door, escaped and plain', async () => {
  await using judge = await openJudge()
  for (const { says, event, name } of cases) {
    const payload = { object: 'page', entry: [{ id: 'PAGE', time: 1, messaging: [{ ...base, ...event }] }] }
    assert.deepEqual(
      await judge.judge(sample('webhook/case', payload)),
      { result: 'passed', note: name },
      says,
    )
  }
})

const recorded = fileURLToPath(new URL('../../../shared/data/webhooks', import.meta.url))
test('every recorded payload of Messenger and Instagram passes', {
  skip: existsSync(recorded) ? false : 'no recorded payloads beside this checkout',
}, async () => {
  await using judge = await openJudge()
  const verdicts = { passed: 0, failed: 0, skipped: 0 }
  for (const one of readSamples(recorded)) {
    const verdict = 'fault' in one ? { result: 'failed' as const, why: one.fault } : await judge.judge(one)
    verdicts[verdict.result]++
    assert.notEqual(verdict.result, 'failed', `${one.file}: ${JSON.stringify(verdict)}`)
  }
  assert.ok(verdicts.passed > 50)
})

test('the judge can fail: a request that is none, an error without a code, a file that is no sample', async () => {
  await using judge = await openJudge()
  const result = async (kind: string, payload: unknown): Promise<string> =>
    (await judge.judge(sample(kind, payload))).result
  assert.equal(await result('send/request/x', { recipient: { id: '1' } }), 'failed')
  assert.equal(
    await result('send/request/x', { recipient: { id: '1' }, message: { text: 'x'.repeat(2_001) } }),
    'failed',
  )
  assert.equal(await result('send/response', {}), 'failed')
  assert.equal(await result('error/x', { error: { message: 'no code' } }), 'failed')
  assert.equal(await result('profile/request', {}), 'failed')
  assert.equal(await result('brand-new/kind', {}), 'skipped')
  const directory = mkdtempSync(join(tmpdir(), 'guichet-samples-'))
  try {
    writeFileSync(join(directory, 'a.json'), '{')
    writeFileSync(join(directory, 'b.json'), '{"platform":"messenger"}')
    writeFileSync(
      join(directory, 'c.json'),
      '{"platform":"messenger","kind":"webhook/x","payload":{"id":9007199254740993}}',
    )
    const [a, b, c] = readSamples(directory)
    assert.ok(a && 'fault' in a && b && 'fault' in b)
    assert.ok(c && 'text' in c)
    assert.equal(c.text, '{"id":9007199254740993}', 'large numbers keep their digits')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('escaping is the platform’s own: the same value, in ASCII', () => {
  const text = JSON.stringify({ text: 'chèque 💶 <b> 5% a@b https://x.test "q" \\ \u2028' })
  const wire = escaped(text)
  assert.match(wire, /^[\x20-\x7e]+$/)
  assert.doesNotMatch(wire, /[<%@]/)
  assert.deepEqual(JSON.parse(wire), JSON.parse(text))
  assert.match(wire, /ch\\u00e8que \\ud83d\\udcb6/)
})
