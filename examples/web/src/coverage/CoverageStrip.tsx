import { graphql, unmask, type FragmentType } from '../gql'
import type { CoverageStatus } from '../gql/graphql'
import { moment } from '../lib/time'
import { Simulated } from '../ui/Simulated'

const CoverageFragment = graphql(`
  fragment Coverage on Coverage {
    account {
      id
      name
      sandbox
    }
    status
    code
    message
    asOf
  }
`)

const WORDS: Readonly<Record<CoverageStatus, string>> = {
  COMPLETE: 'complete',
  PARTIAL: 'partial',
  STALE: 'out of date',
  MISSING: 'missing',
}

interface Props {
  coverage: readonly FragmentType<typeof CoverageFragment>[]
  retry: () => void
}

/** The coverage of each account. Missing data is always visible. */
export function CoverageStrip({ coverage, retry }: Props) {
  const accounts = unmask(CoverageFragment, coverage)
  const failed = accounts.some(({ status, code }) => status !== 'COMPLETE' && code && code !== 'UNLISTED')
  return (
    <section className="coverage" aria-labelledby="accounts">
      <h2 id="accounts" className="unseen">
        Accounts
      </h2>
      <ul>
        {accounts.map(({ account, status, code, message, asOf }) => (
          <li key={account.id} data-status={status} data-expected={code === 'UNLISTED' || undefined}>
            <div>
              <strong>{account.name}</strong>
              <span className="state">{WORDS[status]}</span>
            </div>
            {message && <p>{message}</p>}
            <small>{asOf ? `read ${moment(asOf)}` : 'not read'}</small> <Simulated account={account} />
          </li>
        ))}
      </ul>
      {failed && (
        <button type="button" onClick={retry}>
          Reload
        </button>
      )}
    </section>
  )
}
