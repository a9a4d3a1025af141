import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { describe, test } from 'node:test'

const root = join(import.meta.dirname, '..')

/** The storeys of the house. A room may import rooms below it; rooms on one storey are strangers to each other. */
const storeys: Readonly<Record<string, number>> = {
  core: 0,
  tlog: 1,
  bank: 1,
  channel: 1,
  nlu: 1,
  customer: 2,
  consent: 3,
  conversation: 3,
  disclosure: 4,
  payment: 4,
  intent: 5,
  alert: 5,
  pipeline: 5.5,
  http: 6,
  cli: 6,
  'accounts.ts': 6,
  'house.ts': 6,
  'main.ts': 6,
}
/** Pure vocabularies (words for exposures, fields, purposes): every room may speak them. */
const vocabularies = new Set(['src/consent/exposure.ts', 'src/consent/field.ts', 'src/consent/purpose.ts'])

type Import = { readonly from: string; readonly to: string }

/** What a source file imports, types included: relative ones as paths in the project, others by name. */
function importsOf(file: string, source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [
    ...code.matchAll(
      /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s+'([^'\n]+)'|^\s*import\s+'([^'\n]+)'|\bimport\(\s*'([^'\n]+)'/gm,
    ),
  ].map(([, ...names]) => {
    const to = names.find((name) => name !== undefined) ?? ''
    return { from: file, to: to.startsWith('.') ? relative(root, join(root, dirname(file), to)) : to }
  })
}

const filesIn = (folder: string): string[] => globSync(`${folder}/**/*.{ts,js,mjs}`, { cwd: root })
const isTest = (file: string): boolean => file.endsWith('.test.ts')
const importsIn = (folder: string): Import[] =>
  filesIn(folder)
    .filter((file) => !isTest(file))
    .flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')))

const roomOf = (file: string): string => file.split('/')[1] ?? ''

/** The trespasses among these imports, in words. */
function trespasses(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to }) => {
    if (!to.startsWith('src/'))
      return to.startsWith('sandbox/') ||
        to.startsWith('tests/') ||
        to.startsWith('bench/') ||
        to.startsWith('scripts/')
        ? [`${from} → ${to}: the house knows nothing of that`]
        : []
    if (vocabularies.has(to)) return []
    const [here, there] = [roomOf(from), roomOf(to)]
    if (here === there) return []
    const [above, below] = [storeys[here], storeys[there]]
    if (above === undefined || below === undefined) return [`${from} → ${to}: a room without a storey`]
    // The roof opens every door; everyone else looks down.
    if (above === 6 && below <= 6) return []
    return below < above ? [] : [`${from} → ${to}: storey ${above} imports storey ${below}`]
  })
}

describe('who may import whom', () => {
  test('imports only go down', () => {
    assert.deepEqual(trespasses(importsIn('src')), [])
  })

  test('every room has a storey', () => {
    const rooms = new Set(filesIn('src').map(roomOf))
    assert.deepEqual(
      [...rooms].filter((room) => storeys[room] === undefined),
      [],
    )
  })

  test('a trespasser is named', () => {
    const source = `import { draft } from '../pipeline/draft.ts'\nimport type { Bank } from '../bank/bank.ts'\nimport { people } from '../../sandbox/people/people.ts'`
    assert.deepEqual(
      trespasses(importsOf('src/channel/messenger/../x.ts', source)).map((text) => text.split(':')[0]),
      [
        'src/channel/messenger/../x.ts → src/pipeline/draft.ts',
        'src/channel/messenger/../x.ts → src/bank/bank.ts',
        'src/channel/messenger/../x.ts → sandbox/people/people.ts',
      ],
    )
  })

  test('the vocabularies that everyone speaks import nothing but each other', () => {
    for (const file of vocabularies) {
      const foreign = importsOf(file, readFileSync(join(root, file), 'utf8')).filter(
        ({ to }) => !vocabularies.has(to),
      )
      assert.deepEqual(foreign, [], file)
    }
  })

  test('the sandbox is the outside: it knows core and itself', () => {
    const foreign = importsIn('sandbox').filter(
      ({ to }) => to.startsWith('src/') && !to.startsWith('src/core/'),
    )
    assert.deepEqual(foreign, [])
    // A bank and a messenger do not know each other either, only the people who use both.
    const between = importsIn('sandbox').filter(({ from, to }) => {
      const [here, there] = [roomOf(from), roomOf(to)]
      return to.startsWith('sandbox/') && here !== there && there !== 'people' && here !== 'main.ts'
    })
    assert.deepEqual(between, [])
  })

  test('the offline verifier can be taken away alone: it imports node:crypto', () => {
    const file = 'src/tlog/verify.ts'
    assert.deepEqual(
      importsOf(file, readFileSync(join(root, file), 'utf8')).map(({ to }) => to),
      ['node:crypto'],
    )
  })

  test('what a browser loads imports nothing of the house but types', () => {
    const loaded = filesIn('web').flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')))
    assert.deepEqual(
      loaded.filter(({ to }) => to.startsWith('src/')),
      [],
    )
  })

  test('packages used at run time are dependencies, not only at hand while developing', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const packages = new Set(
      importsIn('src').flatMap(({ to }) =>
        /^(src|words|node:|migrations|sandbox)/.test(to) || builtinModules.includes(to)
          ? []
          : [
              to
                .split('/')
                .slice(0, to.startsWith('@') ? 2 : 1)
                .join('/'),
            ],
      ),
    )
    assert.deepEqual(
      [...packages].filter(
        (name) =>
          dependencies[name] === undefined && !name.startsWith('package.json') && !name.startsWith('..'),
      ),
      [],
    )
  })
})

