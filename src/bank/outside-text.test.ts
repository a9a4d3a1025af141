import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dropNumbers, lastFourOf, outsideText } from './outside-text.ts'

test('text from outside is one short line without tricks', () => {
  const table: [unknown, string | null][] = [
    ['Corner Deli', 'Corner Deli'],
    ['  two\r\n lines\t', 'two lines'],
    ['pay \u202Eknab\u202C now', 'pay knab now'],
    ['zero\u200bwidth\u2066x\u2069', 'zerowidthx'],
    ['nul\u0000l', 'nul l'],
    ['tag\u{e0041}s', 'tags'],
    ['lone \ud800 half', 'lone half'],
    ['Café São', 'Café São'],
    ['', null],
    ['\u200b\u2060', null],
    [42, null],
    [{}, null],
  ]
  for (const [given, expected] of table) assert.equal(outsideText(given, 60), expected)
  assert.equal(outsideText('x'.repeat(500), 20), `${'x'.repeat(19)}…`)
})

test('account and card numbers stop at the connector', () => {
  const table: [string, string][] = [
    ['CARD 4111111111111111 CORNER', 'CARD ··1111 CORNER'],
    ['CARD 4111 1111 1111 1111', 'CARD ··1111'],
    ['TO 00012345678', 'TO ··5678'],
    ['FROM 20-40-99 12345678', 'FROM ··5678'],
    ['TO GB29 NWBK 6016 1331 9268 19', 'TO ··6819'],
    ['ORDER 1234567', 'ORDER 1234567'],
    ['STORE #0042 2026-11-20', 'STORE #0042 2026-11-20'],
    ['CALL 800-555-0100', 'CALL 800-555-0100'],
  ]
  for (const [given, expected] of table) assert.equal(dropNumbers(given), expected)
})

test('no run of eight digits and no invisible character ever passes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('0', '1', '4', '7', '9', ' ', '-') }),
      (text, digits) => {
        const out = outsideText(text + digits, 80)
        if (out === null) return
        assert.ok(Array.from(out).length <= 80)
        assert.doesNotMatch(out, /\d{8}|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      },
    ),
  )
})

test('the last four digits come from whatever mask the bank uses', () => {
  const table: [unknown, string][] = [
    ['3223', '3223'],
    ['...6884', '6884'],
    ['XXXX-9979', '9979'],
    ['7000003223', '3223'],
    ['••12', ''],
    [null, ''],
  ]
  for (const [given, expected] of table) assert.equal(lastFourOf(given), expected)
})
