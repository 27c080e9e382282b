import { Badge } from './Badge'

/** Marks an account with simulated data: the amounts are not real costs. */
export const Simulated = ({ account }: { account: { sandbox: boolean } }) =>
  account.sandbox && <Badge title="Simulated data, never real costs">simulated</Badge>
