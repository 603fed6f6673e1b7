// A real identity provider (oidc-provider, certified) for one client: node provider.mjs PORT PORTAL. Whoever signs in as NAME there has the address NAME@acme.example.
import Provider from 'oidc-provider';

const [port, portal] = process.argv.slice(2);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: 'daylight', client_secret: 'a secret of the tests', redirect_uris: [`${portal}/sign-in/oidc/callback`], post_logout_redirect_uris: [`${portal}/sign-in`] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
  cookies: { keys: ['of the tests'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@acme.example`, email_verified: true, name: id, groups: ['staff'] }) }),
});
provider.listen(Number(port), () => console.log('ready: provider'));
