import { useReactiveVar } from '@apollo/client/react'
import { useAccounts, type KnownAccount } from '../graph/accounts'
import { lastSaid } from '../graph/answers'
import type { Said } from '../graph/combined'
import { isLacking } from '../graph/coverage'
import { moment } from '../lib/time'
import { Link } from '../ui/Link'

const STATES = { COMPLETE: 'current', PARTIAL: 'incomplete', STALE: 'out of date', MISSING: 'missing' } as const

interface Entry {
  readonly account: KnownAccount
  readonly said: Said | undefined
}

/** How fresh and complete the data of each account is: one quiet line, unless something is wrong. */
export function AccountStrip({ retry }: { retry: () => void }) {
  const { accounts } = useAccounts()
  const latest = useReactiveVar(lastSaid)
  const entries = accounts.map((account): Entry => ({ account, said: latest.get(account.id) }))
  const lacking = entries.filter(({ said, account }) => (said && isLacking(said)) || (!said && account.health.status === 'FAILING'))
  if (accounts.length === 0) return null
  return (
    <section className="strip" aria-label="State of the accounts" data-loud={lacking.length > 0 || undefined}>
      <Link className="brief" href="accounts">
        {brief(entries)}
      </Link>
      <ul>
        {entries.map((entry) => (
          <State key={entry.account.id} entry={entry} />
        ))}
      </ul>
      {lacking.length > 0 && (
        <button type="button" onClick={retry}>
          Reload
        </button>
      )}
    </section>
  )
}

/** One line for narrow screens, where the accounts do not fit side by side. */
function brief(entries: readonly Entry[]): string {
  const read = entries.filter(({ said }) => said).length
  return read === entries.length ? `${read} accounts are current` : `${read} of ${entries.length} accounts were read and are current`
}

function State({ entry: { account, said } }: { entry: Entry }) {
  const isFailing = said ? isLacking(said) : account.health.status === 'FAILING'
  const code = said?.code ?? account.health.code
  const read = said?.asOf ?? account.health.lastSuccessAt
  const word = said && isFailing ? STATES[said.status] : isFailing ? 'failing' : said?.code === 'UNLISTED' ? 'as configured' : 'current'
  return (
    <li data-state={isFailing ? (said?.status ?? 'MISSING') : said ? 'COMPLETE' : 'UNKNOWN'} title={read ? `Read ${moment(read)}` : 'Not read yet'}>
      <Link href="accounts">{account.name}</Link> <span>{said || isFailing ? word : 'not read yet'}</span>
      {isFailing && code && <code>{code}</code>}
      {isFailing && <small>{read ? `read ${moment(read)}` : 'not read'}</small>}
    </li>
  )
}
