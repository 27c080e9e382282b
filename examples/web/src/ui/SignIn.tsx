import { type FormEvent, useState, useSyncExternalStore } from 'react'
import { isRefused, setCredential, subscribe } from '../graph/credential'

/** Asks for an API key or a token while the service refuses requests without one. */
export function SignIn({ onEntered }: { onEntered: () => void }) {
  const refused = useSyncExternalStore(subscribe, isRefused)
  const [value, setValue] = useState('')
  if (!refused) return null
  const enter = (event: FormEvent) => {
    event.preventDefault()
    setCredential(value)
    setValue('')
    onEntered()
  }
  return (
    <form className="problem" onSubmit={enter}>
      <label>
        API key or token{' '}
        <input type="password" autoComplete="off" required value={value} onChange={(event) => setValue(event.target.value)} />
      </label>{' '}
      <button type="submit">Sign in</button>
    </form>
  )
}
