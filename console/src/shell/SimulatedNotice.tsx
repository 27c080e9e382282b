import { FlaskConical } from 'lucide-react'
import { useAccounts } from '../graph/accounts'

/** Says that all or some of the accounts have simulated data. */
export function SimulatedNotice() {
  const { accounts } = useAccounts()
  const simulated = accounts.filter(({ sandbox }) => sandbox).length
  if (simulated === 0) return null
  return (
    <p className="simulated">
      <FlaskConical className="icon" aria-hidden="true" />
      {simulated === accounts.length
        ? 'Simulated data, never real costs'
        : `${simulated} of ${accounts.length} accounts are simulated: never real costs`}
    </p>
  )
}
