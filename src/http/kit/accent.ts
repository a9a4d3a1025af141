import { invariant } from '../../core/refusal.ts'
import { type Theme, themes } from './tokens.ts'

/** A colour as sRGB, each channel 0 to 1. */
type Rgb = readonly [number, number, number]
/** Lightness 0 to 1, chroma, hue in radians (https://bottosson.github.io/posts/oklab/). */
type Oklch = { readonly l: number; readonly c: number; readonly h: number }

const parseHex = (hex: string): Rgb => {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex)
  invariant(match, 'a colour is written #rrggbb')
  const channel = (index: number): number => Number.parseInt(match[index] ?? '0', 16) / 255
  return [channel(1), channel(2), channel(3)]
}
const toHex = (rgb: Rgb): string =>
  `#${rgb
    .map((value) =>
      Math.round(value * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`

const linear = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
const gamma = (value: number): number =>
  value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055

const luminance = (hex: string): number => {
  const [r, g, b] = parseHex(hex).map(linear) as unknown as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** What is seen where `over` covers `under` with this opacity. */
export function blend(over: string, under: string, opacity: number): string {
  const top = parseHex(over)
  return toHex(
    parseHex(under).map((value, i) => value * (1 - opacity) + (top[i] ?? 0) * opacity) as unknown as Rgb,
  )
}

function oklch(hex: string): Oklch {
  const [r, g, b] = parseHex(hex).map(linear) as unknown as Rgb
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  const b2 = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  return {
    l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    c: Math.hypot(a, b2),
    h: Math.atan2(b2, a),
  }
}

/** The nearest colour a screen can show: chroma is given up before lightness or hue. */
function hexOf({ l, c, h }: Oklch): string {
  for (let chroma = c; ; chroma = chroma < 0.002 ? 0 : chroma * 0.92) {
    const a = chroma * Math.cos(h)
    const b = chroma * Math.sin(h)
    const l3 = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3
    const m3 = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3
    const s3 = (l - 0.0894841775 * a - 1.291485548 * b) ** 3
    const rgb = [
      gamma(4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3),
      gamma(-1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3),
      gamma(-0.0041960863 * l3 - 0.7034186147 * m3 + 1.707614701 * s3),
    ] as const
    if (chroma === 0 || rgb.every((value) => value >= -0.0005 && value <= 1.0005))
      return toHex(rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Rgb)
  }
}

/** A bank's colour, worked out for one theme. All `#rrggbb`. */
export type Tones = {
  /** The broad band on top; white words stand on it, also where the line pattern crosses. */
  readonly band: string
  /** Buttons, links, marks: readable as words on every surface, and under `onAccent`. */
  readonly accent: string
  readonly onAccent: string
  /** A breath of the colour, behind what is chosen. */
  readonly tint: string
}

/** The share of white that the engraved lines add to the band at most. */
export const patternOpacity = 0.14
const enough = 4.5

/**
 * One accent, any colour a bank brings, made readable: keeps its hue, moves its lightness until every pair of words
 * and ground reaches 4.5:1 (WCAG 2.2 SC 1.4.3).
 */
export function tones(accent: string, theme: Theme): Tones {
  const brand = oklch(accent)
  const grounds = themes[theme]
  const dark = theme === 'dark'
  const tint = hexOf({ ...brand, l: dark ? 0.29 : 0.955, c: Math.min(brand.c, dark ? 0.05 : 0.028) })

  let band = { ...brand, l: Math.min(brand.l, dark ? 0.33 : 0.42), c: Math.min(brand.c, dark ? 0.09 : 0.16) }
  while (contrast('#ffffff', blend('#ffffff', hexOf(band), patternOpacity)) < enough + 1)
    band = { ...band, l: band.l - 0.01 }

  const onAccent = dark ? '#101214' : '#ffffff'
  const under = [grounds.paper, grounds.surface, grounds.sunk, tint, onAccent]
  let words = { ...brand, l: dark ? Math.max(brand.l, 0.76) : Math.min(brand.l, 0.5) }
  while (under.some((ground) => contrast(hexOf(words), ground) < enough)) {
    words = { ...words, l: words.l + (dark ? 0.01 : -0.01) }
    invariant(words.l > 0 && words.l < 1, 'black or white would have been readable')
  }
  return { band: hexOf(band), accent: hexOf(words), onAccent, tint }
}
