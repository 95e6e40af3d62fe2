package compat;

import java.time.Duration;
import java.util.Objects;

/** What a running check uses: the broker's address, names of its own, and expectations that can fail. */
final class Check {
    interface Body {
        void run(Check check) throws Exception;
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    final String bootstrap;
    private final String prefix;
    private final String name;

    Check(String bootstrap, String prefix, String name) {
        this.bootstrap = bootstrap;
        this.prefix = prefix;
        this.name = name;
    }

    /** Names a topic or group that belongs to this check alone. */
    String own(String suffix) {
        return prefix + "-" + name.replace('_', '-') + "-" + suffix;
    }

    /** Names a topic or group that two checks of the same run refer to. */
    String shared(String suffix) {
        return prefix + "-" + suffix;
    }

    static void equal(Object got, Object want, String what) {
        if (!Objects.equals(got, want)) {
            throw new AssertionError(what + ": got " + got + ", want " + want);
        }
    }

    static void contains(String text, String part) {
        if (!text.contains(part)) {
            throw new AssertionError("no '" + part + "' in: " + text);
        }
    }

    /** Runs the body, which has to fail with this error or have it as a cause. */
    static void fails(Class<? extends Throwable> want, String what, Check.Condition body) {
        Throwable got = null;
        try {
            body.holds();
        } catch (Throwable error) {
            for (got = error; got != null && !want.isInstance(got); ) {
                got = got.getCause();
            }
            got = got == null ? error : got;
        }
        if (!want.isInstance(got)) {
            throw new AssertionError(what + ": got " + got + ", want " + want.getSimpleName());
        }
    }

    /** Polls until the condition holds. */
    static void until(Duration limit, String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + limit.toSeconds() + " s: " + what);
            }
            Thread.sleep(20);
        }
    }
}
