// Passkeys (WebAuthn Level 3): registering one, signing in, signing an act, signing a look. What is signed is the hash of a statement: of acts and looks
// this page computes it, at sign-in and registration the server does.
const text = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const bytes = base64 => Uint8Array.from(atob(base64.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));

const words = document.querySelector('[data-passkey-words]').dataset;
const fill = (said, value) => said.replace('{0}', value);

const post = async (path, body, method = 'POST') => {
  const answer = await fetch(path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const said = await answer.text();
  const read = said.length ? JSON.parse(said) : {};
  if (!answer.ok) throw new Error(read.detail ?? answer.statusText);
  return read;
};

const responded = (credential, names) => ({
  id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: credential.getClientExtensionResults(),
  response: Object.fromEntries(names.filter(n => credential.response[n]).map(n => [n, text(credential.response[n])])),
});

const sign = async (challenge, allow) => responded(await navigator.credentials.get({
  publicKey: { challenge, userVerification: 'required', rpId: location.hostname, allowCredentials: (allow ?? []).map(id => ({ type: 'public-key', id: bytes(id) })) },
}), ['authenticatorData', 'clientDataJSON', 'signature', 'userHandle']);

const make = async options => {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(c => ({ ...c, id: bytes(c.id) })),
    },
  });
  const answer = responded(made, ['clientDataJSON', 'attestationObject']);
  answer.response.transports = made.response.getTransports?.() ?? [];
  // The key's name in the log, computed here: whoever signs for it elsewhere compares.
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', made.response.getPublicKey()));
  return { answer, name: [...hash.slice(0, 16)].map(b => b.toString(16).padStart(2, '0')).join('') };
};

const ways = {
  async 'sign-in'(form, say) {
    const question = await post('/api/v1/sign-in/question', { address: form.elements.address.value.trim() });
    say(words.signIn);
    await post('/api/v1/sign-in', { state: question.state, answers: [await sign(bytes(question.challenge), [])] });
    location.assign(form.dataset.next);
  },
  async register(form, say) {
    const code = form.elements.code?.value.trim();
    const question = await post('/api/v1/passkeys/question', code ? { code } : {});
    say(words.make);
    const made = await make(question.options);
    const prove = await post('/api/v1/passkeys/made', { state: question.state, answers: [made.answer] });
    const answers = [];
    for (const allow of prove.allow) {
      say(answers.length === 0 ? words.proves : words.vouches);
      answers.push(await sign(bytes(prove.challenge), allow));
    }
    const registered = await post('/api/v1/passkeys', { state: prove.state, answers });
    if (registered.entry !== undefined) location.assign(form.dataset.next);
    else if (registered.says) say(`${registered.says} ${fill(words.name, made.name)}`);
    else say(fill(words.waits, made.name));
  },
  async act(form, say) {
    const challenge = await crypto.subtle.digest('SHA-256', bytes(form.elements.statement.value));
    say(words.act);
    form.elements.assertion.value = JSON.stringify(await sign(challenge, JSON.parse(form.dataset.allow)));
    form.submit();
  },
  async look(form, say) {
    const ask = await post('/api/v1/asks', JSON.parse(form.dataset.ask));
    say(words.look);
    const assertion = await sign(await crypto.subtle.digest('SHA-256', bytes(ask.bytes)), JSON.parse(form.dataset.allow));
    await post(`/api/v1/asks/${ask.id}/signature`, { kind: 'webauthn', assertion }, 'PUT');
    const next = new URL(location.href);
    next.searchParams.set('ask', ask.id);
    location.replace(next);
  },
};

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const status = form.querySelector('[role=status]');
  const button = form.querySelector('button');
  button.disabled = false;
  form.addEventListener('submit', async event => {
    event.preventDefault();
    button.disabled = true;
    status.className = 'note';
    try {
      if (!window.PublicKeyCredential) throw new Error(words.none);
      await ways[form.dataset.passkey](form, said => { status.textContent = said; });
    } catch (error) {
      status.className = 'note bad';
      status.textContent = error.name === 'NotAllowedError' ? words.unused
        : error.name === 'InvalidStateError' ? words.twice
        : error.message;
      button.disabled = false;
    }
  });
}
