type Child = Node | string | null | undefined | false
type Attributes = {
  readonly [name: string]: string | number | boolean | null | undefined | ((event: Event) => void)
}

/** An element with attributes, listeners (`onclick` …) and children. Text is always text: nothing here parses HTML. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (name === 'class') element.className = String(value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(
    ...children.filter(
      (child): child is Node | string => child !== null && child !== undefined && child !== false,
    ),
  )
  return element
}

export const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id)
  if (!element) throw new Error(`no #${id} on the page`)
  return element
}

/** Line icons, 24 by 24, drawn for this page. */
const paths = {
  send: 'M4 12 20 4l-5 16-3.5-6.5L4 12Zm7.5 1.5L20 4',
  plus: 'M12 5v14M5 12h14',
  menu: 'M4 7h16M4 12h16M4 17h16',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  shield: 'M12 3l8 3v6c0 4.6-3.4 7.8-8 9-4.6-1.2-8-4.4-8-9V6l8-3Zm-3.5 9 2.5 2.5 4.5-5',
  alert: 'M12 4 2.8 20h18.4L12 4Zm0 6v4.5M12 17.5h.01',
  external: 'M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5',
  phone: 'M8 3h8a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2Zm3 15h2',
  lock: 'M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6v-9Z',
  image: 'M4 5h16v14H4V5Zm0 11 5-5 4 4 3-3 4 4M9 9h.01',
  mic: 'M12 4a3 3 0 0 1 3 3v4a3 3 0 0 1-6 0V7a3 3 0 0 1 3-3ZM6 11a6 6 0 0 0 12 0M12 17v3',
  file: 'M7 3h7l4 4v14H7V3Zm7 0v4h4',
  pin: 'M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.500C5 14.8 12 21 12 21Zm0-9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  reply: 'M10 8V4L3 11l7 7v-4c5 0 8 1.5 11 6-.5-6-3.5-12-11-12Z',
  edit: 'M4 20h4L19 9l-4-4L4 16v4ZM13 7l4 4',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-8 9c0-4 3.6-6 8-6s8 2 8 6',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-6v2m0 16v2M4.9 4.900l1.4 1.400m11.4 11.4 1.4 1.400M2 12h2m16 0h2M4.9 19.100l1.4-1.400M17.7 6.300l1.4-1.4',
  bolt: 'M13 3 5 14h6l-1 7 8-11h-6l1-7Z',
  check: 'M5 12.500l4.5 4.500L19 7.5',
} as const
export type IconName = keyof typeof paths

export function icon(name: IconName): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(namespace, 'svg')
  for (const [key, value] of Object.entries({
    viewBox: '0 0 24 24',
    width: '24',
    height: '24',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '2',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
    class: `icon icon-${name}`,
  }))
    svg.setAttribute(key, value)
  const path = document.createElementNS(namespace, 'path')
  path.setAttribute('d', paths[name])
  svg.append(path)
  return svg
}

/** A stable colour for a name, from a small set checked for white text (at least 4.5:1). */
const hues = ['#1d4ed8', '#0f766e', '#b42318', '#7c3aed', '#9a3412', '#a21caf', '#166534', '#475569'] as const
export function colourOf(name: string): string {
  // Constants chosen so that the sandbox's own people and banks all differ.
  let hash = 17
  for (const character of name) hash = (Math.imul(hash, 115) + (character.codePointAt(0) ?? 0)) >>> 0
  return hues[((hash ^ (hash >>> 15)) >>> 0) % hues.length] as string
}
export const initials = (name: string): string =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 32).toUpperCase())
    .join('') || '?'

export function avatar(name: string, size = ''): HTMLElement {
  const element = h('span', { class: `avatar ${size}`, 'aria-hidden': 'true' }, initials(name))
  element.style.setProperty('--tint', colourOf(name))
  return element
}
