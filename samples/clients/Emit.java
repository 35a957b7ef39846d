// An outbox: what a system has to report stays in a file until the receipt is in another. Needs a JDK 17 alone.
//
//     YIHU_URL=http://127.0.0.1:8420 YIHU_API_KEY=... java Emit.java education outbox.jsonl
//
// Your program appends each event to outbox.jsonl, a line each, and forces it to the disk. This sends, one after the other,
// what has no line in outbox.jsonl.answers yet: the answer to line n is line n there. It may be killed at any moment: what
// has no whole line of answer is sent again, and the same id gets the same receipt. A door that does not answer is waited
// for, longer each time, and then left for the next start. An event at which the door itself fails (500) is tried as often,
// then has that answer and is said, so that it holds up no other: append its line again when the door is mended.
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

public class Emit {
    static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10)).build();

    static final int TRIES = 6, FAILED = 500;
    static final Set<Integer> BUSY = Set.of(429, 502, 503, 504), WRONG = Set.of(401, 403, 404);
    static final String WAIT_S = System.getenv().getOrDefault("YIHU_WAIT_S", "2"); // doubled each time: a minute in all

    public static void main(String[] args) throws Exception {
        URI door = URI.create(System.getenv("YIHU_URL") + "/" + args[0] + "/events");
        String text = Files.readString(Path.of(args[1]));
        String[] events = text.substring(0, text.lastIndexOf('\n') + 1).lines().toArray(String[]::new); // half a line waits
        try (RandomAccessFile answers = new RandomAccessFile(args[1] + ".answers", "rw")) {
            for (int done = wholeLines(answers); done < events.length; done++) {
                HttpResponse<String> answer = send(door, events[done]);
                String line = "{\"status\":" + answer.statusCode() + ",\"answer\":" + answer.body().strip() + "}\n";
                answers.write(line.getBytes(StandardCharsets.UTF_8));
                answers.getFD().sync();
                System.out.print(line);
            }
        }
    }

    /** Counts the whole lines of a file and cuts off half of one that a crash has left. */
    static int wholeLines(RandomAccessFile file) throws Exception {
        byte[] bytes = new byte[(int) file.length()];
        file.readFully(bytes);
        int lines = 0, end = 0;
        for (int at = 0; at < bytes.length; at++) if (bytes[at] == '\n') { lines++; end = at + 1; }
        file.setLength(end);
        file.seek(end);
        return lines;
    }

    /** Sends an event until there is an answer that counts; without one it may be recorded, so the same goes again. */
    static HttpResponse<String> send(URI door, String event) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(door).timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + System.getenv("YIHU_API_KEY"))
                .header("Content-Type", "application/cloudevents+json")
                .POST(HttpRequest.BodyPublishers.ofString(event)).build();
        for (int tried = 1; ; tried++) {
            try {
                HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
                int status = answer.statusCode();
                if (WRONG.contains(status)) throw new IllegalStateException(answer.body()); // key or address: repair them
                if (status != FAILED && !BUSY.contains(status)) return answer;
                if (status == FAILED && tried == TRIES) {
                    System.err.println("set aside, the door failed at it " + TRIES + " times: " + event);
                    return answer;
                }
            } catch (java.io.IOException again) {
                // no answer
            }
            if (tried == TRIES) throw new IllegalStateException("No answer; all is kept: start this again later.");
            Thread.sleep((long) (1000 * Double.parseDouble(WAIT_S) * (1 << (tried - 1))));
        }
    }
}
