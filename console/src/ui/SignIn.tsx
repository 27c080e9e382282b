import { KeyRound } from 'lucide-react'
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
    <form className="card sign-in" onSubmit={enter}>
      <h2>
        <KeyRound className="icon" aria-hidden="true" /> Sign in
      </h2>
      <p className="note">The key stays in the memory of this page. A reload forgets it.</p>
      <label className="field">
        <span>API key or token</span>
        <input type="password" autoComplete="off" required value={value} onChange={(event) => setValue(event.target.value)} />
      </label>
      <button type="submit" className="primary">
        Sign in
      </button>
    </form>
  )
}
