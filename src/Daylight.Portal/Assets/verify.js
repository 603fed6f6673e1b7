// Checks the log in the reader's own browser. One entry: commitment, inclusion (RFC 9162 §2.1.3.2), the log's signature and the keyholder's cosignature. The whole: that it
// still begins with what this browser remembers of it.
const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const text = (string) => new TextEncoder().encode(string);
const concat = (...parts) => { const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0)); let at = 0; for (const p of parts) { all.set(p, at); at += p.length; } return all; };
const sha = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
const same = (a, b) => a.length === b.length && a.every((v, i) => v === b[i]);
const node = (left, right) => sha(Uint8Array.of(1), left, right);

async function leadsTo(index, size, leaf, path) {
  let fn = BigInt(index), sn = BigInt(size) - 1n, hash = leaf;
  for (const p of path) {
    if (sn === 0n) return null;
    if ((fn & 1n) === 1n || fn === sn) {
      hash = await node(p, hash);
      while ((fn & 1n) === 0n && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    } else {
      hash = await node(hash, p);
    }
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n ? hash : null;
}

function readProof(file) {
  const split = file.indexOf("\n\n");
  const head = file.slice(0, split).split("\n");
  const note = file.slice(split + 2);
  const at = note.lastIndexOf("\n\n");
  const body = note.slice(0, at + 1);
  const [origin, size, root] = body.split("\n");
  return { index: head[1].slice(6), path: head.slice(2).map(bytes), body, origin, size, root: bytes(root), lines: note.slice(at + 2).split("\n").filter(Boolean) };
}

async function signed(proof, vkey) {
  const [name, id, key] = [vkey.slice(0, vkey.indexOf("+")), vkey.slice(vkey.indexOf("+") + 1).slice(0, 8), bytes(vkey.slice(vkey.indexOf("+") + 10))];
  for (const line of proof.lines) {
    const [, who, value] = line.split(" ");
    const raw = bytes(value);
    const lineId = [...raw.slice(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join("");
    if (who !== name || lineId !== id) continue;
    const publicKey = await crypto.subtle.importKey("raw", key.slice(1), { name: "Ed25519" }, false, ["verify"]);
    let signature = raw.slice(4), message = text(proof.body);
    if (key[0] === 4) {
      const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
      message = concat(text(`cosignature/v1\ntime ${time}\n`), message);
      signature = signature.slice(8);
    }
    return crypto.subtle.verify({ name: "Ed25519" }, publicKey, signature, message);
  }
  return false;
}

const fill = (words, ...values) => words.replace(/\{(\d)\}/g, (_, n) => values[n]);

async function verify(list) {
  const [verdict, words] = [document.getElementById("verdict"), list.dataset];
  const say = (name, good, more) => { const item = list.querySelector(`[data-step=${name}]`); item.className = good ? "ok" : "no"; if (more) item.append(" — " + more); return good; };
  const response = await fetch(words.proof);
  if (!response.ok) { say(list.firstElementChild.dataset.step, false, words.none); verdict.textContent = verdict.dataset.bad; return; }
  const given = await response.json();
  const entry = bytes(given.entry);
  if (given.opening) {
    const publicPart = JSON.parse(new TextDecoder().decode(entry));
    const commitment = await sha(bytes(given.opening.salt), text(given.opening.json));
    say("opening", same(commitment, bytes(publicPart.commitments.subject)));
  }
  const proof = readProof(given.proof);
  const root = await leadsTo(proof.index, proof.size, await sha(Uint8Array.of(0), entry), proof.path);
  say("inclusion", proof.index === words.entry && root !== null && same(root, proof.root), fill(words.where, proof.index, proof.size));
  try {
    say("log", await signed(proof, given.logKey), given.logKey.slice(0, given.logKey.indexOf("+")));
    say("witness", await signed(proof, given.witnessKey), given.witnessKey.slice(0, given.witnessKey.indexOf("+")));
  } catch (error) {
    for (const step of ["log", "witness"]) say(step, false, words.keys);
  }
  verdict.textContent = [...list.children].every((i) => i.className === "ok") ? verdict.dataset.good : verdict.dataset.bad;
}

// Whether the root of a size comes of the root of an earlier one by appending alone (RFC 9162 §2.1.4.2).
async function grewFrom(size, root, newSize, newRoot, path) {
  let fn = BigInt(size) - 1n, sn = BigInt(newSize) - 1n, at = 0;
  while ((fn & 1n) === 1n) { fn >>= 1n; sn >>= 1n; }
  let [older, newer] = fn === 0n ? [root, root] : [path[0], path[at++]];
  if (!older) return false;
  for (const p of path.slice(at)) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      [older, newer] = [await node(p, older), await node(p, newer)];
      while ((fn & 1n) === 0n && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    } else {
      newer = await node(newer, p);
    }
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n && same(older, root) && same(newer, newRoot);
}

// What this browser remembers of a log is compared with what the log is now, and only a log that still begins with it is remembered in its place.
async function growth(place) {
  const [now, note, name] = [place.dataset, place.parentElement.querySelector("[data-note]"), `daylight-log ${place.dataset.origin}`];
  const say = (what, ...values) => { place.textContent = now[what]; place.dataset.is = what; note.textContent = fill(note.dataset[what], ...values); note.classList.toggle("bad", what === "broken" || what === "failed"); };
  const keep = () => localStorage.setItem(name, JSON.stringify({ size: now.size, root: now.root }));
  const known = JSON.parse(localStorage.getItem(name) ?? "null");
  if (!known) { keep(); say("first"); return; }
  if (known.size === now.size) { say(known.root === now.root ? "same" : "broken", known.size); return; }
  if (BigInt(known.size) > BigInt(now.size)) { say("broken", known.size); return; }
  const response = await fetch(`/api/v1/log/consistency?from=${known.size}`);
  if (!response.ok) { say("failed"); return; }
  const given = await response.json();
  const [, size, root] = given.checkpoint.split("\n");
  if (!await grewFrom(known.size, bytes(known.root), size, bytes(root), given.consistency.map(bytes))) { say("broken", known.size); return; }
  localStorage.setItem(name, JSON.stringify({ size, root }));
  say("grew", known.size, size);
}

const list = document.getElementById("steps");
if (list) verify(list).catch(() => { const verdict = document.getElementById("verdict"); verdict.textContent = verdict.dataset.failed; });
const place = document.getElementById("growth");
if (place) growth(place).catch(() => { place.textContent = place.dataset.failed; });
