import Big from 'big.js'
import { useId, useState } from 'react'
import { place } from '../../lib/scale'
import { Sum } from '../../ui/Amount'
import type { ChartSeries } from '../../ui/chart/MonthChart'
import { type Stack, stacked } from '../../ui/chart/stack'

const AT_FIRST = 10

interface Props {
  title: string
  currency: string
  series: readonly ChartSeries[]
  places: ReadonlyMap<string, string> // the names of the bars, by id
}

/** Amounts in one currency as horizontal bars, the largest first. Each bar has its name and its exact amount as text. */
export function Ranking({ title, currency, series, places }: Props) {
  const id = useId()
  const [all, setAll] = useState(false)
  const stacks = stacked([...places.keys()], series).toSorted((one, other) => (other.total ?? new Big('0')).cmp(one.total ?? new Big('0')))
  const ends = endsOf(stacks)
  return (
    <figure className="ranking" aria-labelledby={id}>
      <figcaption id={id}>
        <span className="unseen">{title} in</span> <b>{currency}</b>
      </figcaption>
      {series.length > 1 && (
        <ul className="legend">
          {series.map(({ key, label, tone }) => (
            <li key={key} data-series={tone}>
              {label}
            </li>
          ))}
        </ul>
      )}
      <ol>
        {(all ? stacks : stacks.slice(0, AT_FIRST)).map((stack) => (
          <li key={stack.month}>
            <span className="name">{places.get(stack.month)}</span>
            <Sum money={stack.total && { currency, amount: stack.total.toFixed() }} />
            <Bar stack={stack} series={series} ends={ends} />
          </li>
        ))}
      </ol>
      {stacks.length > AT_FIRST && (
        <button type="button" className="plain" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? `Show the largest ${AT_FIRST}` : `Show all ${stacks.length}`}
        </button>
      )}
    </figure>
  )
}

interface BarProps {
  stack: Stack
  series: readonly ChartSeries[]
  ends: readonly [Big, Big]
}

/** A bar from zero in both directions. The text beside it has the amount for everyone. */
function Bar({ stack, series, ends }: BarProps) {
  const percent = (share: number) => `${share * 100}%`
  return (
    <span className="track" dir="ltr" aria-hidden="true">
      {stack.parts.map(({ series: index, from, to }) => {
        const [start, end] = [place(from, ends), place(to, ends)].toSorted((one, other) => one - other) as [number, number]
        return <span key={index} data-series={series[index]?.tone} style={{ left: percent(start), width: percent(end - start) }} />
      })}
      {ends[0].lt('0') && <span className="zero" style={{ left: percent(place(new Big('0'), ends)) }} />}
    </span>
  )
}

/** The lowest and the highest amount, with zero. */
function endsOf(stacks: readonly Stack[]): readonly [Big, Big] {
  const all = stacks.flatMap(({ parts }) => parts.map(({ to }) => to))
  const low = all.reduce((least, one) => (one.lt(least) ? one : least), new Big('0'))
  const high = all.reduce((most, one) => (one.gt(most) ? one : most), new Big('0'))
  return [low, high.gt(low) ? high : low.plus('1')]
}
