import { monthName } from '../lib/time'

interface Props {
  months: readonly string[]
  silent: ReadonlyMap<string, number>
}

/** A dot for each month with invoices that state no total. The bars above do not include them. */
export function Silent({ months, silent }: Props) {
  if (silent.size === 0) return null
  return (
    <div className="silent" aria-hidden="true">
      <span>no total stated</span>
      <div>
        {months.map((month) => {
          const many = silent.get(month)
          return <i key={month} data-silent={many} title={many ? `${monthName(month)}: ${many} without a total` : undefined} />
        })}
      </div>
    </div>
  )
}