describe('one way out', () => {
  test('only disclosure hands a message to a channel', () => {
    const callers = filesIn('src').filter(
      (file) => !isTest(file) && /\bchannel\.send\(/.test(readFileSync(join(root, file), 'utf8')),
    )
    assert.deepEqual(callers, ['src/disclosure/deliver.ts'])
  })

  test('each room alone names its own tables', () => {
    const own: Readonly<Record<string, readonly string[]>> = {
      customer: ['customer'],
      consent: ['consent'],
      conversation: ['conversation'],
      disclosure: ['disclosure', 'counter'],
      tlog: ['tlog'],
    }
    const writes =
      /\b(?:insert into|update|delete from)\s+(customer|consent|conversation|disclosure|tlog)_[a-z_]+/gi
    const trespassers = filesIn('src')
      .filter((file) => !isTest(file))
      .flatMap((file) =>
        [...readFileSync(join(root, file), 'utf8').matchAll(writes)].map(([, room = '']) => ({ file, room })),
      )
      // The engine above the rooms is where their rows meet in one commit.
      .filter(
        ({ file, room }) => !(own[roomOf(file)]?.includes(room) ?? false) && (storeys[roomOf(file)] ?? 0) < 5,
      )
    assert.deepEqual(trespassers, [])
  })
})

describe('what a log line cannot carry', () => {
  /** Compiles a file beside the project's own settings; gives back the lines that do not compile. */
  function faultyLines(source: string): number[] {
    mkdirSync(join(root, '.guichet'), { recursive: true })
    const folder = mkdtempSync(join(root, '.guichet', 'compiled-'))
    try {
      writeFileSync(join(folder, 'line.ts'), source)
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: '../../tsconfig.json',
          include: ['line.ts'],
          exclude: [],
          compilerOptions: { types: ['node'] },
        }),
      )
      const { stdout } = spawnSync(
        process.execPath,
        [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder],
        { encoding: 'utf8' },
      )
      return [...stdout.matchAll(/line\.ts[(:](\d+)/g)]
        .map(([, line]) => Number(line))
        .toSorted((a, b) => a - b)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  test('a name, an amount or any other plain value does not compile into a log field; codes and counts do', () => {
    const source = [
      `import { code, count, flag, ms, opaque, type Logger } from '../../src/core/logger.ts'`,
      `declare const log: Logger`,
      `declare const person: { name: string; balanceMinor: number }`,
      `log.info('fine', { outcome: code('ok'), many: count(3), took: ms(1.5), message: opaque('msg_x'), again: flag(true), none: undefined })`,
      `log.info('leaks', { name: person.name })`,
      `log.info('leaks', { amount: person.balanceMinor })`,
      `log.warn('leaks', { amount: 234018 })`,
      `log.error('leaks', { said: 'Checking ··4821: $2,340.18' })`,
      `log.debug('leaks', { nested: { name: person.name } })`,
      `log.info('leaks', person)`,
      '',
    ].join('\n')
    assert.deepEqual(faultyLines(source), [5, 6, 7, 8, 9, 10])
  })

  test('nor can anything but a cleared message be handed to a channel', () => {
    const source = [
      `import type { Channel } from '../../src/channel/channel.ts'`,
      `declare const channel: Channel`,
      `void channel.send([])`,
      `void channel.send([{ id: 'msg_1', to: { channel: 'messenger', account: '1', user: '2' }, body: '{"message":{"text":"$2,340.18"}}' }])`,
      `void channel.send(['$2,340.18'])`,
      '',
    ].join('\n')
    assert.deepEqual(faultyLines(source), [4, 5])
  })
})
