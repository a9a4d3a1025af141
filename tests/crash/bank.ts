import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRandom } from '../../sandbox/platform/random.ts'
import { centsOf } from './speech.ts'

/** A bank that takes its time: one account a customer, whose balance tells whose it is. The token is the customer. */
export async function openSlowBank(
  seed: number,
): Promise<AsyncDisposable & { readonly port: number; onRead: (() => void) | null }> {
  const random = createRandom(seed)
  const bank = { onRead: null as (() => void) | null }
  const server = createServer((request, response) => {
    bank.onRead?.()
    const psid = /^DPoP (\d+)$/.exec(request.headers.authorization ?? '')?.[1]
    const account = {
      depositAccount: {
        accountId: `acc-${psid}`,
        accountCategory: 'DEPOSIT_ACCOUNT',
        accountType: 'CHECKING',
        accountNumberDisplay: '4821',
        nickname: 'Checking',
        status: 'OPEN',
        currency: { currencyCode: 'USD' },
        currentBalance: centsOf(psid ?? '0') / 100,
        availableBalance: centsOf(psid ?? '0') / 100,
      },
    }
    setTimeout(
      () => {
        response.writeHead(psid === undefined ? 401 : 200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(psid === undefined ? {} : { accounts: [account] }))
      },
      random.next() ** 2 * 400,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(bank, {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
