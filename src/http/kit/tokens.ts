/**
 * The neutral colours of both themes. Warm paper rather than screen white, so that a bank's own colour is the only
 * strong one on the page. Contrasts are held by tests/pages.test.ts.
 */
export const themes = {
  light: {
    paper: '#f7f5f0',
    surface: '#ffffff',
    sunk: '#edeae3',
    ink: '#191c20',
    soft: '#555a62',
    line: '#dedad1',
    edge: '#7d8189',
    chat: '#e7ebf0',
    bubble: '#ffffff',
    good: '#17643a',
    'good-tint': '#e2f1e7',
    warn: '#764700',
    'warn-tint': '#fbefd6',
    bad: '#a11f1a',
    'bad-tint': '#fbe8e6',
  },
  dark: {
    paper: '#121417',
    surface: '#1b1e22',
    sunk: '#25292e',
    ink: '#eeebe5',
    soft: '#adb1b9',
    line: '#33383e',
    edge: '#858b94',
    chat: '#0d1013',
    bubble: '#282d33',
    good: '#86d6a5',
    'good-tint': '#16301f',
    warn: '#f0c470',
    'warn-tint': '#352a12',
    bad: '#ffa69e',
    'bad-tint': '#3d1d1b',
  },
} as const satisfies Record<'light' | 'dark', Record<string, `#${string}`>>
export type Theme = keyof typeof themes

const block = (theme: Theme): string =>
  Object.entries(themes[theme])
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')

/** The custom properties of both themes, as a style sheet. */
export const tokensCss = (): string =>
  `:root{color-scheme:light dark;${block('light')}}@media(prefers-color-scheme:dark){:root{${block('dark')}}}`
