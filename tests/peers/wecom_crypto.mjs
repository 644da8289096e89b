// WeCom's own JavaScript cryptography as a filter: a JSON line with a task comes in, a JSON line with the result goes out.
// tests/channels/wecom/test_crypto.py starts it: node wecom_crypto.mjs INSTALLED/package.json
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { decrypt, encrypt, getSignature } = createRequire(process.argv[2])("@wecom/crypto");

const tasks = {
  sign: ({ token, timestamp, nonce, encrypted }) => getSignature(token, timestamp, nonce, encrypted),
  encrypt: ({ key, text, id }) => encrypt(key, text, id),
  decrypt: ({ key, encrypted }) => {
    const { message, id, random } = decrypt(key, encrypted);
    return { text: message, id, random: random.toString("hex") };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(tasks[task.do](task))}\n`);
}
