import { shortMonth } from '../lib/time'

const LABELS = 6 // at most: as many as a narrow screen has room for

/** The months below the bars, as many of them as can be read. */
export function MonthAxis({ months }: { months: readonly string[] }) {
  const every = Math.ceil(months.length / LABELS)
  return (
    <div className="months" aria-hidden="true">
      {months.map((month, index) => (
        <span key={month}>{index % every === 0 && shortMonth(month)}</span>
      ))}
    </div>
  )
}
