import { createHash } from 'node:crypto'
import type { Institution, Palette } from '../institution.ts'

const theme = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name.toLowerCase()}:${value}`)
    .join(';')

const rules = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;min-height:100vh;display:flex;flex-direction:column}
a{color:var(--accent);text-underline-offset:3px}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:6px}
.top{background:var(--surface);border-bottom:1px solid var(--line)}
.top>div{max-width:560px;margin:0 auto;padding:16px 24px;display:flex;align-items:center;gap:12px;flex-wrap:wrap}
.mark{width:36px;height:36px;flex:none;display:block}
.mark .tile{fill:var(--accent)}.mark .sign{fill:none;stroke:var(--onaccent);stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}
.name{font-weight:650;font-size:1.125rem;letter-spacing:-.01em;flex:1}
.lang{font-size:.9375rem;min-height:44px;display:inline-flex;align-items:center;padding:0 8px}
main{width:100%;max-width:560px;margin:0 auto;padding:32px 24px 48px;flex:1}
.wide main,.wide footer,.wide .top>div{max-width:720px}
h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.02em;margin:8px 0 12px;text-wrap:balance}
h2{font-size:1.0625rem;margin:0 0 8px}
p{margin:0 0 16px}
.quiet{color:var(--quiet)}.small{font-size:.9375rem}
.steps{display:flex;gap:8px;padding:0;margin:0 0 8px;list-style:none}
.steps li{height:6px;flex:1;border-radius:3px;background:var(--line)}
.steps .done{background:var(--accent)}
.step{color:var(--quiet);font-size:.9375rem;margin:0}
.card{background:var(--surface);border:1px solid var(--line);border-radius:16px;padding:24px;margin:0 0 16px}
.code{display:flex;gap:16px;align-items:center;flex-wrap:wrap;background:var(--wash);border-radius:12px;padding:16px;margin:0 0 16px}
.code b{font:700 1.375rem/1.2 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.06em;background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:8px 12px;white-space:nowrap}
.code span{flex:1;min-width:12rem}
label.field{display:block;font-weight:600;margin:0 0 16px}
label.field input{display:block;width:100%;margin-top:6px;padding:12px 14px;font:inherit;font-weight:400;color:inherit;background:var(--page);border:1px solid var(--quiet);border-radius:10px;min-height:48px}
.wrong{border-left:4px solid var(--danger);background:var(--wash);border-radius:0 10px 10px 0;padding:12px 16px;margin:0 0 16px;color:var(--text)}
.wrong b{color:var(--danger)}
.do{display:flex;gap:12px;flex-wrap:wrap;margin-top:8px}
button,.button{font:inherit;font-weight:600;min-height:48px;padding:12px 20px;border-radius:12px;border:1px solid var(--accent);background:var(--accent);color:var(--onaccent);cursor:pointer;flex:1 1 10rem;text-align:center;text-decoration:none;display:inline-block}
button.plain,.button.plain{background:transparent;color:var(--accent)}
button:hover,.button:hover{filter:brightness(1.08)}
fieldset{border:0;margin:0;padding:0;min-width:0}
legend{font-weight:600;padding:0;margin-bottom:12px}
.pick{display:flex;gap:14px;align-items:center;border:1px solid var(--line);border-radius:12px;padding:14px 16px;margin-bottom:10px;cursor:pointer;min-height:64px;background:var(--surface)}
.pick:has(input:checked){border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent);background:var(--wash)}
.pick input{width:22px;height:22px;accent-color:var(--accent);flex:none;margin:0}
.pick span{flex:1;min-width:0}.pick b{display:block;overflow-wrap:anywhere}.pick small{color:var(--quiet);font-size:.9375rem}
.pick .four{flex:none}
.four{font-variant-numeric:tabular-nums;white-space:nowrap}
.list{margin:0 0 16px;padding:0;list-style:none}
.list li{padding:12px 0 12px 32px;border-top:1px solid var(--line);position:relative}
.list li:first-child{border-top:0}
.list li::before{content:"";position:absolute;left:6px;top:19px;width:12px;height:6px;border:solid var(--accent);border-width:0 0 2.5px 2.5px;transform:rotate(-45deg)}
.list li.no::before{width:14px;height:0;border-width:0 0 2.5px;transform:none;top:23px;border-color:var(--quiet)}
.people{display:grid;gap:8px;margin:0;padding:0;list-style:none}
.people a{display:flex;justify-content:space-between;gap:12px;align-items:center;min-height:48px;padding:8px 14px;border:1px dashed var(--quiet);border-radius:10px;text-decoration:none;color:inherit;flex-wrap:wrap}
.people a:hover{background:var(--wash)}
.people code{color:var(--quiet)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875rem}
pre{background:var(--wash);border-radius:10px;padding:14px;overflow-x:auto;margin:0 0 16px;white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:0 0 16px}
th,td{text-align:left;padding:10px 8px 10px 0;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0;color:var(--quiet);font-weight:600;font-size:.9375rem}
caption{text-align:left;padding:4px 0}
td.money,th.money{padding-left:12px}
td.money{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:0}
th.money{text-align:right;padding-right:0}
.faults{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:10px}
.faults form{display:flex}
.faults button{flex:1;padding:8px 10px;font-size:.9375rem}
.faults+table{margin-top:24px}
.card>:last-child{margin-bottom:0}
.note{background:var(--wash);border-radius:12px;padding:12px 16px;margin:0 0 16px}
footer{max-width:560px;width:100%;margin:0 auto;padding:16px 24px 32px;color:var(--quiet);font-size:.9375rem}
@media (max-width:480px){main{padding:24px 16px 32px}footer{padding:16px 16px 24px}td,th{font-size:.9375rem}.card{padding:18px;border-radius:14px}h1{font-size:1.5rem}.top>div{padding:12px 16px}}
@media (prefers-reduced-motion:no-preference){.pick,button{transition:background-color .12s,border-color .12s}}
`

