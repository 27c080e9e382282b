import { useState, useSyncExternalStore } from "react";
import { isRefused, subscribe, setCredential } from "./credential.js";

/** Asks for an API key or a token when the service has refused a request. `onEntered` runs afterwards. */
export function CredentialForm({ onEntered }) {
  const refused = useSyncExternalStore(subscribe, isRefused);
  const [value, setValue] = useState("");
  if (!refused) return null;
  const enter = (event) => {
    event.preventDefault();
    setCredential(value);
    setValue("");
    onEntered();
  };
  return (
    <form className="invoicegraph-credential" onSubmit={enter}>
      <label htmlFor="credential">This service needs an API key or a token. It stays in the memory of this page.</label>
      <input
        id="credential"
        type="password"
        autoComplete="off"
        spellCheck={false}
        required
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <button type="submit">Use</button>
    </form>
  );
}
