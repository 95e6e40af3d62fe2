import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Apache Kafka's command line tools, one after the other, without a new JVM for each.
 *
 * <p>A line of standard input is a command: fields in base64, apart from each other by a space: what the tool reads
 * from its standard input, the tool's class, its arguments. The answer is a line: exit status, a space, and what the
 * tool printed, standard output and error as they came, in base64.
 */
public final class Tools {
    private static final long HOOK_MS = 10_000;
    private static final List<Thread> HOOKS = new CopyOnWriteArrayList<>();

    private static volatile CompletableFuture<Integer> status;

    private Tools() {}

    public static void main(String[] arguments) throws Exception {
        Exit.setExitProcedure(Tools::exit);
        Exit.setHaltProcedure(Tools::exit);
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(new Thread(hook, name)));
        PrintStream answers = System.out;
        Scanner commands = new Scanner(System.in, StandardCharsets.UTF_8);
        while (commands.hasNextLine()) {
            String[] fields = Arrays.stream(commands.nextLine().split(" ", -1)).map(Tools::decode).toArray(String[]::new);
            answers.println(run(fields[0], fields[1], Arrays.copyOfRange(fields, 2, fields.length)));
            answers.flush();
        }
            }

    private static String run(String input, String tool, String[] arguments) throws Exception {
        InputStream stdin = System.in;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream captured = new PrintStream(printed, true, StandardCharsets.UTF_8);
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        System.setOut(captured);
        System.setErr(captured);
        try {
            status = new CompletableFuture<>();
            Method main = Class.forName(tool).getMethod("main", String[].class);
            Thread thread = new Thread(() -> invoke(main, arguments, captured), tool);
            thread.setDaemon(true);
            thread.start();
            int result = status.get();
            runHooks();
            return result + " " + Base64.getEncoder().encodeToString(printed.toByteArray());
        } finally {
            System.setIn(stdin);
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static void invoke(Method main, String[] arguments, PrintStream captured) {
        CompletableFuture<Integer> mine = status;
        scala.Console.withOut(captured, () -> scala.Console.withErr(captured, () -> {
            try {
                main.invoke(null, (Object) arguments);
                mine.complete(0);
            } catch (InvocationTargetException failure) {
                captured.println(failure.getCause());
                mine.complete(1);
            } catch (IllegalAccessException failure) {
                throw new IllegalStateException(failure);
            }
            return null;
        }));
    }

    private static void runHooks() throws InterruptedException {
        for (Thread hook : HOOKS) {
            hook.setDaemon(true);
            hook.start();
            hook.join(HOOK_MS);
        }
        HOOKS.clear();
    }

    /** Never returns, as exiting would: what comes after it in the tool must not run. */
    private static void exit(int code, String message) {
        status.complete(code);
        while (true) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException again) {
                continue;
            }
        }
    }

    private static String decode(String field) {
        return new String(Base64.getDecoder().decode(field), StandardCharsets.UTF_8);
    }
}
