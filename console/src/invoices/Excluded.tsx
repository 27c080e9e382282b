import { isLacking, readCoverage, type MaskedCoverage } from '../graph/coverage'

/** What the filter leaves out because it is not known whether it matches, for each account. */
export function Excluded({ coverage }: { coverage: MaskedCoverage }) {
  const entries = readCoverage(coverage).filter((entry) => entry.status === 'PARTIAL' && !isLacking(entry) && entry.message)
  if (!entries.some(({ code }) => !code)) return null
  return (
    <details className="excluded">
      <summary>Some invoices are left out, because they do not state what the filter asks for.</summary>
      <ul>
        {entries.map(({ account, message }) => (
          <li key={account.id}>
            <strong>{account.name}</strong>: {message}
          </li>
        ))}
      </ul>
    </details>
  )
}
