import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const root = new URL('../..', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'guichet-policy-'))
after(() => rmSync(folder, { recursive: true }))

/** Runs the command as its user would, in a process of its own. */
function guichet(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = `import { Command } from 'commander'
import { registerPolicy } from './src/cli/policy.ts'
const program = new Command('guichet')
registerPolicy(program)
await program.parseAsync()`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program, '--', 'policy', ...args], {
    cwd: root,
    encoding: 'utf8',
  })
  return { status: run.status, stdout: run.stdout, stderr: run.stderr }
}
const four = ['harbor', 'granite', 'erable', 'thistle'].map((bank) => `policies/${bank}.json`)

test('shipped policies are sound, and check says so', () => {
  const { status, stdout } = guichet('check', ...four)
  assert.equal(status, 0)
  assert.equal(stdout.match(/: sound\./g)?.length, 4)
})

test('a faulty policy exits 1 with every fault, its line and what to write', () => {
  const file = join(folder, 'bad.json')
  writeFileSync(
    file,
    readFileSync(new URL('policies/harbor.json', root), 'utf8')
      .replace('"balance":', '"*":')
      .replace('"grantDays": 365', '"grantDays": 9999'),
  )
  const { status, stdout } = guichet('check', file)
  assert.equal(status, 1)
  assert.match(stdout, /2 faults/)
  assert.match(stdout, /line 7 {2}purposes\.\*: a policy names each purpose/)
  assert.match(stdout, /grantDays: write a whole number of days from 1 to 365/)
  const json = guichet('check', '--json', file, four[0] ?? '')
  assert.deepEqual(
    (JSON.parse(json.stdout) as { ok: boolean }[]).map(({ ok }) => ok),
    [false, true],
  )
  assert.equal(guichet('enumerate', join(folder, 'none.json')).status, 1)
  assert.match(guichet('show', file).stderr, /2 faults/)
})

test('enumerate lists every triple with the rule behind it', () => {
  const [listed] = JSON.parse(guichet('enumerate', '--json', four[0] ?? '').stdout) as {
    ceilings: { ceiling: string; because: string }[]
  }[]
  assert.equal(listed?.ceilings.length, 24 * 10 * 5)
  assert.ok(listed.ceilings.every(({ because }) => because.length > 0))
  assert.equal(guichet('enumerate', four[0] ?? '', '--purpose', 'advertising').status, 2)
})

test('diff tells what opens and what closes', () => {
  const { stdout } = guichet('diff', four[0] ?? '', four[1] ?? '')
  assert.match(stdout, /0 ceilings opened, \d+ ceilings closed/)
  assert.match(stdout, /closes +balance +balance\.available +messenger +say +band/)
  assert.match(guichet('diff', four[0] ?? '', four[0] ?? '').stdout, /They do the same/)
})

test('the page on what each platform sees is what the command prints', () => {
  const { stdout } = guichet('enumerate', '--markdown', ...four)
  assert.equal(readFileSync(new URL('docs/privacy/what-each-platform-sees.md', root), 'utf8'), stdout)
})
