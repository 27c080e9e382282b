import { useMemo } from 'react'
import { type Changes, choose, useParams } from './address'
import { day, dayRange, firstOf, isDay, lastOf, monthOf, monthRange, shifted } from './time'

export const PRESETS = {
  month: 'This month',
  '3m': 'Last 3 months',
  '12m': 'Last 12 months',
  year: 'Year to date',
  all: 'All time',
  custom: 'Custom',
} as const

export type Preset = keyof typeof PRESETS

const DEFAULT: Preset = '12m'
const PARAMETERS = ['period', 'from', 'to'] as const

/** Days of the first and the last period start to show, both included. Undefined: no limit. */
export interface Period {
  readonly preset: Preset
  readonly from: string | undefined
  readonly to: string | undefined
}

/** The period in the address. The last months are whole months before this one; the current month is always included. */
export function periodOf(params: URLSearchParams, today: string): Period {
  const preset = presetOf(params)
  const month = monthOf(today)
  const until = (from: string | undefined) => ({ preset, from, to: lastOf(month) })
  if (preset === 'month') return until(firstOf(month))
  if (preset === '3m') return until(firstOf(shifted(month, -3)))
  if (preset === '12m') return until(firstOf(shifted(month, -12)))
  if (preset === 'year') return until(`${today.slice(0, 4)}-01-01`)
  if (preset === 'all') return { preset, from: undefined, to: undefined }
  return { preset, from: dayIn(params, 'from'), to: dayIn(params, 'to') }
}

export function usePeriod(): Period {
  const params = useParams()
  return useMemo(() => periodOf(params, new Date().toISOString().slice(0, 10)), [params])
}

/** The parameters of the period in the address, for links to other pages. */
export function usePeriodParameters(): Changes {
  const params = useParams()
  return useMemo(() => Object.fromEntries(PARAMETERS.map((name) => [name, params.get(name) ?? ''])), [params])
}

/** Changes to the preset. The custom period starts with the days that are shown now. */
export function choosePreset(preset: Preset, shown: Period): void {
  const isCustom = preset === 'custom'
  choose({ period: preset === DEFAULT ? '' : preset, from: isCustom ? shown.from : '', to: isCustom ? shown.to : '' })
}

/** The fields of a filter for the period. */
export const periodFilter = ({ from, to }: Period) => ({ ...(from && { periodFrom: from }), ...(to && { periodTo: to }) })

/** The period in words, such as "Nov 2025 – Nov 2026". */
export function periodText({ preset, from, to }: Period): string {
  const isCustom = preset === 'custom'
  if (from && to) return isCustom ? dayRange(from, to) : monthRange(from, to)
  if (from) return `from ${day(from)}`
  return to ? `until ${day(to)}` : 'all months'
}

function presetOf(params: URLSearchParams): Preset {
  const named = params.get('period')
  if (named && Object.hasOwn(PRESETS, named)) return named as Preset
  return dayIn(params, 'from') || dayIn(params, 'to') ? 'custom' : DEFAULT
}

function dayIn(params: URLSearchParams, name: string): string | undefined {
  const text = params.get(name)
  return text && isDay(text) ? text : undefined
}
