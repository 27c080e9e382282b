import { shortMonth } from '../lib/time'

const LABELS = 6 // maximum, so that they fit on a narrow screen

/** The months below the bars; on a long axis only some of them, to stay readable. */
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
