package compat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command line tool in a process of its own, for those that end it themselves or wait for SIGTERM. */
final class ToolProcess implements AutoCloseable {
    private final Process process;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final Thread reader;

    private ToolProcess(Process process) {
        this.process = process;
        reader = new Thread(() -> {
            try {
                process.getInputStream().transferTo(output);
            } catch (IOException closed) { // the process has ended
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    static ToolProcess start(String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java"),
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
            "-cp", System.getProperty("java.class.path"), "org.apache.kafka.tools." + name));
        command.addAll(List.of(arguments));
        return new ToolProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** Waits for its end, which must be exit status 0, and returns what it printed. */
    String finish() throws InterruptedException {
        if (!process.waitFor(40, TimeUnit.SECONDS)) {
            throw new AssertionError("the tool did not end: " + output());
        }
        reader.join(5000);
        if (process.exitValue() != 0) {
            throw new AssertionError("exit status " + process.exitValue() + ": " + output());
        }
        return output();
    }

    /** Sends SIGTERM, waits for the end, and returns what it printed. */
    String stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new AssertionError("the tool did not stop: " + output());
        }
        reader.join(5000);
        return output();
    }

    String output() {
        return output.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
