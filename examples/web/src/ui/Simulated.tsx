/** Marks an account with simulated data: the amounts are not real costs. */
export const Simulated = ({ account }: { account: { sandbox: boolean } }) =>
  account.sandbox && (
    <span className="tag" title="Simulated data, never real costs">
      simulated
    </span>
  )
