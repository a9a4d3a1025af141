import { audit } from './audit.ts'
import { converse } from './conversations.ts'

/* The same conversations with the gate off; prints what the audit finds. Run by tests/leaks.test.ts in a process of its own. */
const [seed = '1', conversations = '100'] = process.argv.slice(2)
await using run = await converse({ seed: Number(seed), conversations: Number(conversations), trouble: false })
const { messages, hits, unaccounted } = await audit(run.house, run.knowledge)
process.stdout.write(
  `${JSON.stringify({ messages, hits, unaccounted: unaccounted.length, first: unaccounted.slice(0, 3) })}\n`,
)
