import type Big from 'big.js'
import { parts as digits } from '../../lib/money'
import { place, ticks } from '../../lib/scale'
import { monthOnly, yearOnly } from '../../lib/time'
import type { Stack } from './stack'

const HEIGHT = 176 // pixels
const LABELS = 7 // maximum, so that they fit on a narrow screen

interface Props {
  label: string
  currency: string
  stacks: readonly Stack[]
  tones: readonly number[] // the colour of each series
  notes: ReadonlyMap<string, string>
  pointed: number | undefined
  point: (index: number) => void
}

/** The bars with their scale and months. A month without a known amount has no bar, not even one of 0. */
export function Bars({ label, currency, stacks, tones, notes, pointed, point }: Props) {
  const scale = ticks(stacks.flatMap(({ parts }) => parts.map(({ to }) => to)), 4)
  const ends = [scale[0]!, scale.at(-1)!] as const
  const heightOf = (amount: Big) => HEIGHT * (1 - place(amount, ends))
  return (
    <>
      <div className="scale" aria-hidden="true">
        {scale.map((tick) => (
          <span key={tick.toFixed()} style={{ insetBlockStart: heightOf(tick) }}>
            {digits(tick.toFixed()).whole + digits(tick.toFixed()).fraction}
          </span>
        ))}
      </div>
      <svg role="img" height={HEIGHT} aria-label={label} data-currency={currency}>
        {scale.map((tick) => (
          <line key={tick.toFixed()} x2="100%" y1={heightOf(tick)} y2={heightOf(tick)} className={tick.eq('0') ? 'zero' : ''} />
        ))}
        {stacks.map((stack, index) => (
          <g key={stack.month} data-pointed={index === pointed || undefined} onPointerEnter={() => point(index)}>
            <rect className="reach" x={percent(index / stacks.length)} width={percent(1 / stacks.length)} height={HEIGHT} />
            <MonthBar stack={stack} tones={tones} at={index / stacks.length} width={1 / stacks.length} heightOf={heightOf} />
          </g>
        ))}
      </svg>
      <Months months={stacks.map(({ month }) => month)} notes={notes} />
    </>
  )
}

interface BarProps {
  stack: Stack
  tones: readonly number[]
  at: number // where its month starts and how wide it is, as fractions of the chart's width
  width: number
  heightOf: (amount: Big) => number
}

function MonthBar({ stack, tones, at, width, heightOf }: BarProps) {
  return stack.parts.map(({ series, from, to }) => {
    const [top, bottom] = [heightOf(from), heightOf(to)].toSorted((one, other) => one - other) as [number, number]
    return (
      <rect
        key={series}
        className="bar"
        data-series={tones[series]}
        x={percent(at + width * 0.18)}
        width={percent(width * 0.64)}
        y={top}
        height={Math.max(1, bottom - top)}
      />
    )
  })
}

/** The months below the bars; on a long axis only some of them. A ring marks a month that lacks amounts. */
function Months({ months, notes }: { months: readonly string[]; notes: ReadonlyMap<string, string> }) {
  const every = Math.ceil(months.length / LABELS)
  return (
    <div className="months" aria-hidden="true">
      {months.map((month, index) => (
        <span key={month} data-lacking={notes.has(month) || undefined}>
          {index % every === 0 && (
            <span>
              {monthOnly(month)}
              {isNewYear(month, months[index - every]) && <small>{yearOnly(month)}</small>}
            </span>
          )}
        </span>
      ))}
    </div>
  )
}

/** Whether a label is the first of its year. */
const isNewYear = (month: string, before: string | undefined) => month.slice(0, 4) !== before?.slice(0, 4)

const percent = (share: number) => `${share * 100}%`
