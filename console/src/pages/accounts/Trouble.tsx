import type { KnownAccount } from '../../graph/accounts'
import type { Coverage } from '../../graph/coverage'
import { causeOf, nextStep } from '../../lib/causes'
import { moment } from '../../lib/time'
import { Notice, type NoticeTone } from '../../ui/Notice'

const SHOWN = {
  COMPLETE: 'The invoices are complete.',
  PARTIAL: 'Some invoices are missing.',
  STALE: 'An earlier state is shown.',
  MISSING: 'No invoice is shown.',
} as const

interface Props {
  account: KnownAccount
  said: Coverage | undefined // about its invoices; undefined while they are read
  busy: boolean
  retry: () => void
}

/** Why an account cannot be read as it should, and the next step. Nothing if all is well. */
export function Trouble({ account: { provider, health }, said, busy, retry }: Props) {
  const code = said?.code ?? health.code
  if (!code) return null
  if (code === 'UNLISTED') return <Unlisted provider={provider.name} />
  const tone: NoticeTone = said?.status === 'STALE' ? 'warn' : 'bad'
  return (
    <Notice tone={tone} title={causeOf(provider.name, code)} action={<Retry busy={busy} retry={retry} />}>
      <p>{nextStep(code)}</p>
      {said && (
        <p className="note">
          {SHOWN[said.status]} {said.asOf && `It was read ${moment(said.asOf)}.`}
        </p>
      )}
      <p>
        <code>{code}</code>
      </p>
    </Notice>
  )
}

/** How the provider is, not a failure. */
const Unlisted = ({ provider }: { provider: string }) => (
  <p className="note">
    {causeOf(provider, 'UNLISTED')} {nextStep('UNLISTED')}
  </p>
)

const Retry = ({ busy, retry }: { busy: boolean; retry: () => void }) => (
  <button type="button" disabled={busy} onClick={retry}>
    {busy ? 'Reading' : 'Try again'}
  </button>
)
