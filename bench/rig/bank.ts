import { openBanks } from '../../src/bank/open.ts'
import { publicJwks } from '../../src/bank/keys.ts'
import { openLogger } from '../../src/core/logger.ts'
import { isRefusal } from '../../src/core/refusal.ts'
import { people } from '../../sandbox/people/people.ts'
import { type RunningBanks, startBanks } from '../../sandbox/bank/start.ts'
import { visitBank } from '../../sandbox/bank/visit.ts'
import { answerParent } from './child.ts'
import type { Seeding } from './customers.ts'

/*
 * The bank: the sandbox's real authorization server and FDX API (DPoP proofs checked, consents re-read at each call), as
 * a process of its own. It also walks its own login pages, so that customers hold tokens that a bank really gave.
 */
type Key = JsonWebKey & { kid: string }
let banks: RunningBanks | null = null
const redirectUri = 'http://localhost:9/link/return'

async function open({ clientKeys }: { clientKeys: readonly Key[] }): Promise<string> {
  const { keys } = publicJwks(clientKeys.map((jwk) => ({ kid: jwk.kid, jwk })))
  banks = await startBanks({
    host: '127.0.0.1',
    ports: { harbor: 0, granite: 0, erable: 0, thistle: 0 },
    clients: [{ clientId: 'guichet', name: 'Guichet', jwks: { keys }, redirectUris: [redirectUri] }],
    dataDir: null,
  })
  return banks.urls.harbor
}

/** Links `many` times through our own connector, and gives the tokens. */
async function link({
  many,
  clientKeys,
}: {
  many: number
  clientKeys: readonly Key[]
}): Promise<Seeding['tokens']> {
  const [key] = clientKeys
  if (!banks || !key) throw new Error('the bank is not open')
  const url = banks.urls.harbor
  await using connected = openBanks(
    [
      {
        id: 'harbor',
        standard: 'fdx',
        issuer: url,
        resourceUrl: `${url}/fdx/v6`,
        clientId: 'guichet',
        allowHttpLoopback: true,
      },
    ],
    { clientKey: { kid: key.kid, jwk: key }, log: openLogger('silent') },
  )
  const bank = connected.get('harbor')
  const logins = people.flatMap(({ logins: all }) => all.filter((login) => login.bank === 'harbor'))
  const held: { subject: string; tokens: Seeding['tokens'][number]['tokens'] }[] = []
  for (let n = 0; n < many; n++) {
    const login = logins[n % logins.length]
    if (!bank || !login) throw new Error('nobody banks at harbor')
    const { url: loginUrl, pending } = await bank.begin({
      purpose: 'link',
      redirectUri,
      days: 90,
      lookbackDays: 90,
    })
    const authorized = await bank.finish(pending, new URL(await visitBank(loginUrl, login)))
    if (isRefusal(authorized)) throw new Error(`the bank refused: ${authorized.refused}`)
    held.push({ subject: authorized.subject, tokens: authorized.tokens })
  }
  return held
}

answerParent({ open, link })
process.send?.({ ready: null })
