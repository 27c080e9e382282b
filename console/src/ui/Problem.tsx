import type { Failure } from '../graph/failures'
import { nextStep } from '../lib/causes'
import { Notice } from './Notice'

const NOT_ALLOWED = new Set(['MISSING_SCOPE', 'UNAUTHENTICATED'])

interface Props {
  title: string
  causes: readonly Failure[]
  retry: () => void
  locked?: string // the title if the reader is not allowed to
}

/** A failure with its causes and a retry button; or what the reader is not allowed to see, and who can change that. */
export function Problem({ title, causes, retry, locked }: Props) {
  const isLocked = causes.length > 0 && causes.every(({ code }) => code && NOT_ALLOWED.has(code))
  if (isLocked) return <NotAllowed causes={causes} title={locked} />
  return (
    <Notice
      tone="bad"
      alert
      title={title}
      action={
        <button type="button" onClick={retry}>
          Try again
        </button>
      }
    >
      <Causes causes={causes} />
    </Notice>
  )
}

/** What the reader's key does not permit. A retry would not help. */
export function NotAllowed({ causes, title = 'You are not allowed to see this.' }: { causes: readonly Failure[]; title?: string | undefined }) {
  if (causes.some(({ code }) => code === 'UNAUTHENTICATED')) return <Notice tone="locked" title="Sign in to see this." />
  return (
    <Notice tone="locked" title={title}>
      <Causes causes={causes} />
      <p>Ask the operator of this service to extend your key.</p>
    </Notice>
  )
}

const Causes = ({ causes }: { causes: readonly Failure[] }) => (
  <ul>
    {causes.map(({ message, code }) => (
      <li key={message}>
        {message} {code && <code>{code}</code>} {nextStep(code)}
      </li>
    ))}
  </ul>
)
