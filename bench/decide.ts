import { readFileSync } from 'node:fs'
import { channelKinds, type Channel } from '../src/channel/channel.ts'
import { encodeSend } from '../src/channel/messenger/encode.ts'
import { fieldNames } from '../src/consent/field.ts'
import type { GrantView } from '../src/consent/grant-view.ts'
import { purposeNames } from '../src/consent/purpose.ts'
import { randomBytesPooled } from '../src/core/id.ts'
import { isRefusal } from '../src/core/refusal.ts'
import { openWords } from '../src/core/words.ts'
import type { Answer } from '../src/disclosure/answer.ts'
import { compilePolicy } from '../src/disclosure/compile.ts'
import { decide, type Question } from '../src/disclosure/decide.ts'
import { fact } from '../src/disclosure/fact.ts'
import { readPolicy } from '../src/disclosure/policy.ts'
import { prepare, type PrepareContext } from '../src/disclosure/prepare.ts'

const seconds = 1.5

/** How often `work` runs in a second, after a warm-up. `work` does `each` things and is timed over a fixed stretch. */
function rate(each: number, work: () => void): number {
  for (const until = performance.now() + 400; performance.now() < until; ) work()
  const start = performance.now()
  let runs = 0
  while (performance.now() - start < seconds * 1000) {
    work()
    runs++
  }
  return (runs * each * 1000) / (performance.now() - start)
}

/**
 * How fast the gate decides and prepares on one core: decisions per second over every (field, purpose, channel), and
 * microseconds to prepare a message without facts, a masked balance and a list of five payments (encoding, log entry
 * and its HMACs included).
 */
export async function benchDecide(): Promise<Record<string, number>> {
  const read = readPolicy(readFileSync(new URL('../policies/harbor.json', import.meta.url), 'utf8'))
  if (isRefusal(read)) throw new Error('policies/harbor.json is faulty')
  const policy = compilePolicy(read)
  const now = Date.parse('2026-11-20T15:00:00Z')
  const grant: GrantView = {
    grantId: 'grt_bench',
    version: 1,
    state: 'active',
    channel: 'messenger',
    institution: 'harbor',
    validUntil: now + 86_400_000,
    accounts: new Set(['acc-1', 'acc-2']),
    items: { balance: 'mask', transactions: 'say', insights: 'say' },
  }
  const questions: Question[] = []
  for (const field of fieldNames)
    for (const purpose of purposeNames)
      for (const channel of channelKinds)
        questions.push({
          field,
          purpose,
          channel,
          accountId: 'acc-2',
          policy,
          grant,
          once: false,
          state: 'open',
          now,
        })
  let kept = 0
  const decisionsPerSecond = rate(questions.length, () => {
    for (const question of questions) if (decide(question).exposure === 'withhold') kept++
  })
  if (kept === 0) throw new Error('nothing was withheld: the benchmark measures nothing')

  const channel: Pick<Channel, 'encode'> = {
    encode: (request) => encodeSend(request, { kind: 'messenger', httpsOnly: true }),
  }
  const context: PrepareContext = {
    to: { channel: 'messenger', account: '100200', user: '7300000000000001' },
    channel,
    route: 'response',
    state: 'open',
    policy,
    grant,
    once: false,
    now,
    words: openWords('en-US'),
    timeZone: 'America/New_York',
    institutionName: 'Harbor Bank',
    links: { card: 'https://gate.example/card/crd_0123456789abcdef' },
    subjectKey: randomBytesPooled(32),
  }
  const microsOf = (answer: Answer): number =>
    1e6 /
    rate(100, () => {
      for (let i = 0; i < 100; i++)
        if (prepare(answer, context) === null) throw new Error('nothing was prepared')
    })
  const common = { institution: 'harbor', because: 'asked' } as const
  const help: Answer = {
    ...common,
    purpose: null,
    lines: [{ key: 'help.text' }],
    choices: [
      { title: 'button.balance', payload: 'balance' },
      { title: 'button.agent', payload: 'agent' },
    ],
  }
  const money = (amountMinor: number) => ({ type: 'money', money: { amountMinor, currency: 'USD' } }) as const
  const text = (value: string) => ({ type: 'text', text: value }) as const
  const balance: Answer = {
    ...common,
    purpose: 'balance',
    lines: [
      {
        key: 'balance.said',
        needs: { available: fact('balance.available', money(234_018), 'acc-1') },
        may: { account: fact('account.nickname', text('Checking'), 'acc-1') },
      },
    ],
    masked: { ready: 'balance.masked' },
    once: 'again:1',
  }
  const payments: Answer = {
    ...common,
    purpose: 'transactions',
    lines: [{ key: 'transactions.head' }],
    rows: Array.from({ length: 5 }, (_, i) => ({
      key: 'transactions.row.out' as const,
      needs: {
        amount: fact('transaction.amount', money(1250 + i), 'acc-1'),
        date: fact(
          'transaction.date',
          { type: 'date', at: now - i * 86_400_000, withTime: false } as const,
          'acc-1',
        ),
      },
      may: { merchant: fact('transaction.merchant', text('Corner Market'), 'acc-1') },
    })),
    masked: { ready: 'transactions.masked' },
  }
  return {
    decisionsPerSecond: Math.round(decisionsPerSecond),
    prepareHelpMicros: microsOf(help),
    prepareMaskedBalanceMicros: microsOf(balance),
    prepareFivePaymentsMicros: microsOf(payments),
  }
}
