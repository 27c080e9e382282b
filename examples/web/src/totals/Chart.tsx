import type Big from 'big.js'
import { useId } from 'react'
import { written } from '../lib/money'
import { monthName } from '../lib/time'
import type { Month, Series } from './monthly'
import { place, ticks } from './scale'

const HEIGHT = 96 // pixels

/** The totals in one currency as bars, with a scale of its own. A month without a stated total has no bar, not even one of 0. */
export function Chart({ series, position }: { series: Series; position: number }) {
  const id = useId()
  const { currency, months, total } = series
  const scale = ticks(months.flatMap((month) => month.total ?? []), 3)
  const ends = [scale[0]!, scale.at(-1)!] as const
  const heightOf = (amount: Big) => HEIGHT * (1 - place(amount, ends))
  return (
    <figure className="chart" data-series={position % 4}>
      <figcaption>
        <b>{currency}</b> {written(total.toFixed())}
      </figcaption>
      <div className="scale" aria-hidden="true">
        {scale.map((tick) => (
          <span key={tick.toFixed()} style={{ top: heightOf(tick) }}>
            {written(tick.toFixed())}
          </span>
        ))}
      </div>
      <svg role="img" height={HEIGHT} aria-labelledby={`${id}-title ${id}-text`}>
        <title id={`${id}-title`}>{`Totals by month in ${currency}`}</title>
        <desc id={`${id}-text`}>{`${written(total.toFixed(), currency)} in total. The table below has every number.`}</desc>
        {scale.map((tick) => (
          <line key={tick.toFixed()} x2="100%" y1={heightOf(tick)} y2={heightOf(tick)} className={tick.eq('0') ? 'zero' : ''} />
        ))}
        {months.map((month, index) => (
          <Bar key={month.month} month={month} currency={currency} at={index / months.length} width={1 / months.length} heightOf={heightOf} />
        ))}
      </svg>
    </figure>
  )
}

interface BarProps {
  month: Month
  currency: string
  at: number // where its month starts and how wide it is, as fractions of the chart's width
  width: number
  heightOf: (amount: Big) => number
}

function Bar({ month: { month, total, stated }, currency, at, width, heightOf }: BarProps) {
  if (!total) return null
  const zero = heightOf(total.times('0'))
  const end = heightOf(total)
  const invoices = `${stated} ${stated === 1 ? 'invoice' : 'invoices'}`
  return (
    <g>
      <title>{`${monthName(month)}: ${written(total.toFixed(), currency)}, ${invoices}`}</title>
      <rect className="reach" x={percent(at)} width={percent(width)} height={HEIGHT} />
      <rect className="bar" x={percent(at + width * 0.15)} width={percent(width * 0.7)} y={Math.min(zero, end)} height={Math.max(1, Math.abs(zero - end))} />
    </g>
  )
}

const percent = (share: number) => `${share * 100}%`
