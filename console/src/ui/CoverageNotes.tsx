import { isLacking, readCoverage, type Coverage, type MaskedCoverage } from '../graph/coverage'
import { nextStep } from '../lib/causes'
import { moment } from '../lib/time'
import { Link } from './Link'
import { EmptyState, Notice } from './Notice'

const TITLES = {
  PARTIAL: 'is incomplete',
  STALE: 'is out of date',
  MISSING: 'is missing',
} as const

interface Props {
  coverage: MaskedCoverage
  retry: () => void
}

/** One message for each account whose data is partial, stale or missing here; nothing if all is there. */
export function CoverageNotes({ coverage, retry }: Props) {
  const lacking = readCoverage(coverage).filter(isLacking)
  if (lacking.length === 0) return null
  return (
    <div className="notices">
      {lacking.map((entry) => (
        <Lacking key={entry.account.id} entry={entry} retry={retry} />
      ))}
    </div>
  )
}

function Lacking({ entry, retry }: { entry: Coverage; retry: () => void }) {
  const { account, status, code, message, asOf } = entry
  if (status === 'COMPLETE') return null
  return (
    <Notice
      tone={status === 'MISSING' ? 'bad' : 'warn'}
      title={`${account.name} ${TITLES[status]}.`}
      action={
        <button type="button" onClick={retry}>
          Try again
        </button>
      }
    >
      <p>
        {message} {code && <code>{code}</code>} {asOf && <>Read {moment(asOf)}.</>}
      </p>
      <p>{nextStep(code)}</p>
    </Notice>
  )
}

interface EmptyProps extends Props {
  what: string // plural, such as "invoices"
  clear?: (() => void) | undefined // removes the filters; undefined if there are none
}

/** Says why a list is empty: no account could be read, nothing matches the filters, or the accounts have no such data. */
export function EmptyList({ coverage, what, clear, retry }: EmptyProps) {
  const entries = readCoverage(coverage)
  const asked = entries.filter((entry) => !isPassedOver(entry))
  const missing = entries.filter((entry) => entry.status === 'MISSING' && isLacking(entry))
  if (entries.length === 0 && clear)
    return (
      <EmptyState title="The chosen accounts are not visible to you." action={<Button text="Clear filters" act={clear} />}>
        <p>They do not exist, or your key does not grant them.</p>
      </EmptyState>
    )
  if (entries.length === 0)
    return (
      <EmptyState title="No account is visible to you.">
        <p>The configuration names no account, or your key grants none. Ask the operator of this service.</p>
      </EmptyState>
    )
  if (asked.length === 0)
    return (
      <EmptyState title={`None of these accounts can have such ${what}.`} action={clear && <Button text="Clear filters" act={clear} />}>
        {[...new Set(entries.map(({ message }) => message))].map((message) => (
          <p key={message}>{message}</p>
        ))}
      </EmptyState>
    )
  if (missing.length === asked.length)
    return (
      <EmptyState tone="bad" title={`The ${what} are not known: no account could be read.`} action={<Button text="Try again" act={retry} />}>
        <ul>
          {missing.map(({ account, message, code }) => (
            <li key={account.id}>
              {message} {code && <code>{code}</code>}
            </li>
          ))}
        </ul>
        <Link href="accounts">See what to do</Link>
      </EmptyState>
    )
  if (missing.length > 0)
    return (
      <EmptyState tone="warn" title={`The accounts that could be read have no matching ${what}.`} action={<Button text="Try again" act={retry} />}>
        <p>Not read: {missing.map(({ account }) => account.name).join(', ')}.</p>
      </EmptyState>
    )
  if (clear) return <EmptyState title={`No ${what} match these filters.`} action={<Button text="Clear filters" act={clear} />} />
  return <EmptyState title={`There are no ${what}.`} />
}

/** Whether the account was not called because its provider never has what was asked for. The message says so. */
const isPassedOver = ({ status, asOf, message }: Coverage) => status === 'COMPLETE' && !asOf && Boolean(message)

const Button = ({ text, act }: { text: string; act: () => void }) => (
  <button type="button" onClick={act}>
    {text}
  </button>
)
