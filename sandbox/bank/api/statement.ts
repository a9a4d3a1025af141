import { decimalText } from '../../../src/core/money.ts'
import type { Account, Bank } from '../bank.ts'
import type { Day } from '../ledger/calendar.ts'
import { dateText, dayOf, localDay } from '../ledger/calendar.ts'
import { stableId } from '../ledger/chance.ts'
import { historyDays } from '../ledger/ledger.ts'

/** A finished calendar month of one account. */
export type Statement = { readonly id: string; readonly firstDay: Day; readonly lastDay: Day }

/** Finished months within the bank's history, newest first. */
export function statementsOf(bank: Bank, account: Account): readonly Statement[] {
  const today = localDay(bank.clock(), account.customer.ledger.zone)
  const oldest = localDay(bank.base, account.customer.ledger.zone) - historyDays
  const now = new Date(today * 86_400_000)
  const found: Statement[] = []
  for (let back = 1; back <= 24; back++) {
    const firstDay = dayOf(now.getUTCFullYear(), now.getUTCMonth() + 1 - back, 1)
    if (firstDay < oldest) break
    const lastDay = dayOf(now.getUTCFullYear(), now.getUTCMonth() + 2 - back, 1) - 1
    found.push({ id: stableId('stm-', account.holding.id, firstDay), firstDay, lastDay })
  }
  return found
}

export const statementShape = (account: Account, statement: Statement, origin: string): unknown => ({
  accountId: account.holding.id,
  statementId: statement.id,
  statementDate: dateText(statement.lastDay),
  description: `Statement ${dateText(statement.firstDay)} to ${dateText(statement.lastDay)}`,
  status: 'AVAILABLE',
  links: [
    {
      href: `${origin}/fdx/v6/accounts/${account.holding.id}/statements/${statement.id}`,
      rel: 'self',
      action: 'GET',
      types: ['application/pdf'],
    },
  ],
})

/** PDF text: Latin-1 of WinAnsi, brackets escaped, everything else a question mark. */
const pdfText = (text: string): string =>
  text.replace(/[^\u0020-\u007e\u00a0-\u00ff]/gu, '?').replace(/[\\()]/g, (mark) => `\\${mark}`)

/** A small PDF 1.4 file: one page for each 48 lines, in a monospaced standard font. */
export function statementPdf(bank: Bank, account: Account, statement: Statement): Buffer {
  const { ledger, person } = account.customer
  const { holding } = account
  const currency = bank.institution.currency
  const rows = ledger
    .rows(holding.id)
    .filter((row) => !row.pending && row.day >= statement.firstDay && row.day <= statement.lastDay)
  const lines = [
    bank.institution.legalName,
    '',
    `${person.name}    ${holding.product}  ....${holding.lastFour}`,
    `${dateText(statement.firstDay)} - ${dateText(statement.lastDay)}`,
    '',
    ...rows
      .toReversed()
      .map(
        ({ day, entry }) =>
          `${dateText(day)}  ${entry.description.slice(0, 44).padEnd(44)} ${decimalText({ amountMinor: entry.amountMinor, currency }).padStart(12)}`,
      ),
  ]
  const pages: string[][] = []
  for (let at = 0; at < lines.length; at += 48) pages.push(lines.slice(at, at + 48))

  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((_, index) => `${4 + 2 * index} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>',
  ]
  for (const [index, page] of pages.entries()) {
    const stream = `BT /F1 10 Tf 50 780 Td 14 TL ${page.map((line) => `(${pdfText(line)}) Tj T*`).join(' ')} ET`
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * index} 0 R >>`,
      `<< /Length ${Buffer.byteLength(stream, 'latin1')} >>\nstream\n${stream}\nendstream`,
    )
  }
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const at = Buffer.byteLength(body, 'latin1')
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return at
  })
  const xref = Buffer.byteLength(body, 'latin1')
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets
    .map((at) => `${String(at).padStart(10, '0')} 00000 n \n`)
    .join('')}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`
  return Buffer.from(body, 'latin1')
}
