"""Speaks for WeCom with wechatpy: one JSON request on standard input, one JSON answer on standard output.

{"do": "encrypt", token, key, receive_id, timestamp, nonce, plain}  → {"body": the XML to post, "signature"}
{"do": "decrypt", token, key, receive_id, body: the XML that was answered} → {"plain"}
"""

import json
import sys
import xml.etree.ElementTree as tree

from wechatpy.enterprise.crypto import WeChatCrypto

request = json.load(sys.stdin)
crypto = WeChatCrypto(request["token"], request["key"], request["receive_id"])
if request["do"] == "encrypt":
    body = crypto.encrypt_message(request["plain"], request["nonce"], request["timestamp"])
    answer = {"body": body, "signature": tree.fromstring(body).findtext("MsgSignature")}
else:
    fields = tree.fromstring(request["body"])
    plain = crypto.decrypt_message(
        request["body"], fields.findtext("MsgSignature"), fields.findtext("TimeStamp"), fields.findtext("Nonce")
    )
    answer = {"plain": plain if isinstance(plain, str) else plain.decode()}
json.dump(answer, sys.stdout)
