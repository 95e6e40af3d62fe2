package compat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.utils.Exit;

/**
 * One of Kafka's command line tools, run by its main method in this process: a Java virtual machine for each of some
 * forty calls would take most of a minute. Output, exit status and shutdown hooks are the tool's own, kept apart by
 * thread.
 */
final class Tool {
    private static final InheritableThreadLocal<Tool> CURRENT = new InheritableThreadLocal<>();

    @SuppressWarnings("serial")
    private static final class Exited extends RuntimeException {
        Exited() {
            super("exit", null, false, false);
        }
    }

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final List<Runnable> hooks = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile int status;
    private volatile boolean exited;

    private Tool(String name, String... arguments) {
        thread = new Thread(() -> {
            CURRENT.set(this);
            try {
                Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) arguments);
            } catch (InvocationTargetException thrown) {
                if (!exited) {
                    status = 1;
                    thrown.getCause().printStackTrace();
                }
            } catch (ReflectiveOperationException wrong) {
                status = 2;
                wrong.printStackTrace();
            }
        });
        thread.setDaemon(true);
    }

    /** From now on what is printed goes to the tool that prints it, and tools exit without ending the process. */
    static void capture() {
        PrintStream split = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                Tool tool = CURRENT.get();
                if (tool != null && !tool.exited) {
                    tool.output.write(bytes, from, length);
                }
            }
        }, true, StandardCharsets.UTF_8);
        System.setOut(split);
        System.setErr(split);
        Exit.setExitProcedure(Tool::exit);
        Exit.setHaltProcedure(Tool::exit);
        Exit.setShutdownHookAdder((name, hook) -> {
            Tool tool = CURRENT.get();
            if (tool != null) {
                tool.hooks.add(hook);
            }
        });
    }

    private static void exit(int status, String message) {
        Tool tool = CURRENT.get();
        if (tool != null && !tool.exited) { // some tools catch the exception below and exit again
            if (message != null) {
                tool.output.writeBytes(message.getBytes(StandardCharsets.UTF_8));
            }
            tool.status = status;
            tool.exited = true;
        }
        throw new Exited();
    }

    /** Starts a tool; its name is that of the class after org.apache.kafka.tools, or a full class name. */
    static Tool start(String name, String... arguments) {
        Tool tool = new Tool(name.startsWith("kafka.") ? name : "org.apache.kafka.tools." + name, arguments);
        tool.thread.start();
        return tool;
    }

    /** Runs a tool to its end, which must be exit status 0, and returns what it printed. */
    static String run(String name, String... arguments) throws InterruptedException {
        return start(name, arguments).finish(0);
    }

    /** Runs a tool that reads the text as its standard input. */
    static String runWithInput(String input, String name, String... arguments) throws InterruptedException {
        java.io.InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return run(name, arguments);
        } finally {
            System.setIn(before);
        }
    }

    /** Waits for its end, runs its shutdown hooks, checks the exit status, and returns what it printed. */
    String finish(int wantedStatus) throws InterruptedException {
        thread.join(45_000);
        if (thread.isAlive()) {
            throw new AssertionError("the tool did not end: " + output());
        }
        runHooks();
        if (status != wantedStatus) {
            throw new AssertionError("exit status " + status + ": " + output());
        }
        return output();
    }

    private void runHooks() throws InterruptedException {
        List<Runnable> todo = List.copyOf(hooks);
        hooks.clear();
        Thread runner = new Thread(() -> {
            CURRENT.set(this);
            exited = false; // hooks may print
            todo.forEach(Runnable::run);
        });
        runner.start();
        runner.join(20_000);
    }

    String output() {
        return output.toString(StandardCharsets.UTF_8);
    }

    static String file(String content) throws IOException {
        java.nio.file.Path path = java.nio.file.Files.createTempFile("compat", ".txt");
        path.toFile().deleteOnExit();
        java.nio.file.Files.writeString(path, content);
        return path.toString();
    }
}
