import { type Html, raw } from './html.ts'

/** Drawn on a 24 × 24 grid with a 1.75 stroke, in the words' colour. */
const shapes = {
  lock: '<path d="M7 11V8a5 5 0 0 1 10 0v3"/><rect x="5" y="11" width="14" height="9" rx="2.5"/><path d="M12 15v2"/>',
  unlock:
    '<path d="M7 11V8a5 5 0 0 1 9.6-2"/><rect x="5" y="11" width="14" height="9" rx="2.5"/><path d="M12 15v2"/>',
  device: '<rect x="7" y="3" width="10" height="18" rx="2.5"/><path d="M11 18h2"/>',
  back: '<path d="M4 12h16M10 6l-6 6 6 6"/>',
  open: '<path d="M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4"/>',
  chat: '<path d="M20 12a7.5 7.5 0 0 1-11 6.6L4 20l1.5-4.4A7.5 7.5 0 1 1 20 12z"/>',
  check: '<path d="M5 13l4 4L19 7"/>',
  alert: '<path d="M12 4l9 16H3z"/><path d="M12 10v4M12 17v.1"/>',
  info: '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8v.1"/>',
  search: '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
  chevron: '<path d="M7 10l5 5 5-5"/>',
  key: '<circle cx="8" cy="15" r="4"/><path d="M11 12l8-8M16 7l3 3M13 10l2 2"/>',
  download: '<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>',
  clock: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3 2"/>',
  groceries:
    '<path d="M4 5h2l2 10h9l2-7H7"/><circle cx="9.5" cy="19" r="1.25"/><circle cx="16" cy="19" r="1.25"/>',
  restaurants: '<path d="M8 3v8M5 3v4a3 3 0 0 0 6 0V3M8 11v10M17 21v-8c-2 0-3-2-3-4 0-3 1-6 3-6z"/>',
  coffee:
    '<path d="M5 9h11v5a5 5 0 0 1-5 5h-1a5 5 0 0 1-5-5zM16 10.5h1.5a2.5 2.5 0 0 1 0 5H16M8.5 3.5v2M12.5 3.5v2"/>',
  transport: '<path d="M5 16V9l2-4h10l2 4v7zM5 11h14"/><path d="M7 16v2.5M17 16v2.5M8 13.5v.1M16 13.5v.1"/>',
  fuel: '<path d="M5 20V6a2 2 0 0 1 2-2h5a2 2 0 0 1 2 2v14M4 20h11M7.5 8h4M14 12h1.5a1.5 1.5 0 0 1 1.5 1.5V16a1.5 1.5 0 0 0 3 0V9l-3-3"/>',
  travel: '<path d="M3 13l18-7-6 14-3-6z"/>',
  shopping: '<path d="M6 8h12l1 12H5zM9 10V7a3 3 0 0 1 6 0v3"/>',
  home: '<path d="M4 11l8-7 8 7M6 10v10h12V10M10 20v-5h4v5"/>',
  utilities: '<path d="M6 3h12v18l-3-2-3 2-3-2-3 2zM9.5 8h5M9.5 12h5"/>',
  health: '<path d="M12 20C5 15 3 11 5 7.5S11 5 12 8c1-3 5-4 7-.5S19 15 12 20z"/>',
  entertainment: '<path d="M4 7h16v4a2 2 0 0 0 0 3v4H4v-4a2 2 0 0 0 0-3zM14 7v11"/>',
  subscriptions: '<path d="M5 12a7 7 0 0 1 12-5l2 2M19 5v4h-4M19 12a7 7 0 0 1-12 5l-2-2M5 19v-4h4"/>',
  education: '<path d="M3 9.5L12 5l9 4.5-9 4.5zM7 11.5V16c3 2 7 2 10 0v-4.5"/>',
  cash: '<rect x="3" y="6" width="18" height="12" rx="2"/><circle cx="12" cy="12" r="2.75"/>',
  income: '<path d="M12 4v12M7 11l5 5 5-5M5 20h14"/>',
  transfer: '<path d="M4 9h15M15 5l4 4-4 4M20 15H5M9 11l-4 4 4 4"/>',
  fees: '<circle cx="7.5" cy="7.5" r="2.5"/><circle cx="16.5" cy="16.5" r="2.5"/><path d="M18 6L6 18"/>',
  none: '<circle cx="12" cy="12" r="8.5"/><path d="M9.75 9.75a2.25 2.25 0 1 1 3.25 2c-.7.35-1 .9-1 1.75M12 16.5v.1"/>',
  other: '<circle cx="12" cy="12" r="8.5"/><path d="M8.5 12h.1M12 12h.1M15.5 12h.1"/>',
} as const
export type IconName = keyof typeof shapes

/** A small drawing that repeats what the words beside it say; hidden from screen readers. */
export const icon = (name: IconName): Html =>
  raw(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shapes[name]}</svg>`)
