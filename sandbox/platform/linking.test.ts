import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manualClock, minuteMs } from '../../src/core/clock.ts'
import { ana, codeOf, openTestPlatform, pageId, type TestPlatform } from './fake-bot.ts'

const loginUrl = 'https://bank.test/link?state=1'
const offerLogin = async (it: TestPlatform): Promise<URL> => {
  it.control.sendText(ana, 'hello')
  await it.send(ana, {
    attachment: {
      type: 'template',
      payload: { template_type: 'button', text: 'Link', buttons: [{ type: 'account_link', url: loginUrl }] },
    },
  })
  return new URL(it.control.login(ana))
}
const linkEvents = (it: TestPlatform): unknown[] =>
  it.bot
    .events()
    .filter(({ event }) => 'account_linking' in event)
    .map(({ event }) => event['account_linking'])
const tokenOf = (url: URL): string => url.searchParams.get('account_linking_token') ?? ''
const lookUp = (it: TestPlatform, token: string): ReturnType<TestPlatform['graph']> =>
  it.graph(`me?fields=recipient&account_linking_token=${encodeURIComponent(token)}`)

test('Log in opens the bot’s page with a token and the way back; coming back with a code links the chat', async () => {
  await using it = await openTestPlatform()
  const url = await offerLogin(it)
  assert.equal(`${url.origin}${url.pathname}`, 'https://bank.test/link')
  assert.equal(url.searchParams.get('state'), '1')
  const who = await lookUp(it, tokenOf(url))
  assert.deepEqual(who.body, { id: pageId, recipient: ana })

  const back = url.searchParams.get('redirect_uri') ?? ''
  assert.match(back, /\?/)
  const page = await fetch(`${back}&authorization_code=code-123`)
  assert.match(await page.text(), /Back to your chat/)
  await it.control.settle()
  assert.deepEqual(linkEvents(it), [{ status: 'linked', authorization_code: 'code-123' }])

  // The way back works once: a second visit, as a prefetch or a forwarded address would make, links nothing.
  const again = await fetch(`${back}&authorization_code=code-456`)
  assert.match(await again.text(), /has ended/)
  await it.control.settle()
  assert.equal(linkEvents(it).length, 1)
})

test('coming back without a code links nothing', async () => {
  await using it = await openTestPlatform()
  const url = await offerLogin(it)
  assert.match(
    await (await fetch(url.searchParams.get('redirect_uri') ?? '')).text(),
    /Nothing was connected/,
  )
  await it.control.settle()
  assert.deepEqual(linkEvents(it), [])
})

test('a made-up token is invalid (10303), an old one expired (10301)', async () => {
  const clock = manualClock(1_795_000_000_000)
  await using it = await openTestPlatform({ clock: clock.now })
  const url = await offerLogin(it)
  assert.equal(codeOf(await lookUp(it, 'ARQnonsense')), '10303')
  clock.advance(5 * minuteMs + 1)
  assert.equal(codeOf(await lookUp(it, tokenOf(url))), '10301')
  const late = await fetch(
    `${it.platform.url}/messenger_platform/account_linking?account_linking_token=nonsense&authorization_code=1`,
  )
  assert.equal(late.status, 400)
})

test('the address in the browser goes through the platform: a tap on the phone page redirects to the login', async () => {
  await using it = await openTestPlatform()
  await offerLogin(it)
  const answer = await fetch(`${it.platform.url}/phone/login?page=${pageId}&psid=${ana}`, {
    redirect: 'manual',
  })
  assert.equal(answer.status, 303)
  assert.match(
    answer.headers.get('location') ?? '',
    /^https:\/\/bank\.test\/link\?.*account_linking_token=ARQ/,
  )
  assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
})

test('unlinking, by the button or by the API, is told without a code', async () => {
  await using it = await openTestPlatform()
  const url = await offerLogin(it)
  await fetch(`${url.searchParams.get('redirect_uri')}&authorization_code=c`)
  assert.equal((await it.graph('me/unlink_accounts', { psid: ana })).body['result'], 'unlink account success')
  assert.equal(codeOf(await it.graph('me/unlink_accounts', { psid: ana })), '100')
  await it.control.settle()
  assert.deepEqual(linkEvents(it).at(-1), { status: 'unlinked' })
})

test('nothing of a name is told for somebody who never wrote', async () => {
  await using it = await openTestPlatform()
  assert.equal(codeOf(await it.graph(`${ana}?fields=first_name`)), '100/33')
  it.control.sendText(ana, 'hi')
  const answer = await it.graph(`${ana}?fields=first_name,last_name,timezone`)
  assert.deepEqual(
    [answer.body['first_name'], answer.body['last_name'], answer.body['id']],
    ['Ana', 'Moreno', ana],
  )
})
