import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import javax.security.auth.x500.X500Principal;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;

/** Prints, for each line `name HEX` or `rule HEX HEX` of a file, what Java makes of a Name in DER, or Apache Kafka of rules and a name. */
public class Principals {
    public static void main(String[] args) throws Exception {
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            String[] parts = line.split(" ", -1);
            byte[] first = HexFormat.of().parseHex(parts[1]);
            String result;
            try {
                if (parts[0].equals("name")) {
                    result = new X500Principal(first).getName();
                } else {
                    String rules = new String(first, StandardCharsets.UTF_8);
                    String name = new String(HexFormat.of().parseHex(parts[2]), StandardCharsets.UTF_8);
                    result = SslPrincipalMapper.fromRules(rules).getName(name);
                }
                System.out.println("ok " + HexFormat.of().formatHex(result.getBytes(StandardCharsets.UTF_8)));
            } catch (Exception error) {
                System.out.println("error " + error.getClass().getSimpleName());
            }
        }
    }
}
