/** The mark of an account whose data was made up: nobody pays these amounts. */
export const Simulated = ({ account }: { account: { sandbox: boolean } }) =>
  account.sandbox && (
    <span className="tag" title="Simulated data, never real costs">
      simulated
    </span>
  )
