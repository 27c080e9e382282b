/** Placeholder bars while data loads, with a text for screen readers. */
export function Skeleton({ lines, what }: { lines: number; what: string }) {
  return (
    <div className="skeleton" role="status">
      <span className="unseen">Loading {what}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="bone" />
      ))}
    </div>
  )
}