/** The bank's whole style sheet: its colours for both themes, then the rules every bank shares. */
export const styleOf = (institution: Institution): string =>
  `:root{color-scheme:light dark;${theme(institution.light)}}@media (prefers-color-scheme:dark){:root{${theme(institution.dark)}}}${rules}`

const markPaths = {
  harbor: 'M9 22c3 0 3-2 4.5-2s1.5 2 4.5 2 3-2 4.5-2 1.5 2 4.5 2M18 8v9M18 8l6 7h-6',
  granite: 'M8 26 15 12l5 9 3-5 5 10z',
  erable:
    'M18 28v-6M18 7l2.5 4.5 3-1-.8 5 4.3-.5-2 3 1.5 1.5-5 2.5.5 1.5-4-.5-4 .5.5-1.5-5-2.5 1.5-1.5-2-3 4.3.5-.8-5 3 1z',
  thistle:
    'M18 29v-9M12 13c0 5 2.5 7 6 7s6-2 6-7M12 13l3 2.5L18 8l3 7.5 3-2.5M18 25c-3 0-4-1-5-3M18 25c3 0 4-1 5-3',
} as const

/** The bank's mark as SVG text: a tile with a sign drawn on it. */
export const markOf = (institution: Institution): string =>
  `<svg class="mark" viewBox="0 0 36 36" aria-hidden="true" focusable="false"><rect class="tile" width="36" height="36" rx="9"/><path class="sign" d="${markPaths[institution.key]}"/></svg>`

/** The same mark as a file on its own (`/mark.svg`), with its colours inside. */
export const markFile = (institution: Institution): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="9" fill="${institution.light.accent}"/><path d="${markPaths[institution.key]}" fill="none" stroke="${institution.light.onAccent}" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>`

/**
 * Headers of every page: nothing runs, nothing is fetched from elsewhere, nobody frames it. `targets` are origins that
 * a form may end up at by redirect (browsers hold `form-action` against the whole chain).
 */
export function pageHeaders(
  institution: Institution,
  targets: readonly string[],
): Readonly<Record<string, string>> {
  const style = createHash('sha256').update(styleOf(institution)).digest('base64')
  return {
    'content-security-policy': `default-src 'none'; style-src 'sha256-${style}'; img-src 'self'; form-action 'self' ${targets.join(' ')}; frame-ancestors 'none'; base-uri 'none'`,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Not `no-referrer`: with it browsers send `Origin: null` on forms, and the origin is checked.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  }
}
