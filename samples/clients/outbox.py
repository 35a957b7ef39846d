"""An outbox: what a system has to report lies in a file of its own until the receipt is there too. Needs Python alone.

    python outbox.py outbox.db put < events.jsonl      # in your own transaction, in your own program: put(db, event)
    YIHU_URL=http://127.0.0.1:8420 YIHU_API_KEY=... python outbox.py outbox.db send      # again and again, as from cron

It may be killed at any moment: what has no receipt is sent again, and the same id gets the same receipt.
"""

import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.request

TABLE = "CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, event TEXT NOT NULL, status INTEGER, answer TEXT)"


def put(db, event):
    """Keep an event, in the transaction that `db` is in: it will be sent if, and only if, that commits."""
    db.execute("INSERT OR IGNORE INTO outbox (id, event) VALUES (?, ?)", (event["id"], json.dumps(event)))


def send(db):
    """Send what has no answer yet, in order, in batches; keep a receipt or the reasons for each."""
    while rows := db.execute("SELECT id, event FROM outbox WHERE status IS NULL ORDER BY rowid LIMIT 500").fetchall():
        department = json.loads(rows[0][1])["type"].partition(".")[0]
        answers = post(
            f"{os.environ['YIHU_URL']}/{department}/events", "[" + ",".join(event for _, event in rows) + "]"
        )
        for (key, _), answer in zip(rows, answers, strict=True):
            if answer["status"] in (429, 500, 503):  # not promised: it stays, and is sent again
                continue
            said = json.dumps(answer.get("receipt") or answer["problem"], ensure_ascii=False)
            db.execute("UPDATE outbox SET status = ?, answer = ? WHERE id = ?", (answer["status"], said, key))
        db.commit()
        if any(answer["status"] in (429, 500, 503) for answer in answers):
            time.sleep(2)


def post(url, body):
    """Return the answers to a batch; no answer means that it may be recorded, so the same is sent again."""
    kind = {
        "Content-Type": "application/cloudevents-batch+json",
        "Authorization": f"Bearer {os.environ['YIHU_API_KEY']}",
    }
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body.encode(), kind), timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 500, 503):
                sys.exit(error.read().decode())  # key, address or program are wrong: repair, then send again
            time.sleep(2)
        except (OSError, ValueError):
            time.sleep(2)


if __name__ == "__main__":
    database = sqlite3.connect(sys.argv[1])
    database.execute("PRAGMA synchronous = FULL")
    database.execute(TABLE)
    if sys.argv[2] == "put":
        for line in sys.stdin:
            put(database, json.loads(line))
        database.commit()
    else:
        send(database)
        for _, status, said in database.execute("SELECT id, status, answer FROM outbox ORDER BY rowid"):
            print(json.dumps({"status": status, "answer": json.loads(said)}, ensure_ascii=False))
