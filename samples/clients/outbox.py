"""An outbox: what a system has to report lies in a file of its own until the receipt is there too. Needs Python alone.

    python outbox.py outbox.db put < events.jsonl      # in your own transaction, in your own program: put(db, event)
    YIHU_URL=http://127.0.0.1:8420 YIHU_API_KEY=... python outbox.py outbox.db send      # again and again, as from cron
    python outbox.py outbox.db again                   # what was set aside is sent once more, when the door is mended

It may be killed at any moment: what has no receipt is sent again, and the same id gets the same receipt. A door that
does not answer is waited for, longer each time, and then left for the next start: all is kept. An event at which the
door itself fails (500) is tried as often, then set aside and said, so that it holds up no other.
"""

import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.request

TABLE = """CREATE TABLE IF NOT EXISTS outbox
    (id TEXT PRIMARY KEY, event TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, status INTEGER, answer TEXT)"""
TRIES = 6
WAIT_S = float(os.environ.get("YIHU_WAIT_S", "2"))  # doubled each time: a minute in all
BUSY, FAILED = (429, 503), 500


def put(db, event):
    """Keep an event, in the transaction that `db` is in: it will be sent if, and only if, that commits."""
    db.execute("INSERT OR IGNORE INTO outbox (id, event) VALUES (?, ?)", (event["id"], json.dumps(event)))


def send(db):
    """Send what has no answer yet, in order, in batches; keep a receipt or the reasons for each."""
    open_, silent = "SELECT id, event, tries FROM outbox WHERE status IS NULL ORDER BY rowid LIMIT 500", 0
    while rows := db.execute(open_).fetchall():
        department = json.loads(rows[0][1])["type"].partition(".")[0]
        body = "[" + ",".join(event for _, event, _ in rows) + "]"
        answers = post(f"{os.environ['YIHU_URL']}/{department}/events", body) or [{"status": 503}] * len(rows)
        silent = silent + 1 if all(answer["status"] in BUSY for answer in answers) else 0
        if silent == TRIES:
            sys.exit(f"No answer to {len(rows)} events; all are kept: start this again later.")
        wait = 0
        for (key, _, tries), answer in zip(rows, answers, strict=True):
            status = answer["status"]
            if status in BUSY or (status == FAILED and tries + 1 < TRIES):  # not promised: it stays, and is sent again
                db.execute("UPDATE outbox SET tries = tries + ? WHERE id = ?", (status == FAILED, key))
                wait = max(wait, silent, tries + 1)
                continue
            said = json.dumps(answer.get("receipt") or answer["problem"], ensure_ascii=False)
            db.execute("UPDATE outbox SET status = ?, answer = ? WHERE id = ?", (status, said, key))
        db.commit()
        if wait:
            time.sleep(WAIT_S * 2 ** (wait - 1))


def post(url, body):
    """Return the answers to a batch, None without one: it may be recorded, so the same is sent again."""
    kind = {
        "Content-Type": "application/cloudevents-batch+json",
        "Authorization": f"Bearer {os.environ['YIHU_API_KEY']}",
    }
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body.encode(), kind), timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code < FAILED and error.code not in BUSY:
            sys.exit(error.read().decode())  # key, address or program are wrong: repair, then send again
    except (OSError, ValueError):
        pass
    return None


if __name__ == "__main__":
    database = sqlite3.connect(sys.argv[1])
    database.execute("PRAGMA synchronous = FULL")
    database.execute(TABLE)
    if sys.argv[2] == "put":
        for line in sys.stdin:
            put(database, json.loads(line))
    elif sys.argv[2] == "again":
        database.execute("UPDATE outbox SET status = NULL, answer = NULL, tries = 0 WHERE status = ?", (FAILED,))
    else:
        send(database)
        for key, status, said in database.execute("SELECT id, status, answer FROM outbox ORDER BY rowid"):
            print(json.dumps({"status": status, "answer": json.loads(said)}, ensure_ascii=False))
            if status == FAILED:
                print(f"set aside, the door failed at it {TRIES} times: {key}", file=sys.stderr)
    database.commit()
