// `bottender start`, as its own command line runs it in production (dist/cli/providers/sh/start.js), told to us when ready.
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const bottender = require('bottender').bottender
const express = require('express')
const bodyParser = require('body-parser')

const app = bottender({ dev: false })
const handle = app.getRequestHandler()
await app.prepare()
const server = express()
const verify = (req, _res, buffer) => {
  req.rawBody = buffer.toString()
}
server.use(bodyParser.json({ verify }))
server.use(bodyParser.urlencoded({ extended: false, verify }))
server.all('*', (req, res) => handle(req, res))
process.once('disconnect', () => process.exit(0))
const listening = server.listen(0, '127.0.0.1', () => process.send?.({ ready: listening.address().port }))
