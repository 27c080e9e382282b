import { failures } from '../../graph/failures'
import { useAccounts, type KnownAccount } from '../../graph/accounts'
import { moment } from '../../lib/time'
import { Badge, type Tone } from '../../ui/Badge'
import { EmptyList } from '../../ui/CoverageNotes'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Simulated } from '../../ui/Simulated'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'

const HEALTH: Readonly<Record<KnownAccount['health']['status'], readonly [Tone, string]>> = {
  HEALTHY: ['good', 'Healthy'],
  FAILING: ['bad', 'Failing'],
  UNKNOWN: ['quiet', 'Not called yet'],
}

const NEVER = <span className="unknown">not since the start</span>

const COLUMNS: readonly Column<KnownAccount>[] = [
  {
    key: 'account',
    header: 'Account',
    cell: (account) => (
      <>
        {account.name} <Simulated account={account} />
      </>
    ),
  },
  { key: 'provider', header: 'Provider', cell: ({ provider }) => provider.name },
  { key: 'health', header: 'Health', cell: ({ health }) => <Badge tone={HEALTH[health.status][0]}>{HEALTH[health.status][1]}</Badge> },
  { key: 'success', header: 'Last success', cell: ({ health }) => (health.lastSuccessAt ? moment(health.lastSuccessAt) : NEVER) },
  { key: 'failure', header: 'Last failure', cell: ({ health }) => (health.lastFailureAt ? moment(health.lastFailureAt) : NEVER) },
  { key: 'cause', header: 'Cause', cell: ({ health }) => health.code && <code>{health.code}</code> },
]

export default function AccountsPage() {
  const { accounts, error, loading, again } = useAccounts()
  return (
    <Page title="Accounts">
      {error && !loading && <Problem title="The accounts could not be loaded." causes={failures(error)} retry={again} />}
      {loading && accounts.length === 0 && <Skeleton lines={4} what="the accounts" />}
      {!loading && !error && accounts.length === 0 && <EmptyList coverage={[]} what="accounts" retry={again} />}
      {accounts.length > 0 && (
        <Section title="Health" note="How each provider has responded since the service started.">
          <Table caption="Health of the accounts" columns={COLUMNS} rows={accounts} rowKey={({ id }) => id} />
        </Section>
      )}
    </Page>
  )
}
