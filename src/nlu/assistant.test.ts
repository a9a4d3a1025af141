import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { clauseOf } from '../../tests/clause.ts'
import { openLogger } from '../core/logger.ts'
import { harmless, meaningOf, openAssistant } from './assistant.ts'
import { blot } from './blot.ts'

const common = new Set(['can', 'you', 'the', 'money', 'to', 'send', 'my', 'what', 'is'])
const answering = (intent: unknown): string =>
  JSON.stringify({
    choices: [
      {
        message: {
          content: 'ignored',
          tool_calls: [{ function: { arguments: JSON.stringify({ intent }) } }],
        },
      },
    ],
  })

/** A model of the bank's own, made of paper: what it was sent, and what it answers. */
async function openModel(answer: () => { status: number; body: string } | null) {
  const received: { body: string; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      received.push({ body, authorization: request.headers.authorization })
      const answered = answer()
      if (answered === null) return
      response.writeHead(answered.status, { 'content-type': 'application/json' }).end(answered.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const lines: string[] = []
  const { port } = server.address() as AddressInfo
  const assistant = openAssistant({
    url: `http://127.0.0.1:${port}/v1`,
    model: 'house-model',
    key: 'sk-secret',
    words: true,
    timeoutMs: 300,
    common,
    log: openLogger('debug', { write: (line) => void lines.push(line) }),
  })
  return {
    assistant,
    received,
    lines,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const sentence = clauseOf('can you send Xiomara the money 4821 to acct 998877', null, { names: ['Xiomara'] })

test('it is sent the sentence with everything blotted out that is somebody’s, and names an intent of ours', async () => {
  await using model = await openModel(() => ({ status: 200, body: answering('pay') }))
  assert.deepEqual(await model.assistant.second(sentence, 'en'), { name: 'pay', p: 0.65 })
  const [sent] = model.received
  for (const own of ['Xiomara', 'xiomara', '4821', '998877'])
    assert.equal(sent?.body.includes(own), false, own)
  assert.equal(sent?.authorization, 'Bearer sk-secret')
  assert.match(sent?.body ?? '', /can you send ‹name› the money ‹number› to ‹word› ‹number›/)
})

test('what it says besides is not looked at, and nothing it says can be more than a name from the list', () => {
  for (const said of [
    'gibberish',
    answering('transfer-everything'),
    answering(['pay']),
    answering('none'),
    JSON.stringify({ choices: [{ message: { content: 'I sent the money' } }] }),
    JSON.stringify({ choices: [] }),
  ])
    assert.equal(meaningOf(said), null, said)
  assert.deepEqual(meaningOf(answering('balance')), { name: 'balance', p: 0.65 })
  fc.assert(fc.property(fc.json(), (said) => meaningOf(said) === null))
})

test('slow, refusing, or endless: the customer is answered without it, and no log line holds a word or the key', async () => {
  for (const answer of [
    () => null,
    () => ({ status: 500, body: 'no' }),
    () => ({ status: 401, body: 'no' }),
    () => ({ status: 200, body: 'x'.repeat(200_000) }),
  ]) {
    await using model = await openModel(answer)
    assert.equal(await model.assistant.second(sentence, 'en'), null)
    assert.equal(model.lines.length, 1)
    assert.doesNotMatch(model.lines.join(''), /Xiomara|money|4821|sk-secret/)
  }
})

const saying = (content: string): string => JSON.stringify({ choices: [{ message: { content } }] })

test('where the bank lets it, it words an answer to small talk', async () => {
  await using model = await openModel(() => ({
    status: 200,
    body: saying('I am well, thank you for asking.'),
  }))
  assert.equal(
    await model.assistant.smallTalk(clauseOf('how are you my friend Xiomara', null), 'en'),
    'I am well, thank you for asking.',
  )
  assert.equal(model.received[0]?.body.includes('Xiomara'), false)
})

test('what speaks of money, of something done, or leads elsewhere is not said', () => {
  for (const said of [
    'Your balance is fine.',
    'I sent it.',
    'Done.',
    'Visit example.com',
    'Call me at 555',
    'Ya está hecho.',
    'C’est fait, votre virement est parti.',
    'x'.repeat(161),
    'one\ntwo',
    '',
  ])
    assert.equal(harmless(saying(said)), null, said)
  assert.equal(harmless('not json'), null)
  assert.equal(harmless(saying('Nice of you to ask.')), 'Nice of you to ask.')
})

test('twin: with every word called common, the name would have gone', () => {
  const everything = { has: () => true } as unknown as ReadonlySet<string>
  assert.match(blot(clauseOf('send Xiomara the money', null), everything), /xiomara/)
})
