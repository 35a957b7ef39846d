// An outbox: what a system has to report stays in a file until the receipt is in another. Needs a JDK 17 alone.
//
//     YIHU_URL=http://127.0.0.1:8420 YIHU_API_KEY=... java Emit.java education outbox.jsonl
//
// Your program appends each event to outbox.jsonl, a line each, and forces it to the disk. This sends, one after the other,
// what has no line in outbox.jsonl.answers yet: the answer to line n is line n there. It may be killed at any moment: what
// has no whole line of answer is sent again, and the same id gets the same receipt.
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
        while (true) {
            try {
                HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
                if (Set.of(401, 403, 404).contains(answer.statusCode())) throw new IllegalStateException(answer.body());
                if (!Set.of(429, 500, 503).contains(answer.statusCode())) return answer;
            } catch (java.io.IOException again) {
                // no answer
            }
            Thread.sleep(2000);
        }
    }
}
