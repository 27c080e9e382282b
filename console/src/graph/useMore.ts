import { useRef, useState } from 'react'

interface Page {
  readonly error?: Error | undefined
}

/** Reads the next page of a list on request, one at a time. `error` is the failure of the latest page. */
export function useMore(read: () => Promise<Page>) {
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  const asking = useRef(false)

  async function more() {
    if (asking.current) return
    asking.current = true
    setBusy(true)
    setError(undefined)
    try {
      setError((await read()).error)
    } catch (failure) {
      setError(failure as Error)
    } finally {
      asking.current = false
      setBusy(false)
    }
  }

  return { more: () => void more(), error, busy }
}
