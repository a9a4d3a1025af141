import { readFileSync, writeFileSync } from 'node:fs'
import { readExamples } from '../src/nlu/csv.ts'
import { profileOf } from '../src/nlu/language.ts'

/* Makes the table of src/nlu/language-profile.ts anew from the training sentences; to be run when these change. */
const own = (tag: string): string[] =>
  readExamples(new URL(`../nlu/own/${tag}.train.csv`, import.meta.url).pathname).map(({ text }) => text)
const file = new URL('../src/nlu/language-profile.ts', import.meta.url)
const table = profileOf({ en: own('en-US'), es: own('es-US'), fr: own('fr-CA') })
writeFileSync(
  file,
  readFileSync(file, 'utf8').replace(/`=[^`]*`\n$/, () => `\`${table}\`\n`),
)
