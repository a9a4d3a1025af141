/**
 * The forms of regular Spanish and French verbs that people type, without accents. Not a grammar: a form that nobody
 * types is left out, and one that is wrong but typed ("envoyé" for "envoyer") folds into a right one.
 */

/** A written form and the person it says, where it says one: "mandé" is "I sent". */
export type Form = {
  readonly form: string
  readonly who: '' | 'i' | 'you' | 'we' | 'they'
  readonly past: boolean
}

/** Pronouns written onto the end of a Spanish verb, longest first: "mandárselo" is "mandar", "se", "lo". */
const clitics = [
  'melos',
  'selos',
  'selas',
  'melo',
  'mela',
  'selo',
  'sela',
  'nos',
  'los',
  'las',
  'les',
  'me',
  'te',
  'lo',
  'la',
  'le',
  'se',
]

/** The verb and its pronouns apart, where the rest is a known verb form. */
export function withoutClitics(word: string, isVerb: (form: string) => boolean): string | undefined {
  for (const clitic of clitics) {
    const host = word.slice(0, -clitic.length)
    if (host.length >= 3 && word.endsWith(clitic) && isVerb(host))
      return `${host} ${clitic.length > 3 ? `${clitic.slice(0, 2)} ${clitic.slice(2)}` : clitic}`
  }
  return undefined
}

/** Forms of a Spanish verb in -ar, -er or -ir; `changed` is the stem that takes the stress ("pid" of "pedir"). */
export function spanishForms(infinitive: string, changed?: string): Form[] {
  const stem = infinitive.slice(0, -2)
  const strong = changed ?? stem
  const ar = infinitive.endsWith('ar')
  const ir = infinitive.endsWith('ir')
  const weak =
    ir && changed !== undefined && /[ie]$|i[^aeiou]*$/.test(strong) ? strong.replace('ie', 'i') : stem
  // Spelling kept for the sound: pagar, pagué; sacar, saqué; autorizar, autoricé.
  const soft = (s: string) => (ar ? s.replace(/g$/, 'gu').replace(/c$/, 'qu').replace(/z$/, 'c') : s)
  const hard = (s: string) => (ar ? s : s.replace(/c$/, 'zc').replace(/g$/, 'j'))
  const theme = ar ? 'a' : 'e'
  const other = ar ? 'e' : 'a'
  const command = ar ? soft(strong) : hard(strong)
  const out: Form[] = []
  const put = (form: string, who: Form['who'] = '', past = false) => out.push({ form, who, past })
  put(infinitive)
  put(`${hard(strong)}o`, 'i')
  put(`${strong}${theme}s`, 'you')
  put(`${strong}${theme}`)
  put(`${strong}${theme}n`, 'they')
  put(`${stem}${ar ? 'a' : ir ? 'i' : 'e'}mos`, 'we')
  put(`${command}${other}`)
  put(`${command}${other}s`)
  put(`${command}${other}n`)
  put(`${command}${other}mos`, 'we')
  if (ar) {
    put(`${soft(stem)}e`, 'i', true)
    put(`${stem}aste`, 'you', true)
    put(`${stem}astes`, 'you', true)
    put(`${stem}o`, '', true)
    put(`${stem}aron`, 'they', true)
  } else {
    put(`${stem}i`, 'i', true)
    put(`${stem}iste`, 'you', true)
    put(`${weak}io`, '', true)
    put(`${weak}ieron`, 'they', true)
  }
  const imperfect = ar ? 'aba' : 'ia'
  for (const end of ['', 's', 'n']) put(`${stem}${imperfect}${end}`, '', true)
  for (const end of ['o', 'a', 'os', 'as']) put(`${stem}${ar ? 'ad' : 'id'}${end}`, '', true)
  const gerund = `${ar ? stem : weak}${ar ? 'ando' : 'iendo'}`
  put(gerund)
  for (const end of ['e', 'a', 'as', 'an', 'emos']) put(`${infinitive}${end}`)
  for (const end of ['ia', 'ias', 'ian']) put(`${infinitive}${end}`)
  put(stem + (ar ? 'a' : ir ? 'i' : 'e'))
  return out
}

/** Forms of a French verb in -er, -ir, -re or -oir; irregular stems are written out in the gloss. */
export function frenchForms(infinitive: string): Form[] {
  const out: Form[] = []
  const put = (form: string, who: Form['who'] = '', past = false) => out.push({ form, who, past })
  put(infinitive)
  if (infinitive.endsWith('er')) {
    const stem = infinitive.slice(0, -2)
    const stems = [stem]
    if (stem.endsWith('y')) stems.push(`${stem.slice(0, -1)}i`)
    if (/[^aeiou]e[lt]$/.test(stem)) stems.push(stem + stem.at(-1))
    for (const s of stems) for (const end of ['e', 'es', 'ent', 'era', 'erai', 'erait', 'erez']) put(s + end)
    const before = stem.endsWith('g') ? `${stem}e` : stem
    for (const end of ['e', 'ee', 'es', 'ees']) put(stem + end, '', true)
    for (const end of ['ez', 'iez', 'i', 'er']) put(stem + end)
    put(`${before}ons`, 'we')
    for (const end of ['ais', 'ait', 'aient']) put(before + end, '', true)
    put(`${before}ant`)
  } else if (infinitive.endsWith('ir') && !infinitive.endsWith('oir')) {
    const stem = infinitive.slice(0, -2)
    for (const end of ['is', 'it', 'issez', 'issent', 'isse', 's', 't', 'e', 'es', 'ez', 'ent'])
      put(stem + end)
    for (const end of ['i', 'ie', 'is', 'ies', 'u', 'ue', 'ert', 'erte']) put(stem + end, '', true)
    put(`${stem}issons`, 'we')
  } else if (infinitive.endsWith('re')) {
    const stem = infinitive.slice(0, -2)
    for (const end of ['s', '', 't', 'ez', 'ent', 'e', 'es']) put(stem + end)
    for (const end of ['u', 'ue', 'us', 'ues', 'it', 'ite', 'is', 'ise']) put(stem + end, '', true)
    put(`${stem}ons`, 'we')
    for (const end of ['ais', 'ait', 'aient']) put(stem + end, '', true)
  }
  return out
}
