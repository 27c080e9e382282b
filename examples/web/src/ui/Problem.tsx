import type { Failure } from '../graph/failures'

/** An error message with its causes and a retry button. */
export function Problem({ title, causes, retry }: { title: string; causes: readonly Failure[]; retry: () => void }) {
  return (
    <div className="problem" role="alert">
      <strong>{title}</strong>
      <ul>
        {causes.map(({ message, code }) => (
          <li key={message}>
            {message} {code && <code>{code}</code>}
          </li>
        ))}
      </ul>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </div>
  )
}
