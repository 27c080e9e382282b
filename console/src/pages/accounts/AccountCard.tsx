import type { KnownAccount } from '../../graph/accounts'
import { readCoverage } from '../../graph/coverage'
import { failures } from '../../graph/failures'
import { hrefOf } from '../../lib/address'
import { moment, periodName } from '../../lib/time'
import { Badge, type Tone } from '../../ui/Badge'
import { Link } from '../../ui/Link'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Simulated } from '../../ui/Simulated'
import { Fact, Facts } from '../../ui/Stat'
import { Trouble } from './Trouble'
import { type Check, useCheck } from './useCheck'

const HEALTH: Readonly<Record<KnownAccount['health']['status'], readonly [Tone, string]>> = {
  HEALTHY: ['good', 'Healthy'],
  FAILING: ['bad', 'Failing'],
  UNKNOWN: ['quiet', 'Not called yet'],
}

const READING = <span className="unknown">being read</span>
const NEVER = <span className="unknown">none since the service started</span>
const NOT_KNOWN = <span className="unknown">not known</span>

interface Props {
  account: KnownAccount
  onRead: () => void // after the account was read: its health may have changed
}

/** One account: who bills it, whether it can be read, and what to do if not. It is read by a query of its own. */
export function AccountCard({ account, onRead }: Props) {
  const check = useCheck(account.id, onRead)
  const { id, name, health } = account
  // The reference has an error of its own, often for the same reason as the invoices.
  const causes = failures(check.error)
  const said = readCoverage(check.account?.invoices.coverage ?? [])[0]
  const others = causes.filter(({ code }) => !code || code !== said?.code)
  return (
    <Section title={name} busy={check.loading} note={<Note account={account} />} actions={<Links id={id} />}>
      {others.length > 0 && !check.loading && <Problem title="The account could not be read in full." causes={others} retry={check.again} />}
      <Trouble account={account} said={said} busy={check.loading} retry={check.again} />
      <Facts>
        <Fact name="Last success">{health.lastSuccessAt ? moment(health.lastSuccessAt) : NEVER}</Fact>
        <Fact name="Last failure">{health.lastFailureAt ? moment(health.lastFailureAt) : NEVER}</Fact>
        <Fact name="Invoices">
          <Count check={check} />
        </Fact>
        <Fact name="Newest invoice">
          <Newest check={check} />
        </Fact>
        <Fact name="Customer ID">{check.account?.reference ?? (check.loading ? READING : causes.length > 0 ? NOT_KNOWN : undefined)}</Fact>
        <Fact name="ID in this service">
          <code>{id}</code>
        </Fact>
      </Facts>
    </Section>
  )
}

function Note({ account }: { account: KnownAccount }) {
  const [tone, word] = HEALTH[account.health.status]
  return (
    <>
      {account.provider.name} <Badge tone={tone}>{word}</Badge> <Simulated account={account} />
    </>
  )
}

const Links = ({ id }: { id: string }) => (
  <>
    <Link href={hrefOf('invoices', { accounts: id, period: 'all' })}>Invoices</Link>
    <Link href={hrefOf('credits', { accounts: id })}>Credits</Link>
  </>
)

function Count({ check: { account, loading } }: { check: Check }) {
  if (!account) return loading ? READING : NOT_KNOWN
  return account.invoices.totalCount ?? NOT_KNOWN
}

function Newest({ check: { account, loading } }: { check: Check }) {
  if (!account) return loading ? READING : NOT_KNOWN
  const newest = account.invoices.edges[0]?.node
  if (newest) return <Link href={hrefOf('invoice', { id: newest.id })}>{periodName(newest.period)}</Link>
  return account.invoices.totalCount === 0 ? <span className="unknown">none</span> : NOT_KNOWN
}
