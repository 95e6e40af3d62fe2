import java.util.HashMap;
import java.util.Map;

/** The command line that every loop has: `--name value` pairs. */
final class Arguments {
    private Arguments() {}

    static Map<String, String> parse(String[] arguments) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            given.put(arguments[i].substring(2), arguments[i + 1]);
        }
        return given;
    }
}
