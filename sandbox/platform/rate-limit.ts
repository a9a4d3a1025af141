import { dayMs, hourMs } from '../../src/core/clock.ts'
import { fail, type Failure } from './graph-error.ts'

/** Calls of one Page: within the current second (text and media apart) and within 24 hours, by hour. */
export type Meter = {
  second: number
  text: number
  media: number
  hours: { at: number; calls: number }[]
  dayCalls: number
  header: string
  percent: number
}

export const createMeter = (): Meter => ({
  second: 0,
  text: 0,
  media: 0,
  hours: [],
  dayCalls: 0,
  header: '',
  percent: -1,
})

/** Reference §11: sends a second for each Page, and messaging calls in 24 hours for each person the Page can message. */
export const pageLimits = { textPerSecond: 300, mediaPerSecond: 10, callsPerPersonPerDay: 200 } as const

/** Counts one send. Too many in this second: 613; too many in 24 hours: 80006. */
export function meterSend(meter: Meter, now: number, media: boolean, engagedPeople: number): Failure | null {
  const second = Math.floor(now / 1000)
  if (meter.second !== second) {
    meter.second = second
    meter.text = 0
    meter.media = 0
  }
  const hour = Math.floor(now / hourMs) * hourMs
  const last = meter.hours.at(-1)
  if (last?.at === hour) last.calls++
  else {
    meter.hours.push({ at: hour, calls: 1 })
    while (meter.hours.length > 0 && (meter.hours[0]?.at ?? 0) <= now - dayMs)
      meter.dayCalls -= meter.hours.shift()?.calls ?? 0
  }
  meter.dayCalls++
  if (meter.dayCalls > pageLimits.callsPerPersonPerDay * Math.max(engagedPeople, 1))
    return fail('messenger_rate')
  if (media ? ++meter.media > pageLimits.mediaPerSecond : ++meter.text > pageLimits.textPerSecond)
    return fail('send_rate')
  return null
}

/** `X-Business-Use-Case-Usage`: percentages, and minutes to wait once over. Rebuilt only when the percentage moves. */
export function usageHeader(meter: Meter, pageId: string, engagedPeople: number): string {
  const percent = Math.min(
    100,
    Math.floor((100 * meter.dayCalls) / (pageLimits.callsPerPersonPerDay * Math.max(engagedPeople, 1))),
  )
  if (percent !== meter.percent) {
    meter.percent = percent
    const usage = {
      type: 'messenger',
      call_count: percent,
      total_cputime: 1,
      total_time: 1,
      estimated_time_to_regain_access: percent >= 100 ? 60 : 0,
    }
    meter.header = JSON.stringify({ [pageId]: [usage] })
  }
  return meter.header
}
