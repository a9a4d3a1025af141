import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { createInAppBrowser, webviewUserAgent } from './in-app-browser.ts'

test('the in-app browser says what it is, follows only allowed redirects, and asks nobody else for style', async () => {
  const agents: string[] = []
  const server = createServer((request, response) => {
    agents.push(
      `${request.url} ${request.headers['user-agent']} ${String(request.headers['x-requested-with'])}`,
    )
    if (request.url === '/away') response.writeHead(302, { location: 'https://elsewhere.test/' })
    else if (request.url === '/here') response.writeHead(302, { location: '/card' })
    else if (request.url === '/style.css') response.writeHead(200, { 'content-type': 'text/css' })
    else if (request.url === '/data') response.writeHead(200, { 'content-type': 'application/json' })
    else response.writeHead(200, { 'content-type': 'text/html' })
    response.end(
      request.url === '/style.css'
        ? 'p{color:red}'
        : request.url === '/card'
          ? '<!doctype html><head><title>Harbor &amp; Co</title><link rel="stylesheet" href="/style.css"></head><p>Open in your &#8220;own&#8221; browser</p><script>1</script>'
          : '',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  try {
    // Named as localhost, reached as 127.0.0.1: one machine.
    const browser = createInAppBrowser([base.replace('127.0.0.1', 'localhost')])
    const page = await browser.open(`${base}/here`)
    assert.ok('html' in page)
    assert.equal(page.title, 'Harbor & Co')
    assert.equal(page.text, 'Open in your “own” browser')
    assert.match(page.html, /<style>p\{color:red\}<\/style>/)
    assert.match(page.html, /<base href="[^"]+\/card" target="_blank">/)
    assert.equal(
      agents.every((agent) => agent.includes(webviewUserAgent) && agent.endsWith('com.facebook.orca')),
      true,
    )
    assert.deepEqual(await browser.open(`${base}/away`), { refused: 'not_allowed' })
    assert.deepEqual(await browser.open('https://elsewhere.test/'), { refused: 'not_allowed' })
    assert.deepEqual(await browser.open('file:///etc/hostname'), { refused: 'not_allowed' })
    assert.deepEqual(await browser.open(`${base}/data`), { refused: 'not_a_page' })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
