/** Grey bars where an answer is awaited, and a word for those who do not see them. */
export function Skeleton({ lines, what }: { lines: number; what: string }) {
  return (
    <div className="skeleton" role="status">
      <span className="unseen">Reading {what}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="bone" />
      ))}
    </div>
  )
}
