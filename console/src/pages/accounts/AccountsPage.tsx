import { useAccounts, type KnownAccount } from '../../graph/accounts'
import { failures } from '../../graph/failures'
import { EmptyList } from '../../ui/CoverageNotes'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { AccountCard } from './AccountCard'
import './accounts.css'

export default function AccountsPage() {
  const { accounts, error, loading, again } = useAccounts()
  const isFirst = loading && accounts.length === 0
  return (
    <Page title="Accounts" lead={accounts.length > 0 && <Summary accounts={accounts} />}>
      {error && !loading && <Problem title="The accounts could not be loaded." causes={failures(error)} retry={again} />}
      {!loading && !error && accounts.length === 0 && <EmptyList coverage={[]} what="accounts" retry={again} />}
      <div className="accounts">
        {isFirst && (
          <Section title="Accounts">
            <Skeleton lines={4} what="the accounts" />
          </Section>
        )}
        {accounts.map((account) => (
          <AccountCard key={account.id} account={account} onRead={again} />
        ))}
      </div>
    </Page>
  )
}

/** How many accounts there are, which of them fail, and which are simulated. */
function Summary({ accounts }: { accounts: readonly KnownAccount[] }) {
  const failing = accounts.filter(({ health }) => health.status === 'FAILING')
  const simulated = accounts.filter(({ sandbox }) => sandbox).length
  return (
    <>
      {accounts.length === 1 ? '1 account' : `${accounts.length} accounts`}
      {simulated > 0 && `, ${simulated === accounts.length ? 'all' : simulated} simulated`}.{' '}
      {failing.length > 0 ? `Failing: ${failing.map(({ name }) => name).join(', ')}.` : 'None is failing.'} The health is that of the latest call to
      the provider.
    </>
  )
}
