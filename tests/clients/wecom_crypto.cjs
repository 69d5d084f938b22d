// Speaks for WeCom with @wecom/crypto: one JSON request on standard input, one JSON answer on standard output.
//
// {do: 'encrypt', token, key, receive_id, timestamp, nonce, plain} → {encrypt, signature}
// {do: 'decrypt', token, key, encrypt, timestamp, nonce, signature} → {plain, receive_id}

const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const { decrypt, encrypt, getSignature } = createRequire(`${process.argv[2]}/`)('@wecom/crypto');

const request = JSON.parse(readFileSync(0, 'utf8'));
const sign = (text) => getSignature(request.token, request.timestamp, request.nonce, text);
let answer;
if (request.do === 'encrypt') {
  const text = encrypt(request.key, request.plain, request.receive_id);
  answer = { encrypt: text, signature: sign(text) };
} else {
  if (sign(request.encrypt) !== request.signature) throw new Error('the signature of the answer is wrong');
  const { message, id } = decrypt(request.key, request.encrypt);
  answer = { plain: message, receive_id: id };
}
process.stdout.write(JSON.stringify(answer));
